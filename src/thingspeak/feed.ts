import { must } from "../lib/must.ts";
import Papa from "papaparse";
import { UpstreamError } from "../lib/errors.ts";
import { parseDecimal } from "../lib/text/number.ts";
import { parseEntryDate } from "./entry-date.ts";
import type { FeedPage } from "./feed-page.ts";
import { malformed, readHeader, type FeedHeader } from "./feed-header.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { timesIn, type ReadTime } from "./own-columns.ts";
import { readPlainFeed } from "./plain-feed.ts";

/**
 * Characters handed to papaparse at once: its rows are turned into numbers and dropped before the next are made.
 * Measured over 1,000,000 rows: with 256 KiB the rows outlive the nursery, which takes a sixth more time.
 */
const CHUNK_CHARS = 1 << 14;

const MAX_DIGITS = 15;

/**
 * Reads a ThingSpeak feed (REST answer or web export) into columns: never a wrong number in silence.
 *
 * Columns are found by name, so `created_at`, `entry_id` and at least one of `field1` … `field8` must be there; other columns
 * (latitude, status, …) are passed over. Our own exports say `field1: Coil (°C)`, and their entries go by their lines. Renamed headers (`temperatura`) are refused, because only position would say which
 * field they were, unless somebody has said what they hold (`own`). A row with more cells than the header (an unquoted decimal comma) or fewer (a cut body) is refused too.
 * The cut nobody can see is one inside the last value: the transport has to notice that (see `requester.ts`).
 *
 * Pure and synchronous, and meant for a worker thread: 1,000,000 rows take about 0.1 s, and 0.6 s where `readPlainFeed` leaves them to papaparse.
 *
 * @param linesBefore lines between the header and the rest, if `csv` is a part of a file with its header in front
 * @throws UpstreamError `forbidden` for the body `-1`; `malformed`, with the line and the reason, for all else that is not a feed.
 */
export function parseFeed(csv: Uint8Array | string, linesBefore = 0, own: OwnColumns | null = null): FeedPage {
  const plain = typeof csv === "string" || own !== null ? null : readPlainFeed(csv, linesBefore);
  return plain ?? parseText(csv, linesBefore, own);
}

/** Reads it as text, whatever its quotes and line ends: ten times slower. */
function parseText(csv: Uint8Array | string, linesBefore: number, own: OwnColumns | null): FeedPage {
  const readTime = own === null ? parseEntryDate : timesIn(own.zone);
  const text = normalise(csv);
  refuseOtherBodies(text);

  const rowLimit = countLines(text);
  const mayQuote = text.includes('"');
  let line = 0;
  let count = 0;
  let header: FeedHeader | null = null;
  let page: FeedPage = { entryIds: new Float64Array(0), times: new Float64Array(0), fields: {} };

  const config: ChunkConfig = {
    delimiter: ",",
    newline: "\n",
    chunkSize: CHUNK_CHARS,
    chunk({ data, errors }) {
      const broken = errors[0];
      for (const [index, row] of data.entries()) {
        line += 1;
        if (broken?.row === index) throw malformed(line, `a quoted cell is broken (${broken.message})`);
        if (row.length === 1 && row[0]?.trim() === "") continue;
        if (header === null) {
          header = readHeader(row, line, own);
          page = emptyPage(header, rowLimit);
          line += linesBefore;
        } else {
          readRow(row, { header, page, index: count, line, readTime });
          count += 1;
        }
        if (mayQuote) line += lineBreaksWithin(row);
      }
      // papaparse's types let it name no row, or one that it did not hand over: refused all the same.
      if (broken !== undefined) throw malformed(line + 1, `a quoted cell is broken (${broken.message})`);
    },
  };
  Papa.parse<string[]>(text, config);

  if (header === null) throw new UpstreamError("malformed", "the answer is empty");
  return firstRows(page, count);
}

/** papaparse takes `chunk` with a string as well; its types know it for files only. */
type ChunkConfig = Papa.ParseConfig<string[]> & {
  readonly chunkSize: number;
  readonly chunk: (results: Papa.ParseResult<string[]>) => void;
};

function normalise(csv: Uint8Array | string): string {
  if (typeof csv !== "string") refuseOtherEncodings(csv);
  // TextDecoder drops a byte order mark; in a string it is still there.
  const text = typeof csv === "string" ? csv.replace(/^\uFEFF/, "") : new TextDecoder().decode(csv);
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

/** ThingSpeak's `-1`, and the pages and error objects that proxies and servers send with status 200. */
function refuseOtherBodies(text: string): void {
  const start = text.slice(0, 200).trim();
  if (start === "-1" || start === '"-1"') throw new UpstreamError("forbidden", "ThingSpeak answered -1: no access");
  if (start.startsWith("<")) throw new UpstreamError("malformed", "line 1: an HTML or XML page instead of CSV");
  if (/^[{[]/.test(start)) throw new UpstreamError("malformed", "line 1: JSON instead of CSV");
}

/** What is not UTF-8 by its first bytes, named by what people know it as. */
function refuseOtherEncodings([first, second]: Uint8Array): void {
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isWide || first === 0 || second === 0) throw malformed(1, "it is UTF-16 text; save it as CSV in UTF-8");
  if (first === 0x50 && second === 0x4b)
    throw malformed(1, "it is a zip file or an Excel workbook; save it as CSV in UTF-8");
  if (first === 0x1f && second === 0x8b) throw malformed(1, "it is packed with gzip; unpack it");
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

function lineBreaksWithin(row: string[]): number {
  return row.reduce((breaks, cell) => breaks + countLines(cell) - 1, 0);
}

interface RowPlace {
  readonly header: FeedHeader;
  readonly page: FeedPage;
  readonly index: number;
  readonly line: number;
  readonly readTime: ReadTime;
}

function readRow(row: string[], { header, page, index, line, readTime }: RowPlace): void {
  if (row.length !== header.width) {
    const guess = row.length > header.width ? "an unquoted decimal comma?" : "cut off?";
    throw malformed(line, `${row.length} cells where the header has ${header.width} (${guess})`);
  }
  const date = row[header.dateIndex] ?? "";
  const time = readTime(date);
  if (Number.isNaN(time)) throw malformed(line, `${header.dateName} is not ${header.dates}: ${quote(date)}`);

  const id = header.idIndex === -1 ? String(line) : (row[header.idIndex] ?? "");
  const entryId = parseWhole(id.trim());
  if (Number.isNaN(entryId)) throw malformed(line, `entry_id is not a whole number: ${quote(id)}`);

  page.times[index] = time;
  page.entryIds[index] = entryId;
  for (const { number, index: column } of header.fields)
    must(page.fields[number], "a column")[index] = parseDecimal(row[column] ?? "");
}

/** Digit by digit: half of what a regular expression takes. */
function parseWhole(text: string): number {
  if (text.length === 0 || text.length > MAX_DIGITS) return Number.NaN;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function emptyPage(header: FeedHeader, rows: number): FeedPage {
  const fields = Object.fromEntries(header.fields.map(({ number }) => [number, new Float64Array(rows)]));
  return { entryIds: new Float64Array(rows), times: new Float64Array(rows), fields };
}

function firstRows(page: FeedPage, count: number): FeedPage {
  const fields = Object.fromEntries(Object.entries(page.fields).map(([name, cells]) => [name, cells.slice(0, count)]));
  return { entryIds: page.entryIds.slice(0, count), times: page.times.slice(0, count), fields };
}

function quote(cell: string): string {
  return JSON.stringify(cell.slice(0, 40));
}
