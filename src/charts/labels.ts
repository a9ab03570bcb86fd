import type { LabelAnnotation, Side } from "./annotations.ts";
import { widthAt } from "./fonts.ts";
import { LINE_HEIGHT } from "./frame.ts";
import { heightOf, type Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { firstFrom, type Series } from "../measurements/series.ts";
import { fontOf, SIZES } from "./theme.ts";

/** A text on the plot, and where. */
export interface Label {
  readonly text: string;
  readonly colour: string;
  readonly isBold: boolean;
  /** The place that it is about: an instant, and a value of an axis. */
  readonly at: number;
  readonly axis: Axis;
  readonly value: number;
  /** Which side of the label is there… */
  readonly side: { readonly x: Side; readonly y: Side };
  /** …and by how much it is moved from there; pixels at full scale. */
  readonly dx: number;
  readonly dy: number;
}

/** What a label takes of the plot; pixels at full scale, from the top left. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Finds labels their places: within the plot, and each where those before it are not. */
export interface Places {
  /** The best of some places for one label, of equal ones the first; `null`: none is free. */
  find(candidates: readonly Label[], wish?: Wish): Label | null;
  /** Takes a place, free or not. */
  take(label: Label): void;
}

/** What a label asks of its place. */
interface Wish {
  /** How much it would hide there. */
  readonly cost?: (box: Box, label: Label) => number;
  /** The height of the limit's line that it names: no other is to be nearer. */
  readonly line?: number;
  /** How far it is to be from others, sideways. */
  readonly apart?: number;
  /** Where it has to be, from top to bottom; on the plot if left out. */
  readonly zone?: { readonly top: number; readonly bottom: number };
}

/** By so much, to be seen at a glance. */
const CLEARLY = SIZES.dayGrid * 2;
/** Between texts beside each other. */
const APART = SIZES.space / 2;
/** A line through its letters is worse than any number that a label hides. */
const CROSSED = 1e6;

/**
 * Creates the places of a picture.
 * @param lines the heights of the limits' lines
 */
export function createPlaces(plot: Plot, lines: readonly number[]): Places {
  const taken: Box[] = [];
  const onPlot = { top: 0, bottom: plot.height };
  const isFree = (box: Box, { zone = onPlot, apart = APART }: Wish): boolean =>
    box.left >= 0 &&
    box.right <= plot.width &&
    box.top >= zone.top &&
    box.bottom <= zone.bottom &&
    taken.every(
      (other) =>
        box.right + apart <= other.left ||
        other.right + apart <= box.left ||
        box.bottom <= other.top ||
        other.bottom <= box.top,
    );
  const isNearest = (box: Box, line: number): boolean =>
    lines.every((other) => other === line || distanceOf(box, other) > distanceOf(box, line) + CLEARLY);
  const costOf = (box: Box, label: Label, { cost, line }: Wish): number => {
    const crossed = line === undefined ? lines.filter((other) => distanceOf(box, other) === 0).length : 0;
    return crossed * CROSSED + (cost?.(box, label) ?? 0);
  };
  const take = (label: Label): void => void taken.push(boxOf(label, plot));
  return {
    find(candidates, wish = {}) {
      const { line } = wish;
      const [best] = candidates
        .map((label) => ({ label, box: boxOf(label, plot) }))
        .filter(({ box }) => isFree(box, wish) && (line === undefined || isNearest(box, line)))
        .map(({ label, box }) => ({ label, cost: costOf(box, label, wish) }))
        .toSorted((a, b) => a.cost - b.cost);
      if (best) take(best.label);
      return best?.label ?? null;
    },
    take,
  };
}

/** How far a line across the plot is from the letters in a box; 0: it goes through. */
const distanceOf = ({ top, bottom }: Box, line: number): number =>
  Math.max(0, top + LETTERS_INSET - line, line - bottom + LETTERS_INSET);

/** Above and below the letters of a line of text there is room. */
const LETTERS_INSET = SIZES.text / 5;

/** What a label takes. */
function boxOf({ text, isBold, at, axis, value, side, dx, dy }: Label, plot: Plot): Box {
  const [width, height] = [widthOf(text, isBold), LINE_HEIGHT];
  // A label is placed with the rim around its letters.
  const left = xOf(at, plot) + dx - width * SHARES[side.x] + SIZES.rim * (0.5 - SHARES[side.x]);
  const top = heightOf(value, axis) * plot.height + dy - height * SHARES[side.y] + SIZES.rim * (0.5 - SHARES[side.y]);
  return { left, right: left + width, top, bottom: top + height };
}

/** How many numbers of a series in order are drawn within a box. */
export function entriesIn(box: Box, { times, values }: Series, axis: Axis, plot: Plot): number {
  const atOf = (x: number): number => plot.startAt + (x / plot.width) * (plot.endAt - plot.startAt);
  const end = firstFrom(times, atOf(box.right));
  let count = 0;
  for (let i = firstFrom(times, atOf(box.left)); i < end; i++) {
    const y = heightOf(values[i]!, axis) * plot.height;
    if (y >= box.top && y <= box.bottom) count++;
  }
  return count;
}

const SHARES: Readonly<Record<Side, number>> = { start: 0, center: 0.5, end: 1 };

/** Where an instant is; pixels at full scale from the left of the plot. */
export const xOf = (at: number, { startAt, endAt, width }: Plot): number =>
  ((at - startAt) / (endAt - startAt || 1)) * width;

/** How wide a text of the usual size is; pixels at full scale. */
export const widthOf = (text: string, isBold = false): number => widthAt(text, SIZES.text, isBold ? "bold" : "normal");

/** The label as chartjs-plugin-annotation draws it. */
export function drawLabel({ text, colour, isBold, at, axis, value, side, dx, dy }: Label, plot: Plot): LabelAnnotation {
  return {
    ...lettering(plot),
    yScaleID: axis.id,
    xValue: at,
    yValue: value,
    content: text,
    color: colour,
    font: fontOf("text", plot.scale, isBold ? "bold" : "normal"),
    position: side,
    xAdjust: dx * plot.scale,
    yAdjust: dy * plot.scale,
  };
}

/** What stands in the middle of a picture without numbers. */
export function emptyNote(plot: Plot): LabelAnnotation {
  return {
    ...lettering(plot),
    content: "No numbers in this period",
    color: plot.theme.quietText,
    font: fontOf("title", plot.scale),
    position: { x: "center", y: "center" },
    xAdjust: 0,
    yAdjust: 0,
  };
}

/** A rim of the background around the letters hides less of a line than a box would. */
const lettering = ({ theme, scale }: Plot) =>
  ({ type: "label", padding: 0, textStrokeColor: theme.background, textStrokeWidth: SIZES.rim * scale }) as const;
