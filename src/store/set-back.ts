import { LIVE_CHANNEL } from "./feed-blocks.ts";
import type { Queries } from "./sql/database.ts";

/**
 * What is kept beside the active alarms and lies ahead of now ($1): the clock was set back since it was noted, and it counts as now. What
 * happened (events, decisions, actions, the audit log) stays as it was noted: see `lastOldId`.
 */
const PRESENT = [
  "UPDATE alarms SET last_received_at = $1 WHERE last_received_at > $1 AND state = 'cleared'",
  "UPDATE cards SET pending_since = $1 WHERE pending_since > $1",
  "UPDATE cards SET retry_at = $1 WHERE retry_at > $1",
  // How many rang lately is not known then; none of them makes a flood.
  "UPDATE cards SET rang_at = 0 WHERE rang_at > $1",
  "UPDATE boards SET opened_at = $1 WHERE opened_at > $1",
  "UPDATE boards SET closed_at = $1 WHERE closed_at > $1",
  // A night's board is shown when it is not quiet any more.
  "UPDATE boards SET show_at = $1 WHERE show_at > $1 AND kind <> 'quietHours'",
  "UPDATE heartbeats SET last_at = $1 WHERE last_at > $1",
  "UPDATE outbox SET created_at = $1 WHERE created_at > $1",
  "UPDATE people SET last_seen_at = $1 WHERE last_seen_at > $1",
  // What was known of a channel up to a time that had not come yet is read again.
  `DELETE FROM feed_blocks WHERE kept_at > $1 AND channel <> '${LIVE_CHANNEL}'`,
  "UPDATE feed_blocks SET kept_at = $1 WHERE kept_at > $1",
];

/**
 * Takes what lies ahead to now.
 * @returns whether anything did
 */
export async function settleClock(queries: Queries, now: number): Promise<boolean> {
  let changed = 0;
  for (const sql of PRESENT) changed += await queries.run(sql, now);
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
