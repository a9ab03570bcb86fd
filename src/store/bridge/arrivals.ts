import { must } from "../../lib/must.ts";
import type { Queries } from "../sql/database.ts";
import { insertRows, overlay, readCells, writeCells, type PointRow } from "./rows.ts";
import { usedSeconds } from "./seconds.ts";
import type { ArrivedEntry, BadMessage, NewestPoint } from "./types.ts";

const SECOND_MS = 1_000;
/** A channel that is so far ahead of our clock is so because a clock was set back. */
const MAX_AHEAD_MS = 86_400_000;
/** Enough to look into what is wrong, not to fill a disk. */
const MAX_BAD = 1_000;
/** More of a bad message tells nobody anything. */
const KEPT_BYTES = 65_536;

/**
 * Gives each entry a second of its own within its channel.
 * @param lastAt the newest second that was given out, by channel; kept up to date
 */
export async function placeEntries(
  queries: Queries,
  arrived: readonly ArrivedEntry[],
  lastAt: Map<number, number>,
  now: number,
): Promise<readonly ArrivedEntry[]> {
  const placed: ArrivedEntry[] = [];
  for (const [channelId, entries] of Map.groupBy(arrived, (entry) => entry.channelId)) {
    let last = lastAt.get(channelId) ?? 0;
    if (last > now + MAX_AHEAD_MS) last = 0;
    const used = await usedSeconds(queries, channelId);
    for (const entry of entries) {
      const { isRelative } = entry;
      const cells = writeCells(entry.cells);
      // The same date with the same values is a copy; a relative time tells no such thing.
      if (!isRelative && (await used.get(entry.at)) === cells) continue;
      const at = await used.take(isRelative ? Math.max(entry.at, last + SECOND_MS) : entry.at, cells);
      placed.push({ ...entry, at });
      // A date that is to come holds up nothing that is of now.
      if (isRelative || at <= now) last = Math.max(last, at);
    }
    lastAt.set(channelId, last);
  }
  return placed;
}

/** Adds entries that have their seconds. */
export async function addEntries(
  queries: Queries,
  placed: readonly ArrivedEntry[],
  lastAt: ReadonlyMap<number, number>,
): Promise<void> {
  await insertRows(
    queries,
    "bridge_entries (channel_id, at, kind, cells)",
    placed.map(({ channelId, at, kind, cells }) => [channelId, at, kind, writeCells(cells)]),
  );
  for (const channelId of new Set(placed.map((entry) => entry.channelId))) {
    await queries.run(
      `INSERT INTO bridge_channels (channel_id, last_at, failures, next_at, year, taken) VALUES ($1, $2, 0, 0, 0, 0)
       ON CONFLICT (channel_id) DO UPDATE SET last_at = excluded.last_at`,
      channelId,
      lastAt.get(channelId) ?? 0,
    );
  }
}

/** Puts points upon those that wait. */
export async function mergePoints(queries: Queries, points: readonly NewestPoint[]): Promise<void> {
  for (const [channelId, group] of Map.groupBy(points, (point) => point.channelId)) {
    const [row] = await queries.all<PointRow>("SELECT * FROM bridge_points WHERE channel_id = $1", channelId);
    const newest = must(group.at(-1), "the newest of some points");
    const cells = group.reduce((former, point) => overlay(former, point.cells), row ? readCells(row.cells) : []);
    await queries.run(
      `INSERT INTO bridge_points (channel_id, at, is_dated, cells) VALUES ($1, $2, $3, $4)
       ON CONFLICT (channel_id) DO UPDATE SET
         at = excluded.at, is_dated = excluded.is_dated, cells = excluded.cells`,
      channelId,
      newest.at,
      newest.isDated ? 1 : 0,
      writeCells(cells),
    );
    await queries.run(
      `INSERT INTO bridge_channels (channel_id, last_at, failures, next_at, year, taken) VALUES ($1, 0, 0, 0, 0, 0)
       ON CONFLICT (channel_id) DO NOTHING`,
      channelId,
    );
  }
}

/** Keeps what could not be taken, and forgets the oldest of it. */
export async function keepBad(queries: Queries, bad: readonly BadMessage[]): Promise<void> {
  if (bad.length === 0) return;
  const [newest] = await queries.all<{ id: number | null }>("SELECT MAX(id) AS id FROM bridge_bad");
  const first = (newest?.id ?? 0) + 1;
  await insertRows(
    queries,
    "bridge_bad (id, topic, payload, received_at, problem)",
    bad.map(({ topic, payload, receivedAt, problem }, i) => [
      first + i,
      topic,
      payload.slice(0, KEPT_BYTES),
      receivedAt,
      problem,
    ]),
  );
  await queries.run("DELETE FROM bridge_bad WHERE id <= $1", first + bad.length - 1 - MAX_BAD);
}
