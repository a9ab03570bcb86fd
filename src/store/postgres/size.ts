import type { Pool } from "pg";

/** What each row, and each reference to one, takes besides what is in it: https://www.postgresql.org/docs/current/storage-page-layout.html */
const ROW_BYTES = 28;

/** Which part of a table's rows is not deleted; all, where nothing is known. */
function liveShare(oid: string): string {
  const [live, dead] = [`pg_stat_get_live_tuples(${oid})`, `pg_stat_get_dead_tuples(${oid})`];
  return `COALESCE(CAST(${live} AS FLOAT8) / NULLIF(${live} + ${dead}, 0), 1)`;
}

/**
 * How much is in use. Files do not get smaller by what is deleted: its room is used again. So tables and what is stored beside them
 * (TOAST) count by their rows that live, as the server's statistics have them, and indexes as their tables.
 */
const USED = `
  WITH widths AS (
    SELECT tablename AS name, SUM(avg_width * (1 - null_frac)) + ${ROW_BYTES} AS bytes
    FROM pg_stats WHERE schemaname = current_schema() GROUP BY tablename
  ), files AS (
    SELECT c.oid, c.relname AS name, NULLIF(c.reltoastrelid, 0) AS toast_oid
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
  ), sizes AS (
    SELECT name, pg_relation_size(oid) AS heap, pg_indexes_size(oid) AS indexes,
      COALESCE(pg_total_relation_size(toast_oid), 0) AS toast, ${liveShare("oid")} AS live,
      ${liveShare("toast_oid")} AS toast_live, pg_stat_get_live_tuples(oid) AS count
    FROM files
  ), used AS (
    SELECT LEAST(heap * live, COALESCE(widths.bytes * count, heap)) AS bytes, heap, indexes, toast * toast_live AS toast
    FROM sizes LEFT JOIN widths USING (name)
  )
  SELECT CAST(COALESCE(SUM(bytes + toast + indexes * bytes / GREATEST(heap, 1)), 0) AS BIGINT) AS bytes FROM used`;

/** See `Database.usedBytes`. */
export async function usedBytes(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(USED);
  return rows[0]?.bytes ?? 0;
}

/** What the database's files take. */
export async function fileBytes(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>("SELECT pg_database_size(current_database()) AS bytes");
  return rows[0]?.bytes ?? 0;
}
