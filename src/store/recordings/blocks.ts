import type { Database } from "../sql/database.ts";
import { deleteInSteps, shrinkTo, sizeOf } from "./block-room.ts";
import { kindCode, findBlocks, utcDayOf, type BlockWriter } from "./block-rows.ts";
import type { Block, BlockKind, RecordingBlocks, RecordingSize } from "./types.ts";

/** The blocks in the database. One lies within one day (UTC), so that days can be summed up and forgotten one by one. */
export class BlockTable implements RecordingBlocks {
  readonly #database: Database;
  readonly #writer: BlockWriter;

  constructor(database: Database, writer: BlockWriter) {
    this.#database = database;
    this.#writer = writer;
  }

  within(seriesId: number, kind: BlockKind, startAt: number, endAt: number): Promise<readonly Block[]> {
    return findBlocks(
      this.#database,
      "WHERE series_id = $1 AND kind = $2 AND start_at >= $3 AND start_at <= $5 AND end_at >= $4 ORDER BY start_at",
      seriesId,
      kindCode(kind),
      utcDayOf(startAt),
      startAt,
      endAt,
    );
  }

  unsummedWithin(seriesId: number, startAt: number, endAt: number): Promise<readonly Block[]> {
    return findBlocks(
      this.#database,
      `WHERE series_id = $1 AND kind = 0 AND is_summed = 0 AND day_at >= $2 AND start_at <= $4 AND end_at >= $3
       ORDER BY start_at`,
      seriesId,
      utcDayOf(startAt),
      startAt,
      endAt,
    );
  }

  async entriesWithin(seriesId: number, startAt: number, endAt: number): Promise<number> {
    const [row] = await this.#database.all<{ count: number }>(
      `SELECT CAST(COALESCE(SUM(entry_count), 0) AS BIGINT) AS count FROM recording_blocks
       WHERE series_id = $1 AND kind = 0 AND start_at >= $2 AND start_at <= $4 AND end_at >= $3`,
      seriesId,
      utcDayOf(startAt),
      startAt,
      endAt,
    );
    return row?.count ?? 0;
  }

  async newest(seriesId: number, now: number): Promise<Block | null> {
    const [block] = await findBlocks(
      this.#database,
      "WHERE series_id = $1 AND kind = 0 AND start_at <= $2 ORDER BY start_at DESC LIMIT 1",
      seriesId,
      now,
    );
    return block ?? null;
  }

  async beginsAt(seriesId: number): Promise<number | null> {
    const [row] = await this.#database.all<{ begins_at: number | null }>(
      "SELECT MIN(start_at) AS begins_at FROM recording_blocks WHERE series_id = $1",
      seriesId,
    );
    return row?.begins_at ?? null;
  }

  async unsummedDays(seriesId: number, beforeAt: number): Promise<readonly number[]> {
    const rows = await this.#database.all<{ day_at: number }>(
      `SELECT DISTINCT day_at FROM recording_blocks
       WHERE series_id = $1 AND kind = 0 AND is_summed = 0 AND day_at < $2 ORDER BY day_at`,
      seriesId,
      beforeAt,
    );
    return rows.map(({ day_at }) => day_at);
  }

  async putDay(minutes: Block, raw: readonly Block[], dayAt: number): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.run(
        `DELETE FROM recording_blocks
         WHERE series_id = $1 AND day_at = $2 AND (kind = 1 OR (kind = 0 AND is_summed = 0))`,
        minutes.seriesId,
        dayAt,
      );
      await this.#writer.insert(queries, minutes);
      for (const block of raw) await this.#writer.insert(queries, block, true);
    }, "crash");
  }

  async forget(rawBefore: number, minutesBefore: number): Promise<number> {
    const raw = await deleteInSteps(this.#database, "kind = 0 AND is_summed = 1 AND day_at < $1", rawBefore);
    return raw + (await deleteInSteps(this.#database, "day_at < $1", minutesBefore));
  }

  shrinkTo(bytes: number): Promise<number> {
    return shrinkTo(this.#database, bytes);
  }

  size(): Promise<RecordingSize> {
    return sizeOf(this.#database);
  }
}
