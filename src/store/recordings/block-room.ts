import type { Database } from "../sql/database.ts";
import type { RecordingSize } from "./types.ts";

/** Bounds how long one transaction keeps others waiting. */
const DELETE_AT_ONCE = 500;

/** Deletes the blocks that a condition finds, in steps, so that nobody waits for long; resolves with how many went. */
export async function deleteInSteps(database: Database, where: string, ...values: number[]): Promise<number> {
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

/** Deletes the oldest blocks, raw ones that are summed up before others, until the rest has no more than `maxBytes`; resolves with how many went. */
export async function shrinkTo(database: Database, maxBytes: number): Promise<number> {
  let gone = 0;
  for (;;) {
    const over = (await sizeOf(database)).bytes - maxBytes;
    if (over <= 0) return gone;
    const deleted = await deleteOldest(database, over);
    gone += deleted;
    if (deleted === 0) return gone;
  }
}

/** Deletes so many blocks that `over` bytes are free, as far as one step goes. */
const deleteOldest = (database: Database, over: number): Promise<number> =>
  database.transaction(async ({ all, run }) => {
    const rows = await all<{ id: number; bytes: number }>(
      `SELECT id, bytes FROM recording_blocks
       ORDER BY CASE WHEN kind = 0 AND is_summed = 1 THEN 0 ELSE 1 END, start_at LIMIT ${DELETE_AT_ONCE}`,
    );
    let [freed, count] = [0, 0];
    for (const { id, bytes } of rows) {
      if (freed >= over) break;
      await run("DELETE FROM recording_blocks WHERE id = $1", id);
      freed += bytes;
      count += 1;
    }
    return count;
  }, "crash");

/** How much there is. */
export async function sizeOf(database: Database): Promise<RecordingSize> {
  const [row] = await database.all<{ bytes: number; entries: number; start_at: number | null }>(
    `SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes, MIN(start_at) AS start_at,
       CAST(COALESCE(SUM(CASE WHEN kind = 0 THEN entry_count ELSE 0 END), 0) AS BIGINT) AS entries
     FROM recording_blocks`,
  );
  return { bytes: row?.bytes ?? 0, entries: row?.entries ?? 0, startAt: row?.start_at ?? null };
}
