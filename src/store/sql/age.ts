import type { Queries } from "./database.ts";

/** Tables to which rows are only appended, and their column of the time by our clock. */
const TIMES = { events: "received_at", decisions: "decided_at", actions: "acted_at", audit: "noted_at" } as const;

/** One look at so many rows: a moment's work. */
const PAGE = 1_000;

/**
 * The highest id of a row that is older than `before`, 0 if none is; so are all below it. Rows are looked at in the order in which they
 * came, the oldest first, up to the first that is young for sure: what came after that one is young as well, whatever the clock
 * showed then. What is stamped ahead of now tells nothing; it is old if what came after it is.
 * @param when epoch ms
 */
export async function lastOldId(
  queries: Pick<Queries, "all">,
  table: keyof typeof TIMES,
  when: { readonly before: number; readonly now: number },
): Promise<number> {
  let lastOld = 0;
  for (let from = 0; ;) {
    const rows = await queries.all<{ id: number; at: number }>(
      `SELECT id, ${TIMES[table]} AS at FROM ${table} WHERE id > $1 ORDER BY id LIMIT ${PAGE}`,
      from,
    );
    for (const { id, at } of rows) {
      if (at >= when.before && at <= when.now) return lastOld;
      if (at < when.before) lastOld = id;
    }
    if (rows.length < PAGE) return lastOld;
    from = rows.at(-1)?.id ?? from;
  }
}
