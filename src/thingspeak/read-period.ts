import { setImmediate as breathe } from "node:timers/promises";
import { numberAt } from "../measurements/series.ts";
import { TooManyEntries, UpstreamError } from "../lib/errors.ts";
import type { Readings } from "../measurements/source.ts";

/** The most that ThingSpeak gives in one answer: of a period with more, the newest (FACTS: A3). */
export const PAGE_ENTRIES = 8_000;

const SECOND_MS = 1_000;
/** So many entries take 5 ms. */
const AT_A_STRETCH = 100_000;

/** Entries of one field, as the server listed them. */
export interface FieldEntries {
  readonly entryIds: Float64Array;
  /** Epoch ms UTC. */
  readonly times: Float64Array;
  /** `NaN` where the field is blank or not a number. */
  readonly values: Float64Array;
}

/** What to read, and how to get one page of it. */
export interface PeriodOptions {
  /** Epoch ms, inclusive both; ThingSpeak keeps whole seconds. */
  readonly startAt: number;
  readonly endAt: number;
  readonly maxEntries: number;
  /** The newest `PAGE_ENTRIES` between two whole seconds, both included. */
  readonly fetchPage: (startAt: number, endAt: number) => Promise<FieldEntries>;
}

/**
 * Reads a period of any length, page by page backwards from its end, and puts it in order of time.
 * Each page ends before the last or holds new entries only up to the bound, so this ends whatever the server answers.
 * What it cannot get: entries beyond the newest 8000 of one and the same second.
 *
 * @throws UpstreamError `malformed` when the server does not keep to the period asked for, `tooMany` when there are more than
 *   `maxEntries`
 */
export async function readPeriod({ startAt, endAt, maxEntries, fetchPage }: PeriodOptions): Promise<Readings> {
  const firstAt = Math.ceil(startAt / SECOND_MS) * SECOND_MS;
  let pageEndAt = Math.floor(endAt / SECOND_MS) * SECOND_MS;
  const pages: FieldEntries[] = [];
  let count = 0;

  while (firstAt <= pageEndAt) {
    const page = await fetchPage(firstAt, pageEndAt);
    const { oldestAt, newestAt } = extentOf(page.times);
    if (oldestAt < firstAt || newestAt > pageEndAt) {
      throw new UpstreamError("malformed", "ThingSpeak answered with entries outside the period asked for");
    }
    pages.unshift(page);
    count += page.times.length;
    if (count > maxEntries) {
      throw new TooManyEntries(maxEntries, { startAt: oldestAt, endAt });
    }
    if (page.times.length < PAGE_ENTRIES) break;
    // The oldest second may be cut by the page's edge, so it is asked for again; one that fills a page alone is left behind.
    pageEndAt = oldestAt < pageEndAt ? oldestAt : pageEndAt - SECOND_MS;
  }
  return merge(pages);
}

function extentOf(times: Float64Array): { oldestAt: number; newestAt: number } {
  let oldestAt = Infinity;
  let newestAt = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    if (at < oldestAt) oldestAt = at;
    if (at > newestAt) newestAt = at;
  }
  return { oldestAt, newestAt };
}

/** All pages in order of time, then of entry, and each entry once: a repeated one is the neighbour of its copy. Takes the pages. */
export async function merge(pages: FieldEntries[]): Promise<Readings> {
  const count = pages.reduce((sum, { times }) => sum + times.length, 0);
  const readings = (await inOrder(pages, count)) ?? withoutRepeats(sort(joined(pages, count)));
  // A million entries take 24 MB each time that they are there.
  pages.length = 0;
  return readings;
}

/** As they nearly always come; `null`: they are not in order. Others get their turn now and then: a million take 25 to 50 ms in all. */
async function inOrder(pages: readonly FieldEntries[], most: number): Promise<Readings | null> {
  const all = { times: new Float64Array(most), values: new Float64Array(most) };
  let count = 0;
  let beforeAt = Number.NEGATIVE_INFINITY;
  let beforeId = Number.NaN;
  let sinceBreath = 0;
  for (const { entryIds, times, values } of pages) {
    sinceBreath += times.length;
    if (sinceBreath > AT_A_STRETCH) {
      await breathe();
      sinceBreath = times.length;
    }
    // What is later than all before it needs no second look.
    if (isAscending(times, beforeAt)) {
      all.times.set(times, count);
      all.values.set(values, count);
      count += times.length;
      beforeAt = times.at(-1) ?? beforeAt;
      beforeId = entryIds.at(-1) ?? beforeId;
      continue;
    }
    for (let i = 0; i < times.length; i++) {
      const at = times[i]!;
      const id = entryIds[i]!;
      if (at < beforeAt || (at === beforeAt && id < beforeId)) return null;
      if (at === beforeAt && id === beforeId) continue;
      all.times[count] = at;
      all.values[count] = values[i]!;
      count++;
      beforeAt = at;
      beforeId = id;
    }
  }
  return { times: shortened(all.times, count), values: shortened(all.values, count) };
}

/** Whether each time is later than the one before it, and the first than `before`. */
function isAscending(times: Float64Array, before: number): boolean {
  let last = before;
  for (let i = 0; i < times.length; i++) {
    const at = times[i]!;
    if (at <= last) return false;
    last = at;
  }
  return true;
}

const joined = (pages: readonly FieldEntries[], count: number): OwnEntries => ({
  entryIds: concat(pages, count, (page) => page.entryIds),
  times: concat(pages, count, (page) => page.times),
  values: concat(pages, count, (page) => page.values),
});

const shortened = (column: Float64Array<ArrayBuffer>, count: number) =>
  column.length === count ? column : new Float64Array(column.buffer.transfer(count * 8));

/** Entries in arrays of their own. */
type OwnEntries = { readonly [Column in keyof FieldEntries]: Float64Array<ArrayBuffer> };

/** Negative when entry `a` comes before entry `b`, 0 for copies of one. */
function compare({ times, entryIds }: FieldEntries, a: number, b: number): number {
  return numberAt(times, a) - numberAt(times, b) || numberAt(entryIds, a) - numberAt(entryIds, b);
}

function sort(entries: OwnEntries): OwnEntries {
  const order = Uint32Array.from(entries.times, (_, index) => index).sort((a, b) => compare(entries, a, b));
  const arrange = (column: Float64Array): Float64Array<ArrayBuffer> =>
    Float64Array.from(order, (index) => numberAt(column, index));
  return {
    entryIds: arrange(entries.entryIds),
    times: arrange(entries.times),
    values: arrange(entries.values),
  };
}

/** In place and in a plain loop: a quarter of what `filter` takes. */
function withoutRepeats({ entryIds, times, values }: OwnEntries): Readings {
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    if (count > 0 && entryIds[i] === entryIds[count - 1] && times[i] === times[count - 1]) continue;
    entryIds[count] = entryIds[i]!;
    times[count] = times[i]!;
    values[count] = values[i]!;
    count += 1;
  }
  return { times: shortened(times, count), values: shortened(values, count) };
}

function concat(
  pages: readonly FieldEntries[],
  count: number,
  column: (page: FieldEntries) => Float64Array,
): Float64Array<ArrayBuffer> {
  const all = new Float64Array(count);
  let offset = 0;
  for (const page of pages) {
    all.set(column(page), offset);
    offset += page.times.length;
  }
  return all;
}
