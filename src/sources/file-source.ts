import { TooManyEntries } from "../lib/errors.ts";
import { oneAhead } from "../lib/one-ahead.ts";
import type { FeedPage } from "../thingspeak/feed-page.ts";
import type { OwnColumns } from "../measurements/own-columns.ts";
import { merge, type FieldEntries } from "../thingspeak/read-period.ts";
import { IndexedFile, type OpenFile, type ParseCsv } from "./indexed-file.ts";
import { MAX_ENTRIES, type LatestEntry, type Readings, type Source } from "../measurements/source.ts";

/** How far back the newest values are looked for. */
const LATEST_PIECES = 4;

/**
 * A CSV file with the columns of a ThingSpeak export, or with names of its own of which somebody has said what they hold. It is read through once, to know where which times are, and then only as
 * far as a period needs it, however large it is; what is added to it is found by itself. Entries may be in any order.
 * @param options.parse in a worker thread
 */
export function createFileSource(options: {
  readonly path: string;
  readonly parse: ParseCsv;
  readonly columns?: () => OwnColumns | null;
  readonly now: () => number;
  readonly maxEntries?: number;
}): Source {
  const { maxEntries = MAX_ENTRIES, columns = () => null } = options;
  const file = new IndexedFile({ ...options, columns });
  return {
    channel: () =>
      file.ask(async ({ pieces, own, header }) => {
        const { fields } = await header();
        const firstAt = Math.min(...pieces.map(({ startAt }) => startAt));
        return {
          name: file.name,
          createdAt: Number.isFinite(firstAt) ? firstAt : null,
          fields: Object.keys(fields).map((number) => ({
            number: Number(number),
            label: labelOf(own, Number(number)),
          })),
        };
      }),
    read: (period) => file.ask((opened) => readEntries(opened, period, maxEntries)),
    hasBefore: ({ at }) => file.ask(async ({ pieces }) => pieces.some(({ startAt }) => startAt < at)),
    latest: () => file.ask(readLatest),
  };
}

async function readEntries(
  { pieces, page }: OpenFile,
  { field, startAt, endAt }: { readonly field: number; readonly startAt: number; readonly endAt: number },
  maxEntries: number,
): Promise<Readings> {
  const pages: FieldEntries[] = [];
  let count = 0;
  // What is too much by pieces that lie in the period as a whole is not read to find out.
  const whole = pieces.filter((piece) => piece.startAt >= startAt && piece.endAt <= endAt);
  if (whole.reduce((sum, { entries }) => sum + entries, 0) > maxEntries)
    throw new TooManyEntries(maxEntries, { startAt, endAt });
  const wanted = pieces.filter((piece) => piece.startAt <= endAt && piece.endAt >= startAt);
  const entriesOf = async (piece: (typeof pieces)[number]): Promise<FieldEntries> => {
    const { entryIds, times, fields } = await page(piece);
    const values = fields[field];
    // Of a piece that lies there as a whole these are its own columns, which others use, too.
    if (values && whole.includes(piece)) return { entryIds, times, values };
    return within({ entryIds, times, fields }, field, startAt, endAt);
  };
  for await (const entries of oneAhead(wanted, entriesOf)) {
    count += entries.times.length;
    if (count > maxEntries) throw new TooManyEntries(maxEntries, { startAt, endAt });
    pages.push(entries);
  }
  return merge(pages);
}

const labelOf = (own: OwnColumns | null, field: number): string => own?.fields[field - 1]?.trim() || `Field ${field}`;

async function readLatest({ pieces, own, page }: OpenFile): Promise<readonly LatestEntry[]> {
  const found = new Map<number, LatestEntry>();
  for (const piece of pieces.toSorted((a, b) => b.endAt - a.endAt).slice(0, LATEST_PIECES)) {
    const { times, fields } = await page(piece);
    for (const [key, values] of Object.entries(fields)) {
      const field = Number(key);
      for (let i = 0; i < times.length; i++) {
        if (!Number.isFinite(values[i]!) || times[i]! < (found.get(field)?.at ?? 0)) continue;
        found.set(field, { field, label: labelOf(own, field), value: String(values[i]), at: times[i]! });
      }
    }
  }
  return [...found.values()].toSorted((a, b) => a.field - b.field);
}

/** The entries of one field that lie in a period. */
function within({ entryIds, times, fields }: FeedPage, field: number, startAt: number, endAt: number): FieldEntries {
  const values = fields[field];
  const chosen = new Uint32Array(times.length);
  let count = 0;
  for (let i = 0; i < times.length; i++) if (times[i]! >= startAt && times[i]! <= endAt) chosen[count++] = i;
  const pick = (column: Float64Array): Float64Array => {
    const picked = new Float64Array(count);
    for (let i = 0; i < count; i++) picked[i] = column[chosen[i]!]!;
    return picked;
  };
  return {
    entryIds: pick(entryIds),
    times: pick(times),
    values: values ? pick(values) : new Float64Array(count).fill(Number.NaN),
  };
}
