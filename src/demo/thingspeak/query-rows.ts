import type { DemoEntries } from "./entries.ts";
import { instantInZone } from "./zone.ts";
import type { Zone } from "./zone.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The most rows of one answer, and the most when nothing is asked for (FACTS: A2, A3). */
const MAX_ROWS = 8_000;
const DEFAULT_ROWS = 100;
/** Where a feed begins when `results`, `days` or `start` is given. */
const EPOCH_AT = Date.UTC(2010, 0, 1);

/** Rows of a channel: from `first` up to, but not including, `last`. */
export interface Rows {
  readonly first: number;
  readonly last: number;
}

/** The query holds something that is not a date or number. */
export class BadQueryError extends Error {
  override readonly name = "BadQueryError";
}

/**
 * Which rows a feed request gets, by the rules of ThingSpeak's open source (FACTS: A2, A3): the newest of the window, the
 * window inclusive at both ends, `start` before `minutes` before `days`, the last 24 hours by default. `end` alone moves
 * only the end, so that a window in the past is empty.
 */
export function rowsOf(query: URLSearchParams, entries: DemoEntries, zone: Zone, now: number): Rows {
  const results = wholeNumber(query, "results");
  const days = wholeNumber(query, "days");
  const minutes = wholeNumber(query, "minutes");
  const start = dateOf(query, "start", zone);
  const end = dateOf(query, "end", zone);

  let startAt = results !== null || start !== null ? EPOCH_AT : now - DAY_MS;
  if (days !== null) startAt = now - days * DAY_MS;
  if (minutes !== null) startAt = now - minutes * MINUTE_MS;
  if (start !== null) startAt = start;
  const isBare = results === null && days === null && start === null && end === null;
  const limit = Math.min(results ?? MAX_ROWS, isBare ? DEFAULT_ROWS : MAX_ROWS);

  const last = entries.firstFrom((end ?? now) + 1);
  return { first: Math.max(entries.firstFrom(startAt), last - limit), last };
}

function wholeNumber(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null || text === "") return null;
  if (!/^\d{1,9}$/.test(text)) throw new BadQueryError(`${name} is not a whole number`);
  return Number(text);
}

/** `YYYY-MM-DD`, with or without ` HH:NN` or ` HH:NN:SS`, in the request's zone. */
function dateOf(query: URLSearchParams, name: string, zone: Zone): number | null {
  const text = query.get(name);
  if (text === null || text === "") return null;
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d)?)?$/.exec(text);
  const localAt = Date.parse(`${parts?.[1]}T${parts?.[2] ?? "00:00"}${parts?.[3] ?? ":00"}Z`);
  if (Number.isNaN(localAt)) throw new BadQueryError(`${name} is not a date`);
  return instantInZone(localAt, zone);
}
