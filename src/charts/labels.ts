import type { LabelAnnotation, Side } from "./annotations.ts";
import { heightOf, type Axis } from "./layout.ts";
import type { Plot } from "./request.ts";
import { firstFrom, type Series } from "./series.ts";
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

/** The width of a plot at most, and about its height, in a picture of 1280 × 720: the numbers beside it may leave less. */
export const PLOT_WIDTH = 1_000;
export const PLOT_HEIGHT = 510;
export const LINE_HEIGHT = SIZES.text * 1.2;

/** Finds labels their places, each where those before it are not. */
export interface Places {
  /** The first of some places for one label that is free, within the plot, and where `cost` is least; `null`: none is free. */
  find(candidates: readonly Label[], cost?: (box: Box) => number): Label | null;
  /** Takes a place, free or not. */
  take(label: Label): void;
}

/** Creates the places of a picture. */
export function createPlaces(plot: Plot): Places {
  const taken: Box[] = [];
  const isFree = (box: Box): boolean =>
    box.left >= 0 &&
    box.right <= plot.width &&
    taken.every(
      (other) =>
        box.right <= other.left || other.right <= box.left || box.bottom <= other.top || other.bottom <= box.top,
    );
  const take = (label: Label): void => void taken.push(boxOf(label, plot));
  return {
    find(candidates, cost = () => 0) {
      const [best] = candidates
        .map((label) => ({ label, box: boxOf(label, plot) }))
        .filter(({ box }) => isFree(box))
        .map(({ label, box }) => ({ label, cost: cost(box) }))
        .toSorted((a, b) => a.cost - b.cost);
      if (best) take(best.label);
      return best?.label ?? null;
    },
    take,
  };
}

/** What a label takes. */
export function boxOf({ text, at, axis, value, side, dx, dy }: Label, plot: Plot): Box {
  const [width, height] = [widthOf(text), LINE_HEIGHT];
  const left = xOf(at, plot) + dx - width * SHARES[side.x];
  const top = heightOf(value, axis) * PLOT_HEIGHT + dy - height * SHARES[side.y];
  return { left, right: left + width, top, bottom: top + height };
}

/** How many numbers of a series in order are drawn within a box. */
export function entriesIn(box: Box, { times, values }: Series, axis: Axis, plot: Plot): number {
  const atOf = (x: number): number => plot.startAt + (x / plot.width) * (plot.endAt - plot.startAt);
  const end = firstFrom(times, atOf(box.right));
  let count = 0;
  for (let i = firstFrom(times, atOf(box.left)); i < end; i++) {
    const y = heightOf(values[i]!, axis) * PLOT_HEIGHT;
    if (y >= box.top && y <= box.bottom) count++;
  }
  return count;
}

const SHARES: Readonly<Record<Side, number>> = { start: 0, center: 0.5, end: 1 };

/** Where an instant is; pixels at full scale from the left of the plot. */
export const xOf = (at: number, { startAt, endAt, width }: Plot): number =>
  ((at - startAt) / (endAt - startAt || 1)) * width;

/** About how wide a text of the usual size is, bold or not; pixels at full scale. By eye: letters are measured when they are drawn. */
export function widthOf(text: string): number {
  return Array.from(text).reduce((width, letter) => width + (NARROW.test(letter) ? 0.34 : 0.66), 0) * SIZES.text;
}
const NARROW = /[\s.,:;'’|ijlI·°()⁰¹²³⁴⁵⁶⁷⁸⁹⁻]/;

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
