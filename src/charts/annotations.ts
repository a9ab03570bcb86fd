import type { ChartType } from "chart.js";
import type { fontOf } from "./theme.ts";

/** The part of chartjs-plugin-annotation's options that we use. */

declare module "chart.js" {
  // chartjs-plugin-annotation says this too, but its types cannot be resolved from an ES module.
  interface PluginOptionsByType<TType extends ChartType> {
    annotation: TType extends ChartType
      ? { readonly annotations: readonly Annotation[]; readonly clip: boolean }
      : never;
  }
}

export type Annotation = PointAnnotation | LabelAnnotation | LineAnnotation | BoxAnnotation;

type Font = ReturnType<typeof fontOf>;
export type Side = "start" | "center" | "end";

interface PointAnnotation {
  readonly type: "point";
  readonly yScaleID: string;
  readonly xValue: number;
  readonly yValue: number;
  readonly radius: number;
  readonly backgroundColor: string;
  readonly borderColor: string;
  readonly borderWidth: number;
}

interface LabelAnnotation {
  readonly type: "label";
  readonly yScaleID?: string;
  /** Without values the label stands in the middle of the plot. */
  readonly xValue?: number;
  readonly yValue?: number;
  readonly content: string;
  readonly color: string;
  readonly backgroundColor: string;
  readonly font: Font;
  readonly padding: number;
  /** Which side of the label is at the value. */
  readonly position: { readonly x: Side; readonly y: Side };
  readonly yAdjust: number;
}

/** A line across the plot at one value of one axis. */
export interface LineAnnotation {
  readonly type: "line";
  readonly scaleID: string;
  readonly value: number;
  readonly borderColor: string;
  readonly borderWidth: number;
  readonly borderDash?: readonly number[];
  readonly label?: {
    readonly display: true;
    readonly content: string;
    readonly position: Side;
    readonly yAdjust?: number;
    readonly xAdjust?: number;
    readonly color: string;
    readonly backgroundColor: string;
    readonly font: Font;
    readonly padding: number;
  };
}

/** A time, over the full height of the plot. */
interface BoxAnnotation {
  readonly type: "box";
  readonly xMin: number;
  readonly xMax: number;
  readonly backgroundColor: string;
  readonly borderWidth: 0;
  /** Below lines and grid. */
  readonly drawTime: "beforeDatasetsDraw";
  readonly label?: {
    readonly display: true;
    readonly content: string;
    readonly position: { readonly x: Side; readonly y: Side };
    readonly color: string;
    readonly font: Font;
  };
}
