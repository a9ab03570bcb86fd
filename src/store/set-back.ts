import type { FormerClock } from "../lib/time/former-clock.ts";
import { LIVE_CHANNEL } from "./feed-blocks.ts";
import type { Queries } from "./sql/database.ts";

/** As `FormerClock` has it. */
const happened = (table: string, column: string, condition = ""): string =>
  `UPDATE ${table} SET ${column} = CASE WHEN ${column} - $2 < $1 THEN ${column} - $2 ELSE $1 END WHERE ${column} >= $3${condition}`;
const ends = (table: string, column: string): string =>
  `UPDATE ${table} SET ${column} = ${column} - $2 WHERE ${column} > $1 AND ${column} >= $3`;

/**
 * What is kept beside the alarms that are active or held back, and was noted by a clock that was ahead of ours, which shows $1, by so much
 * ($2), and had shown $3 when somebody began to go by it. What happened (events, decisions, actions, the audit log) stays as it was noted:
 * see `lastOldId`.
 */
const TAKEN_BACK = [
  happened("alarms", "last_received_at", " AND state = 'cleared' AND is_held_back = 0"),
  happened("cards", "pending_since"),
  happened("boards", "opened_at"),
  happened("boards", "closed_at"),
  happened("heartbeats", "last_at"),
  happened("outbox", "created_at"),
  happened("people", "last_seen_at"),
  happened("bridge_channels", "called_at"),
  ends("bridge_channels", "next_at"),
  // Where many come at once, seconds to come are given out.
  ends("bridge_channels", "last_at"),
];

/** What need not wait for longer counts as now. */
const DUE_NOW = [
  "UPDATE cards SET retry_at = $1 WHERE retry_at > $1",
  // How many rang lately is not known then; none of them makes a flood.
  "UPDATE cards SET rang_at = 0 WHERE rang_at > $1",
  // A night's board is shown when it is not quiet any more.
  "UPDATE boards SET show_at = $1 WHERE show_at > $1 AND kind <> 'quietHours'",
  // What was known of a channel up to a time that had not come yet is read again.
  `DELETE FROM feed_blocks WHERE kept_at > $1 AND channel <> '${LIVE_CHANNEL}'`,
  "UPDATE feed_blocks SET kept_at = $1 WHERE kept_at > $1",
];

/**
 * Takes back what was noted by a clock that was ahead of ours.
 * @returns whether anything was
 */
export async function settleClock(
  queries: Queries,
  now: number,
  { aheadMs, since }: Pick<FormerClock, "aheadMs" | "since">,
): Promise<boolean> {
  const from = Math.min(since, now + 1);
  let changed = 0;
  for (const sql of TAKEN_BACK) changed += await queries.run(sql, now, aheadMs, from);
  for (const sql of DUE_NOW) changed += await queries.run(sql, now);
  return changed > 0;
}

/** When the newest thing was noted of which there is a line, by our clock then; 0: nothing was. Epoch ms. */
export async function newestAt(queries: Pick<Queries, "all">): Promise<number> {
  const [row] = await queries.all<{ event: number | null; action: number | null; decision: number | null }>(
    `SELECT (SELECT received_at FROM events ORDER BY id DESC LIMIT 1) AS event,
       (SELECT acted_at FROM actions ORDER BY id DESC LIMIT 1) AS action,
       (SELECT decided_at FROM decisions ORDER BY id DESC LIMIT 1) AS decision`,
  );
  return Math.max(row?.event ?? 0, row?.action ?? 0, row?.decision ?? 0);
}
