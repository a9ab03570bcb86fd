import { createCanvas } from "canvas";
import { encodePng } from "../imaging/png.ts";
import { registerFonts } from "./fonts.ts";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "./request.ts";
import { faded, FONT_FAMILY, SIZES, THEMES, type ThemeName } from "./theme.ts";

/** How much came in each hour of each day. */
export interface HeatMapRequest {
  readonly title: string;
  /** In order, with 24 numbers each; `day` as `2026-11-22`. */
  readonly days: readonly { readonly day: string; readonly hours: readonly number[] }[];
  /** In an hour: as much as is good, and more than can be borne. */
  readonly target: number;
  readonly limit: number;
  readonly theme: ThemeName;
}

const HOURS = 24;
const HOURS_BETWEEN_LABELS = 6;
/** A day's label takes the width of about so many letters. */
const LABEL_WIDTH = SIZES.text * 3;
const LEFT = SIZES.text * 2.2;
const TOP = SIZES.title + SIZES.text * 2 + SIZES.space * 3;
const BOTTOM = SIZES.text * 1.6;
const GAP = 2;
/** The least that came is seen, and the most does not cover what is beyond the limit. */
const FAINTEST = 0.25;

type Pen = ReturnType<ReturnType<typeof createCanvas>["getContext"]>;

/** Draws it as a PNG: days from left to right, hours from top to bottom; what is beyond the limit has another colour. */
export function drawHeatMap(request: HeatMapRequest): Uint8Array {
  registerFonts();
  const theme = THEMES[request.theme];
  const canvas = createCanvas(DEFAULT_WIDTH, DEFAULT_HEIGHT);
  const pen = canvas.getContext("2d");
  pen.fillStyle = theme.background;
  pen.fillRect(0, 0, DEFAULT_WIDTH, DEFAULT_HEIGHT);
  pen.textBaseline = "middle";
  writeHead(pen, request);
  const width = (DEFAULT_WIDTH - LEFT - SIZES.space) / Math.max(1, request.days.length);
  const height = (DEFAULT_HEIGHT - TOP - BOTTOM) / HOURS;
  for (let hour = 0; hour < HOURS; hour += HOURS_BETWEEN_LABELS) {
    write(pen, String(hour).padStart(2, "0"), SIZES.space, TOP + (hour + 0.5) * height, theme.quietText);
  }
  const daysBetweenLabels = Math.ceil(LABEL_WIDTH / width);
  for (const [i, { day, hours }] of request.days.entries()) {
    const left = LEFT + i * width;
    if (i % daysBetweenLabels === 0 && left + LABEL_WIDTH <= DEFAULT_WIDTH) {
      write(pen, day.slice(5), left, DEFAULT_HEIGHT - BOTTOM / 2, theme.quietText);
    }
    for (const [hour, count] of hours.entries()) {
      pen.fillStyle = colourOf(count, request);
      pen.fillRect(left, TOP + hour * height, width - GAP, height - GAP);
    }
  }
  const png = encodePng(pen.getImageData(0, 0, DEFAULT_WIDTH, DEFAULT_HEIGHT));
  // Gives four megabytes back at once.
  canvas.width = 1;
  canvas.height = 1;
  return png;
}

/** The title, and which colour says what. */
function writeHead(pen: Pen, { title, target, limit, theme: name }: HeatMapRequest): void {
  const theme = THEMES[name];
  pen.font = `bold ${SIZES.title}px "${FONT_FAMILY}"`;
  pen.fillStyle = theme.text;
  pen.fillText(title, SIZES.space, SIZES.space + SIZES.title / 2);
  const y = SIZES.space * 2 + SIZES.title + SIZES.text / 2;
  let x: number = SIZES.space;
  for (const [count, words] of [
    [target, `up to ${target} an hour`],
    [limit, `up to ${limit}`],
    [limit + 1, "more"],
  ] as const) {
    pen.fillStyle = colourOf(count, { target, limit, theme: name });
    pen.fillRect(x, y - SIZES.text / 2, SIZES.text, SIZES.text);
    x += SIZES.text + SIZES.space;
    write(pen, words, x, y, theme.text);
    x += pen.measureText(words).width + SIZES.space * 3;
  }
}

function write(pen: Pen, text: string, x: number, y: number, colour: string): void {
  pen.font = `normal ${SIZES.text}px "${FONT_FAMILY}"`;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

/** Nothing is the grid; up to the target one colour gets stronger, then come two others. */
function colourOf(count: number, { target, limit, theme: name }: Pick<HeatMapRequest, "target" | "limit" | "theme">) {
  const theme = THEMES[name];
  if (count === 0) return theme.grid;
  if (count > limit) return theme.severities.critical;
  if (count > target) return theme.severities.warning;
  return faded(theme.lines[0] ?? theme.text, FAINTEST + (1 - FAINTEST) * (count / target));
}
