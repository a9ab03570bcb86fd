import { setImmediate as breathe } from "node:timers/promises";
import { formatCount } from "../lib/text/number.ts";
import type { PlotLine } from "./chart-request.ts";

/** Larger than this a file is packed; the Bot API takes documents up to 50 MB (FACTS: C1). */
const ZIP_ABOVE_BYTES = 20_000_000;
/** Made in a few milliseconds. */
const CHUNK_ROWS = 2_000;

/** A file as somebody gets it. */
export interface ExportFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Numbers as CSV text in some thousand rows at a time: one row an instant, oldest first, in UTC as ThingSpeak writes it, and one
 * column a field, by its number and name; blank where a field has no number then. Where a field has means of minutes, the lowest and the
 * highest of each follow it, and of how many entries it is the mean; blank for an entry that stands for itself. `FEED_FILE` reads it back.
 * @param lines each in order of time
 */
export function* csvChunks(lines: readonly PlotLine[]): Generator<string> {
  const numbers = columnNumbers(lines.map(({ measurement }) => measurement.number));
  const labels = lines.flatMap(({ measurement: { label, unit }, series }, i) => {
    const name = unit === null ? label : `${label} (${unit})`;
    const column = `field${numbers[i]}: ${name}`;
    return (series.spread ? [column, ...SPREAD.map((what) => `${name}, ${what}`)] : [column]).map(cell);
  });
  yield `${["created_at", ...labels].join(",")}\n`;
  let rows: string[] = [];
  for (const row of csvRows(lines)) {
    rows.push(row);
    if (rows.length < CHUNK_ROWS) continue;
    yield rows.join("");
    rows = [];
  }
  if (rows.length > 0) yield rows.join("");
}

/** Members of devices have higher numbers: in a file, each takes the lowest that no field has. */
const CHANNEL_FIELDS = 8;

function columnNumbers(numbers: readonly number[]): number[] {
  const taken = new Set(numbers.filter((number) => number <= CHANNEL_FIELDS));
  return numbers.map((number) => {
    if (number <= CHANNEL_FIELDS) return number;
    let free = 1;
    while (taken.has(free)) free++;
    taken.add(free);
    return free;
  });
}

const SPREAD = ["lowest of the minute", "highest of the minute", "entries in the minute"] as const;

/** What a field's column leaves out: a sentence, or none. */
export function leftOut({ measurement, series: { values } }: PlotLine): string[] {
  const without = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
  if (without === 0) return [];
  const count = `${formatCount(without)} of ${formatCount(values.length)} entries`;
  return [`${measurement.label}: ${count} hold no number (text, or nothing); their cells are empty.`];
}

/** The rows, merged by time; each ends with a line break. */
function* csvRows(lines: readonly PlotLine[]): Generator<string> {
  const next = lines.map(() => 0);
  for (;;) {
    const at = Math.min(...lines.map(({ series }, i) => series.times[next[i]!] ?? Number.POSITIVE_INFINITY));
    if (at === Number.POSITIVE_INFINITY) return;
    const cells = lines.flatMap(({ series: { times, values, spread } }, i) => {
      const row = times[next[i]!] === at ? next[i]!++ : -1;
      const value = values[row] ?? Number.NaN;
      const own = Number.isFinite(value) ? String(value) : "";
      if (!spread) return [own];
      const count = spread.counts[row] ?? 1;
      return count === 1 ? [own, "", "", ""] : [own, spread.lows[row], spread.highs[row], count];
    });
    yield `${new Date(at).toISOString().replace(".000Z", "Z")},${cells.join(",")}\n`;
  }
}

/**
 * Makes a file of the chunks of a CSV, zipped if it is large. Others get their turn after each chunk: a million rows take some
 * seconds, and none of it for long.
 * @param name without its ending
 * @param zipAbove bytes
 */
export async function toDocument(
  chunks: Iterable<string> | AsyncIterable<string>,
  name: string,
  zipAbove = ZIP_ABOVE_BYTES,
): Promise<ExportFile> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const part = encoder.encode(chunk);
    parts.push(part);
    size += part.length;
    await breathe();
  }
  if (size <= zipAbove) return { name: `${name}.csv`, bytes: Buffer.concat(parts) };
  return { name: `${name}.zip`, bytes: await zip(parts, `${name}.csv`) };
}

/** Packs a file, piece by piece; each piece is let go when it is packed. */
async function zip(parts: Uint8Array[], fileName: string): Promise<Uint8Array> {
  // Few files are so large: a start does not wait for it.
  const { Zip, ZipDeflate } = await import("fflate");
  const packed: Uint8Array[] = [];
  const archive = new Zip((error, data) => {
    if (error) throw error;
    packed.push(data);
  });
  const file = new ZipDeflate(fileName, { level: 6 });
  archive.add(file);
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    file.push(part, parts.length === 0);
    await breathe();
  }
  archive.end();
  return Buffer.concat(packed);
}

/**
 * A text that a spreadsheet takes for text: what begins like a formula gets a quote before it (OWASP, CSV injection), also behind
 * what separates cells elsewhere, and with the wide signs of East Asian keyboards.
 */
export function cell(text: string): string {
  const safe = text.replace(FORMULA, "'").replace(/^(?=[\t\r])/, "'");
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Before the sign; blanks and quotes between do not matter. */
const FORMULA = /(?<=^|[;\t\r\n])(?=(?:[^\S\t\r\n]|")*[=+\-@＝＋－＠−])/g;
