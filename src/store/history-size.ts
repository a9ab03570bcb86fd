import type { Database, Queries } from "./sql/database.ts";
import { FORGOTTEN, forgetUpTo } from "./retention.ts";

/** How much of the disk the history may take: so many bytes, or a share of the whole disk. */
export type HistorySize = { readonly bytes: number } | { readonly share: number };

/** A disk, in bytes. */
export interface DiskSpace {
  readonly totalBytes: number;
  /** What we may still write. */
  readonly freeBytes: number;
}

/** What is left to others of a disk that is nearly full, since without any room no alarm can be stored: a share of it, at most so much. */
const RESERVE_SHARE = 0.02;
const MAX_RESERVE_BYTES = 256e6;
/** Less holds nothing but what is needed now. */
const MIN_BYTES = 8e6;

/** How many bytes the history may have now, which has `usedBytes`. */
export function maxHistoryBytes(size: HistorySize, { totalBytes, freeBytes }: DiskSpace, usedBytes: number): number {
  const asked = "bytes" in size ? size.bytes : size.share * totalBytes;
  const reserve = Math.min(MAX_RESERVE_BYTES, RESERVE_SHARE * totalBytes);
  return Math.max(MIN_BYTES, Math.min(asked, usedBytes + freeBytes - reserve));
}

/** What was done lately is looked at as it was. */
const THINNED_AFTER_MS = 10 * 60_000;
const FORGOTTEN_AFTER_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** So far below the bound, so that it is not met again at once. */
const ENOUGH = 0.95;
/** Read at a time: a minute of a hundred and fifty events a second fits in. */
const THIN_PAGE = 10_000;
const BATCH = 500;
const PAGE = 1_000;
const FORGET_FIRST = 1_000;
/** So much more than has to may be forgotten, of all that is. */
const PART_OF_FORGOTTEN = 0.25;
/** Names in the facts up to which event repeats were thinned. */
const THINNED = "history thinned";

/** How much the database has in use, but for what is kept of measurements: that has a bound of its own, and no history could make room for it. */
export async function historyBytes(database: Database): Promise<number> {
  const [row] = await database.all<{ bytes: number }>(
    `SELECT CAST((SELECT COALESCE(SUM(bytes), 0) FROM feed_blocks) +
       (SELECT COALESCE(SUM(bytes), 0) FROM recording_blocks) AS BIGINT) AS bytes`,
  );
  return Math.max(0, (await database.usedBytes()) - (row?.bytes ?? 0));
}

interface ThinRow {
  readonly id: number;
  readonly alarm: number;
  readonly at: number;
  readonly severity: number;
  readonly value: number | null;
  readonly kept: number;
}

/**
 * Makes the history small enough: of repeats of an alarm the first, the last and the worst of each minute stay, the oldest first; if
 * that is not enough, the oldest go. In steps, between which all else goes on.
 * @returns how many rows went
 */
export async function keepWithin(database: Database, maxBytes: number, now: () => number): Promise<number> {
  // Mostly all there is fits, and of a million recorded values nothing need be summed up.
  if ((await database.usedBytes()) <= maxBytes || (await historyBytes(database)) <= maxBytes) return 0;
  let [thinned, forgotten] = [0, 0];
  let count = FORGET_FIRST;
  while ((await historyBytes(database)) > maxBytes * ENOUGH) {
    const repeats = await thinNext(database, now());
    if (repeats !== null) {
      thinned += repeats;
      continue;
    }
    const rows = await forgetFirst(database, count, now());
    if (rows === null) break;
    forgotten += rows;
    // What is needed still may have come first: it is passed over. With each part all alarms and messages are gone through: few large ones do.
    count = rows === 0 ? count * 2 : Math.max(count, Math.ceil(forgotten * PART_OF_FORGOTTEN));
  }
  await database.compact();
  return thinned + forgotten;
}

/**
 * Thins the next minutes that are old enough.
 * @returns how many events went; `null`: all that is old enough is thinned
 */
export async function thinNext(database: Database, now: number): Promise<number | null> {
  const rows = await database.all<ThinRow>(
    `SELECT id, alarm_id AS alarm, received_at AS at, severity, value, is_retained AS kept FROM events
     WHERE id > $1 ORDER BY id LIMIT ${THIN_PAGE}`,
    await thinnedTo(database),
  );
  const firstYoung = rows.findIndex(({ at }) => at <= now && now - at < THINNED_AFTER_MS);
  const old = firstYoung === -1 ? rows : rows.slice(0, firstYoung);
  const last = old.at(-1);
  if (!last) return null;
  // A minute that goes on behind the page is for the next one, unless it is longer than a page.
  const whole = old.filter(({ at }) => minuteOf(at) !== minuteOf(last.at));
  const page = firstYoung === -1 && rows.length === THIN_PAGE && whole.length > 0 ? whole : old;
  const ids = repeatsIn(page);
  for (let done = 0; done < ids.length; done += BATCH) {
    await database.transaction(async ({ run }) => {
      for (const id of ids.slice(done, done + BATCH)) await run("DELETE FROM events WHERE id = $1", id);
    }, "crash");
  }
  await database.transaction((queries) => saveThinned(queries, page.at(-1)?.id ?? last.id), "crash");
  return ids.length;
}

const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);

/** The events that are neither the first, the last nor the worst of their alarm in their minute, and that no broker hands out again. */
function repeatsIn(rows: readonly ThinRow[]): readonly number[] {
  const minutes = new Map<string, { readonly first: ThinRow; readonly last: ThinRow; readonly worst: ThinRow }>();
  for (const row of rows) {
    const name = `${row.alarm} ${minuteOf(row.at)}`;
    const before = minutes.get(name);
    minutes.set(name, {
      first: before?.first ?? row,
      last: row,
      worst: before === undefined || isWorse(row, before.worst) ? row : before.worst,
    });
  }
  const staying = new Set([...minutes.values()].flatMap(({ first, last, worst }) => [first.id, last.id, worst.id]));
  return rows.filter(({ id, kept }) => kept === 0 && !staying.has(id)).map(({ id }) => id);
}

const isWorse = (a: ThinRow, b: ThinRow): boolean =>
  a.severity > b.severity || (a.severity === b.severity && (a.value ?? -Infinity) > (b.value ?? -Infinity));

async function thinnedTo(database: Database): Promise<number> {
  const [row] = await database.all<{ content: string }>("SELECT content FROM facts WHERE name = $1", THINNED);
  return row ? Number(row.content) : 0;
}

async function saveThinned(queries: Queries, id: number): Promise<void> {
  await queries.run(
    "INSERT INTO facts (name, content) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
    THINNED,
    String(id),
  );
}

/**
 * Forgets what came first: so many events, and what is as old.
 * @returns how many rows went; `null`: nothing is old enough
 */
async function forgetFirst(database: Database, count: number, now: number): Promise<number | null> {
  let last: EventTime | null = null;
  let seen = 0;
  for (let isWhole = true; isWhole && seen < count;) {
    const most = Math.min(PAGE, count - seen);
    const rows: readonly EventTime[] = await database.all<EventTime>(
      "SELECT id, received_at AS at FROM events WHERE id > $1 ORDER BY id LIMIT $2",
      last?.id ?? 0,
      most,
    );
    const firstYoung = rows.findIndex(({ at }) => at <= now && now - at < FORGOTTEN_AFTER_MS);
    const old = firstYoung === -1 ? rows : rows.slice(0, firstYoung);
    last = old.at(-1) ?? last;
    seen += old.length;
    isWhole = old.length === most;
  }
  if (last === null) return null;
  const gone = await forgetUpTo(database, last, now);
  // All that may go is gone, and what is left is young or needed.
  return gone === 0 && seen < count ? null : gone;
}

interface EventTime {
  readonly id: number;
  readonly at: number;
}

/** Since when the history is whole, but for repeats: epoch ms; `null`: there is none. */
export async function historySince(database: Database): Promise<number | null> {
  // What came first may be needed still, however old: then the rest of its time is gone.
  const [row] = await database.all<{ at: number | null }>(
    `SELECT received_at AS at FROM events WHERE id > (
       SELECT COALESCE(MAX(CAST(content AS BIGINT)), 0) FROM facts WHERE name = $1
     ) ORDER BY id LIMIT 1`,
    FORGOTTEN,
  );
  return row?.at ?? null;
}
