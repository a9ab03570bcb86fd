import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { Database, Queries } from "../sql/database.ts";
import type { Entry } from "../../thingspeak/entry.ts";
import { addEntries, keepBad, mergePoints, placeEntries } from "./arrivals.ts";
import { beginCall, keepState, settleCall } from "./calls.ts";
import {
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
import type { Arrivals, ArrivedEntry, BadMessage, BridgeStore, ChannelState, Queue, WaitingEntry } from "./types.ts";

const SECOND_MS = 1_000;
/** Far more than a broker has in flight (mosquitto: 20, and a few thousand on a session that it takes up again). */
export const MAX_RECEIPTS = 5_000;

/**
 * Opens what waits to be written to ThingSpeak.
 * @param former by what an earlier run gave out its seconds; many at once are given seconds to come
 */
export async function openBridgeStore(
  database: Database,
  now: () => number,
  { ends }: Pick<FormerClock, "ends"> = OWN_ENDS,
): Promise<BridgeStore> {
  const rows = await database.all<ChannelRow>("SELECT * FROM bridge_channels");
  const lastAt = new Map(rows.map(({ channel_id: id, last_at: at }) => [id, at > now() ? ends(at) : at]));
  const [last] = await database.all<{ position: number | null }>(
    "SELECT MAX(position) AS position FROM bridge_receipts",
  );
  return new Waiting(database, now, lastAt, (last?.position ?? 0) + 1);
}

class Waiting implements BridgeStore {
  readonly #database: Database;
  readonly #now: () => number;
  /** The newest second that was given out, by channel. */
  readonly #lastAt: Map<number, number>;
  /** Of the next receipt. */
  #position: number;

  constructor(database: Database, now: () => number, lastAt: Map<number, number>, position: number) {
    this.#database = database;
    this.#now = now;
    this.#lastAt = lastAt;
    this.#position = position;
  }

  take({ entries, points, bad, receipts }: Arrivals): Promise<readonly Entry[]> {
    return this.#database.transaction(async (queries) => {
      const placed = await placeEntries(queries, entries, this.#lastAt, this.#now());
      await addEntries(queries, placed, this.#lastAt);
      await mergePoints(queries, points);
      await keepBad(queries, bad);
      await insertRows(
        queries,
        "bridge_receipts (position, receipt)",
        receipts.map((receipt, i) => [this.#position + i, receipt]),
      );
      this.#position += receipts.length;
      await queries.run("DELETE FROM bridge_receipts WHERE position < $1", this.#position - MAX_RECEIPTS);
      return placed;
    });
  }

  async receipts(): Promise<readonly string[]> {
    const sql = "SELECT receipt FROM bridge_receipts ORDER BY position";
    return (await this.#database.all<{ receipt: string }>(sql)).map(({ receipt }) => receipt);
  }

  async channels(): Promise<readonly ChannelState[]> {
    const found = await this.#database.all<ChannelRow>("SELECT * FROM bridge_channels ORDER BY channel_id");
    return found.map(toState);
  }

  queue(channelId: number): Promise<Queue> {
    return queueOf(this.#database, channelId);
  }

  async waiting(channelId: number, limit: number): Promise<readonly WaitingEntry[]> {
    const found = await this.#database.all<EntryRow>(
      "SELECT at, kind, cells FROM bridge_entries WHERE channel_id = $1 AND call_at IS NULL ORDER BY at LIMIT $2",
      channelId,
      limit,
    );
    return found.map(toWaiting);
  }

  async unsettled(channelId: number): Promise<readonly WaitingEntry[]> {
    const found = await this.#database.all<EntryRow>(
      "SELECT at, kind, cells FROM bridge_entries WHERE channel_id = $1 AND call_at IS NOT NULL ORDER BY at",
      channelId,
    );
    return found.map(toWaiting);
  }

  async foldPoints(channelId: number, at: number): Promise<void> {
    await this.#database.transaction(async (queries) => {
      const entry = await takePoint(queries, channelId, at);
      if (!entry) return;
      const placed = await placeEntries(queries, [entry], this.#lastAt, this.#now());
      await addEntries(queries, placed, this.#lastAt);
    });
  }

  async begin(channelId: number, entries: readonly WaitingEntry[], at: number): Promise<void> {
    await this.#database.transaction((queries) => beginCall(queries, channelId, entries, at));
  }

  async settle(state: ChannelState, gone: readonly number[], bad: readonly BadMessage[] = []): Promise<void> {
    await this.#database.transaction((queries) => settleCall(queries, state, gone, bad));
  }

  async note(state: ChannelState): Promise<void> {
    await this.#database.transaction(({ run }) => keepState(run, state));
  }

  async bad(limit: number): Promise<{ readonly count: number; readonly newest: readonly BadMessage[] }> {
    const [count] = await this.#database.all<{ count: number }>("SELECT COUNT(*) AS count FROM bridge_bad");
    const found = await this.#database.all<BadRow>("SELECT * FROM bridge_bad ORDER BY id DESC LIMIT $1", limit);
    return {
      count: count?.count ?? 0,
      newest: found.map(({ received_at, ...row }) => ({ ...row, receivedAt: received_at })),
    };
  }
}

async function queueOf(database: Database, channelId: number): Promise<Queue> {
  // Days may wait: each part is counted in an index, and no entry is read.
  const [row] = await database.all<{ waiting: number; unsettled: number; points: number; oldest: number | null }>(
    `SELECT (SELECT COUNT(*) FROM bridge_entries WHERE channel_id = $1) AS waiting,
       (SELECT COUNT(*) FROM bridge_entries WHERE channel_id = $1 AND call_at IS NOT NULL) AS unsettled,
       (SELECT COUNT(*) FROM bridge_entries WHERE channel_id = $1 AND kind = 'point') AS points,
       (SELECT MIN(at) FROM bridge_entries WHERE channel_id = $1) AS oldest`,
    channelId,
  );
  const { waiting = 0, unsettled = 0, points = 0 } = row ?? {};
  const [newest] = await database.all<PointRow>("SELECT * FROM bridge_points WHERE channel_id = $1", channelId);
  const oldest = [row?.oldest, newest?.at].filter((at) => typeof at === "number");
  return {
    waiting: waiting + (newest ? 1 : 0),
    unsettled,
    bulk: waiting - points,
    oldestAt: oldest.length === 0 ? null : Math.min(...oldest),
  };
}

/** The newest values of a channel, taken out of the place where only the newest count; `null`: there are none. */
async function takePoint(queries: Queries, channelId: number, now: number): Promise<ArrivedEntry | null> {
  const [point] = await queries.all<PointRow>(
    "DELETE FROM bridge_points WHERE channel_id = $1 RETURNING at, is_dated, cells",
    channelId,
  );
  if (!point) return null;
  // Of a point that waits since a call that failed, only what is not newer still counts.
  const [former] = await queries.all<EntryRow>(
    `DELETE FROM bridge_entries WHERE channel_id = $1 AND kind = 'point' AND call_at IS NULL RETURNING at, kind, cells`,
    channelId,
  );
  const cells = overlay(former ? readCells(former.cells) : [], readCells(point.cells));
  const at = Math.floor(Math.min(point.at, now) / SECOND_MS) * SECOND_MS;
  return { channelId, at, kind: "point", isRelative: point.is_dated === 0, cells };
}
