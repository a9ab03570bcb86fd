import { widthAt } from "./fonts.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "./request.ts";
import { SIZES } from "./theme.ts";

/** What is around the plot, as chart.js lays it out; pixels at full scale. */

/** The height of a line of text. */
export const LINE_HEIGHT = SIZES.text * 1.2;
/** Room for the numbers of alarms above the plot. */
export const FLAG_HEIGHT = SIZES.text * 1.2;
/** Beside a title, a subtitle and the marks of an axis chart.js keeps room of its own. */
export const TITLE_SPACE = SIZES.space / 2;
export const SUBTITLE_SPACE = SIZES.space * 1.5;
const LEGEND_SPACE = 10;
const AXIS_SPACE = 14;

/** What stands above the plot. */
export interface Head {
  /** The height of the letters of the title; `null`: the names of the lines stand in its place. */
  readonly titleSize: number | null;
  /** The names of the lines, as the legend has them. */
  readonly names: readonly string[];
  readonly hasFlags: boolean;
  /** Of the whole picture. */
  readonly scale: number;
}

/**
 * How high the plot is.
 * @param right what is kept free on the right of the picture
 */
export function plotHeight({ titleSize, names, hasFlags, scale }: Head, right: number): number {
  const legend = rowsOf(names, DEFAULT_WIDTH - SIZES.space - right) * (SIZES.text + TITLE_SPACE) + LEGEND_SPACE / scale;
  const head = titleSize === null ? legend : titleSize * 1.2 + TITLE_SPACE;
  const below = LINE_HEIGHT + AXIS_SPACE / scale;
  const flags = hasFlags ? FLAG_HEIGHT : 0;
  return DEFAULT_HEIGHT - SIZES.space - head - LINE_HEIGHT - SUBTITLE_SPACE - flags - below;
}

/** The width of the sign before a name of the legend. */
export const LEGEND_BOX = (SIZES.text * 2) / 3;

/** In how many rows chart.js puts the names of the legend. */
function rowsOf(names: readonly string[], width: number): number {
  let [rows, used] = [0, Number.POSITIVE_INFINITY];
  for (const name of names) {
    const own = LEGEND_BOX + SIZES.text / 2 + widthAt(name, SIZES.text, "bold");
    if (used + own + 2 * TITLE_SPACE > width) [rows, used] = [rows + 1, 0];
    used += own + TITLE_SPACE;
  }
  return rows;
}
