import type { Database, Queries } from "../sql/database.ts";
import type { Block, BlockKind, RecordingStore, SeriesRow } from "./types.ts";

const DAY_MS = 86_400_000;
const KINDS: readonly BlockKind[] = ["raw", "minutes"];
/** Bounds how long one transaction keeps others waiting. */
const DELETE_AT_ONCE = 500;

/** The day (UTC) in which an instant lies. */
export const utcDayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** Opens the recordings. A block lies within one day (UTC), so that days can be summed up and forgotten one by one. */
export async function openRecordings(database: Database): Promise<RecordingStore> {
  const maxOf = async (table: string): Promise<number> => {
    const [row] = await database.all<{ id: number | null }>(`SELECT MAX(id) AS id FROM ${table}`);
    return row?.id ?? 0;
  };
  let journalId = (await maxOf("recording_journal")) + 1;
  let blockId = (await maxOf("recording_blocks")) + 1;

  const blocksOf = async (sql: string, ...values: number[]): Promise<readonly Block[]> =>
    (await database.all<BlockRow>(`SELECT * FROM recording_blocks ${sql}`, ...values)).map(toBlock);

  /** Deletes what a query finds, in steps, so that nobody waits for long. */
  async function deleteInSteps(where: string, ...values: number[]): Promise<number> {
    let gone = 0;
    for (;;) {
      const found = await database.transaction(async ({ all, run }) => {
        const rows = await all<{ id: number }>(
          `SELECT id FROM recording_blocks WHERE ${where} LIMIT ${DELETE_AT_ONCE}`,
          ...values,
        );
        for (const { id } of rows) await run("DELETE FROM recording_blocks WHERE id = $1", id);
        return rows.length;
      }, "crash");
      gone += found;
      if (found < DELETE_AT_ONCE) return gone;
    }
  }

  const insert = (
    { run }: Queries,
    { seriesId, kind, startAt, endAt, count, packed }: Block,
    isSummed = false,
  ): Promise<number> =>
    run(
      `INSERT INTO recording_blocks
         (id, series_id, kind, start_at, end_at, day_at, entry_count, bytes, is_summed, entries)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      blockId++,
      seriesId,
      KINDS.indexOf(kind),
      startAt,
      endAt,
      utcDayOf(startAt),
      count,
      packed.length,
      Number(isSummed),
      packed,
    );

  return {
    async series() {
      return database.all<SeriesRow>("SELECT id, device, member FROM recording_series ORDER BY id");
    },
    async addSeries({ id, device, member }) {
      await database.transaction(({ run }) =>
        run("INSERT INTO recording_series (id, device, member) VALUES ($1, $2, $3)", id, device, member),
      );
    },
    async journal(packed) {
      const id = journalId++;
      await database.transaction(
        ({ run }) => run("INSERT INTO recording_journal (id, entries) VALUES ($1, $2)", id, packed),
        "crash",
      );
    },
    async journaled() {
      const rows = await database.all<{ entries: Uint8Array }>("SELECT entries FROM recording_journal ORDER BY id");
      return rows.map(({ entries }) => entries);
    },
    async seal(blocks) {
      const before = journalId;
      await database.transaction(async (queries) => {
        for (const block of blocks) await insert(queries, block);
        await queries.run("DELETE FROM recording_journal WHERE id < $1", before);
      }, "crash");
    },
    within: (seriesId, kind, startAt, endAt) =>
      blocksOf(
        "WHERE series_id = $1 AND kind = $2 AND start_at >= $3 AND start_at <= $5 AND end_at >= $4 ORDER BY start_at",
        seriesId,
        KINDS.indexOf(kind),
        utcDayOf(startAt),
        startAt,
        endAt,
      ),
    unsummedWithin: (seriesId, startAt, endAt) =>
      blocksOf(
        `WHERE series_id = $1 AND kind = 0 AND is_summed = 0 AND day_at >= $2 AND start_at <= $4 AND end_at >= $3
         ORDER BY start_at`,
        seriesId,
        utcDayOf(startAt),
        startAt,
        endAt,
      ),
    async entriesWithin(seriesId, startAt, endAt) {
      const [row] = await database.all<{ count: number }>(
        `SELECT CAST(COALESCE(SUM(entry_count), 0) AS BIGINT) AS count FROM recording_blocks
         WHERE series_id = $1 AND kind = 0 AND start_at >= $2 AND start_at <= $4 AND end_at >= $3`,
        seriesId,
        utcDayOf(startAt),
        startAt,
        endAt,
      );
      return row?.count ?? 0;
    },
    async newest(seriesId, now) {
      const [block] = await blocksOf(
        "WHERE series_id = $1 AND kind = 0 AND start_at <= $2 ORDER BY start_at DESC LIMIT 1",
        seriesId,
        now,
      );
      return block ?? null;
    },
    async beginsAt(seriesId) {
      const [row] = await database.all<{ begins_at: number | null }>(
        "SELECT MIN(start_at) AS begins_at FROM recording_blocks WHERE series_id = $1",
        seriesId,
      );
      return row?.begins_at ?? null;
    },
    async unsummed(seriesId, beforeAt) {
      const rows = await database.all<{ day_at: number }>(
        `SELECT DISTINCT day_at FROM recording_blocks
         WHERE series_id = $1 AND kind = 0 AND is_summed = 0 AND day_at < $2 ORDER BY day_at`,
        seriesId,
        beforeAt,
      );
      return rows.map(({ day_at }) => day_at);
    },
    async putDay(minutes, raw, dayAt) {
      await database.transaction(async (queries) => {
        await queries.run(
          `DELETE FROM recording_blocks
           WHERE series_id = $1 AND day_at = $2 AND (kind = 1 OR (kind = 0 AND is_summed = 0))`,
          minutes.seriesId,
          dayAt,
        );
        await insert(queries, minutes);
        for (const block of raw) await insert(queries, block, true);
      }, "crash");
    },
    async forget(rawBefore, minutesBefore) {
      const raw = await deleteInSteps("kind = 0 AND is_summed = 1 AND day_at < $1", rawBefore);
      return raw + (await deleteInSteps("day_at < $1", minutesBefore));
    },
    async shrinkTo(bytes) {
      let gone = 0;
      for (;;) {
        const over = (await sizeOf(database)).bytes - bytes;
        if (over <= 0) return gone;
        const deleted = await database.transaction(async ({ all, run }) => {
          const rows = await all<{ id: number; bytes: number }>(
            `SELECT id, bytes FROM recording_blocks
             ORDER BY CASE WHEN kind = 0 AND is_summed = 1 THEN 0 ELSE 1 END, start_at LIMIT ${DELETE_AT_ONCE}`,
          );
          let freed = 0;
          let count = 0;
          for (const { id, bytes: size } of rows) {
            if (freed >= over) break;
            await run("DELETE FROM recording_blocks WHERE id = $1", id);
            freed += size;
            count += 1;
          }
          return count;
        }, "crash");
        gone += deleted;
        if (deleted === 0) return gone;
      }
    },
    size: () => sizeOf(database),
  };
}

async function sizeOf(database: Database) {
  const [row] = await database.all<{ bytes: number; entries: number; start_at: number | null }>(
    `SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes, MIN(start_at) AS start_at,
       CAST(COALESCE(SUM(CASE WHEN kind = 0 THEN entry_count ELSE 0 END), 0) AS BIGINT) AS entries
     FROM recording_blocks`,
  );
  return { bytes: row?.bytes ?? 0, entries: row?.entries ?? 0, startAt: row?.start_at ?? null };
}

interface BlockRow {
  readonly series_id: number;
  readonly kind: number;
  readonly start_at: number;
  readonly end_at: number;
  readonly entry_count: number;
  readonly entries: Uint8Array;
}

const toBlock = (row: BlockRow): Block => ({
  seriesId: row.series_id,
  kind: KINDS[row.kind]!,
  startAt: row.start_at,
  endAt: row.end_at,
  count: row.entry_count,
  packed: row.entries,
});
