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

export interface LabelAnnotation {
  readonly type: "label";
  readonly yScaleID?: string;
  /** Without values the label stands in the middle of the plot. */
  readonly xValue?: number;
  readonly yValue?: number;
  readonly content: string;
  readonly color: string;
  readonly font: ReturnType<typeof fontOf>;
  readonly padding: number;
  /** What surrounds the letters, so that they can be read on top of anything. */
  readonly textStrokeColor: string;
  readonly textStrokeWidth: number;
  /** Which side of the label is at the value. */
  readonly position: { readonly x: Side; readonly y: Side };
  readonly xAdjust: number;
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
  /** Below what was measured. */
  readonly drawTime: "beforeDatasetsDraw";
}

/** A time, over the full height of the plot. */
interface BoxAnnotation {
  readonly type: "box";
  readonly xMin: number;
  readonly xMax: number;
  readonly yScaleID: string;
  readonly backgroundColor: string;
  readonly borderWidth: 0;
  /** Below lines and grid. */
  readonly drawTime: "beforeDatasetsDraw";
}
