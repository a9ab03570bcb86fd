import type { Database, Queries } from "../sql/database.ts";
import { addEntries, keepBad, mergePoints, placeEntries } from "./arrivals.ts";
import {
  chunksOf,
  insertRows,
  overlay,
  readCells,
  toState,
  toWaiting,
  type BadRow,
  type ChannelRow,
  type EntryRow,
  type PointRow,
} from "./rows.ts";
import type { ArrivedEntry, BridgeStore, ChannelState } from "./types.ts";

const SECOND_MS = 1_000;
/** Far more than a broker has in flight (mosquitto: 20, and a few thousand on a session that it takes up again). */
export const MAX_RECEIPTS = 5_000;

/** Opens what waits to be written to ThingSpeak. */
export async function openBridgeStore(database: Database, now: () => number): Promise<BridgeStore> {
  const rows = await database.all<ChannelRow>("SELECT * FROM bridge_channels");
  /** The newest second that was given out, by channel. */
  const lastAt = new Map(rows.map(({ channel_id, last_at }) => [channel_id, last_at]));
  const [last] = await database.all<{ position: number | null }>(
    "SELECT MAX(position) AS position FROM bridge_receipts",
  );
  let position = (last?.position ?? 0) + 1;

  return {
    take: ({ entries, points, bad, receipts }) =>
      database.transaction(async (queries) => {
        const placed = await placeEntries(queries, entries, lastAt, now());
        await addEntries(queries, placed, lastAt);
        await mergePoints(queries, points);
        await keepBad(queries, bad);
        await insertRows(
          queries,
          "bridge_receipts (position, receipt)",
          receipts.map((receipt, i) => [position + i, receipt]),
        );
        position += receipts.length;
        await queries.run("DELETE FROM bridge_receipts WHERE position < $1", position - MAX_RECEIPTS);
        return placed;
      }),
    async receipts() {
      const found = await database.all<{ receipt: string }>("SELECT receipt FROM bridge_receipts ORDER BY position");
      return found.map(({ receipt }) => receipt);
    },
    async channels() {
      const found = await database.all<ChannelRow>("SELECT * FROM bridge_channels ORDER BY channel_id");
      return found.map(toState);
    },
    async queue(channelId) {
      const [row] = await database.all<{ waiting: number; unsettled: number; bulk: number; oldest: number | null }>(
        `SELECT COUNT(*) AS waiting, COUNT(call_at) AS unsettled, MIN(at) AS oldest,
           COUNT(CASE WHEN kind = 'bulk' THEN 1 END) AS bulk
         FROM bridge_entries WHERE channel_id = $1`,
        channelId,
      );
      const [point] = await database.all<PointRow>("SELECT * FROM bridge_points WHERE channel_id = $1", channelId);
      const oldest = [row?.oldest, point?.at].filter((at) => typeof at === "number");
      return {
        waiting: (row?.waiting ?? 0) + (point ? 1 : 0),
        unsettled: row?.unsettled ?? 0,
        bulk: row?.bulk ?? 0,
        oldestAt: oldest.length === 0 ? null : Math.min(...oldest),
      };
    },
    async waiting(channelId, limit) {
      const found = await database.all<EntryRow>(
        "SELECT at, kind, cells FROM bridge_entries WHERE channel_id = $1 AND call_at IS NULL ORDER BY at LIMIT $2",
        channelId,
        limit,
      );
      return found.map(toWaiting);
    },
    async unsettled(channelId) {
      const found = await database.all<EntryRow>(
        "SELECT at, kind, cells FROM bridge_entries WHERE channel_id = $1 AND call_at IS NOT NULL ORDER BY at",
        channelId,
      );
      return found.map(toWaiting);
    },
    async foldPoints(channelId, at) {
      await database.transaction(async (queries) => {
        const [point] = await queries.all<PointRow>(
          "DELETE FROM bridge_points WHERE channel_id = $1 RETURNING at, is_dated, cells",
          channelId,
        );
        if (!point) return;
        // Of a point that waits since a call that failed, only what is not newer still counts.
        const [former] = await queries.all<EntryRow>(
          `DELETE FROM bridge_entries WHERE channel_id = $1 AND kind = 'point' AND call_at IS NULL RETURNING at, kind, cells`,
          channelId,
        );
        const cells = overlay(former ? readCells(former.cells) : [], readCells(point.cells));
        const whole = Math.floor(Math.min(point.at, at) / SECOND_MS) * SECOND_MS;
        const entry: ArrivedEntry = { channelId, at: whole, kind: "point", isRelative: point.is_dated === 0, cells };
        await addEntries(queries, await placeEntries(queries, [entry], lastAt, now()), lastAt);
      });
    },
    async begin(channelId, entries, at) {
      await database.transaction(async ({ run }) => {
        for (const chunk of chunksOf(entries.map((entry) => entry.at))) {
          const places = chunk.map((_, i) => `$${i + 3}`).join(", ");
          await run(
            `UPDATE bridge_entries SET call_at = $1 WHERE channel_id = $2 AND at IN (${places})`,
            at,
            channelId,
            ...chunk,
          );
        }
        await run("UPDATE bridge_channels SET called_at = $2, result = NULL WHERE channel_id = $1", channelId, at);
      });
    },
    async settle(state, gone, bad = []) {
      const { channelId } = state;
      await database.transaction(async (queries) => {
        const { run } = queries;
        for (const chunk of chunksOf(gone)) {
          const places = chunk.map((_, i) => `$${i + 2}`).join(", ");
          await run(`DELETE FROM bridge_entries WHERE channel_id = $1 AND at IN (${places})`, channelId, ...chunk);
        }
        await run("UPDATE bridge_entries SET call_at = NULL WHERE channel_id = $1 AND call_at IS NOT NULL", channelId);
        await keepBad(queries, bad);
        await keepState(run, state);
      });
    },
    async note(state) {
      await database.transaction(({ run }) => keepState(run, state));
    },
    async bad(limit) {
      const [count] = await database.all<{ count: number }>("SELECT COUNT(*) AS count FROM bridge_bad");
      const found = await database.all<BadRow>("SELECT * FROM bridge_bad ORDER BY id DESC LIMIT $1", limit);
      return {
        count: count?.count ?? 0,
        newest: found.map(({ received_at, ...row }) => ({ ...row, receivedAt: received_at })),
      };
    },
  };
}

const keepState = (run: Queries["run"], state: ChannelState): Promise<number> =>
  run(
    `UPDATE bridge_channels SET called_at = $2, result = $3, failures = $4, next_at = $5, parked = $6, year = $7, taken = $8
     WHERE channel_id = $1`,
    state.channelId,
    state.calledAt,
    state.result,
    state.failures,
    state.nextAt,
    state.parked,
    state.year,
    state.taken,
  );
