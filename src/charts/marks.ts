import type { Measurement } from "../measurements/measurement.ts";
import type { Annotation, Side } from "./annotations.ts";
import { formatFixed } from "../lib/text/number.ts";
import { formatAxisNumber } from "./axis-number.ts";
import { LINE_HEIGHT } from "./frame.ts";
import { drawLabel, type Label } from "./labels.ts";
import { heightOf, type Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import type { Summary } from "../measurements/series.ts";
import { SIZES } from "./theme.ts";

/** A line's numbers, and how they are written. */
export interface MarkedLine {
  readonly axis: Axis;
  readonly measurement: Pick<Measurement, "unit" | "decimals">;
  readonly summary: Summary;
  /** See `Trace`. */
  readonly lineEndsAt: number | null;
  readonly colour: string;
  /** Whether the picture has no other line. */
  readonly isAlone: boolean;
}

/** A number of a line that is pointed out: its label, with what says where it is. */
export interface Mark {
  readonly line: MarkedLine;
  readonly label: Label;
}

/** Room between a mark and its label. */
const APART = SIZES.mark * 1.5;

/** The newest number of each line, to the right of the line, where there is nothing else; one below the other where they are close. */
export function newestMarks(lines: readonly MarkedLine[], { theme, height }: Plot): Mark[] {
  const found = lines
    .flatMap((line) => {
      const { lineEndsAt: at } = line;
      const { last: value } = line.summary;
      return value === null || at === null ? [] : [{ line, value, at, y: heightOf(value, line.axis) * height }];
    })
    .toSorted((a, b) => a.y - b.y);
  const spread = spreadOut(
    found.map(({ y }) => y),
    height,
  );
  return found.map(({ line, value, at, y }, i): Mark => ({
    line,
    label: {
      text: numberText(value, line),
      colour: line.isAlone ? theme.text : line.colour,
      isBold: true,
      at,
      axis: line.axis,
      value,
      side: { x: "start", y: "center" },
      dx: APART,
      dy: (spread[i] ?? y) - y,
    },
  }));
}

/** The middles of lines of text, in order, moved down and then up again until none covers another or an end of the plot. */
function spreadOut(middles: readonly number[], height: number): number[] {
  const spread = [...middles];
  let above = -LINE_HEIGHT / 2;
  for (let i = 0; i < spread.length; i++) {
    spread[i] = Math.max(spread[i]!, above + LINE_HEIGHT);
    above = spread[i]!;
  }
  let below = height + LINE_HEIGHT / 2;
  for (let i = spread.length - 1; i >= 0; i--) {
    spread[i] = Math.min(spread[i]!, below - LINE_HEIGHT);
    below = spread[i]!;
  }
  return spread;
}

/**
 * Where the labels of the highest and the lowest number may stand: above and below the line, where it is not. A flat line has
 * none, and of several lines none is told.
 */
export function extremeLabels(line: MarkedLine, { theme }: Plot): Label[][] {
  const { min, minAt, max, maxAt } = line.summary;
  if (min === null || minAt === null || max === null || maxAt === null || max === min || !line.isAlone) return [];
  const labels = (name: string, at: number, value: number, y: Side): Label[] => {
    const label = {
      text: `${name} ${numberText(value, line)}`,
      colour: theme.text,
      isBold: false,
      at,
      axis: line.axis,
      value,
    };
    return [
      ...(["center", "end", "start"] as const).map((x) => ({
        ...label,
        side: { x, y },
        dx: 0,
        dy: y === "end" ? -APART : APART,
      })),
      // Beside it, where there is something above and below.
      ...(["start", "end"] as const).map((x) => ({
        ...label,
        side: { x, y: "center" as const },
        dx: x === "start" ? APART : -APART,
        dy: 0,
      })),
    ];
  };
  return [labels("max", maxAt, max, "end"), labels("min", minAt, min, "start")];
}

/** How a number of a line is written on the picture: with its own power of ten, as the line may have one that is far larger. */
function numberText(value: number, { summary, measurement: { unit, decimals } }: MarkedLine): string {
  const suffix = unit === null ? "" : ` ${unit}`;
  if (decimals !== null) return `${formatFixed(value, decimals)}${suffix}`;
  const size = Math.abs(value);
  const range = (summary.max ?? value) - (summary.min ?? value);
  // A hundredth of the range is about what the eye tells apart on the picture; a flat line has no range.
  const visible = range > 0 ? range / 100 : size / 10_000;
  const step = 10 ** Math.floor(Math.log10(size < visible ? size / 100 : visible));
  return `${formatAxisNumber(value, { largest: size, step })}${suffix}`;
}

/** The label of a mark, and its dot: filled for the newest number. */
export function drawMark({ line: { colour }, label }: Mark, isNewest: boolean, plot: Plot): Annotation[] {
  const { theme, scale } = plot;
  return [
    {
      type: "point",
      yScaleID: label.axis.id,
      xValue: label.at,
      yValue: label.value,
      radius: SIZES.mark * scale,
      backgroundColor: isNewest ? colour : theme.background,
      borderColor: colour,
      borderWidth: (SIZES.line - 1) * scale,
    },
    drawLabel(label, plot),
  ];
}
