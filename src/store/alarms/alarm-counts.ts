import type { Scope } from "../../alarms/payloads/own.ts";
import { rankOf, type Severity } from "../../alarms/types.ts";
import { hiddenTopic } from "./alarm-lists.ts";
import type { Database } from "../sql/database.ts";

/**
 * Counts the alarms of which something came since then, by the worst that each was in its latest occurrence, and all that are
 * active now, or came and went and nobody has acknowledged.
 * @param since epoch ms
 */
export async function countAlarms(
  database: Database,
  since: number,
  scope: Scope = "everything",
): Promise<{ readonly came: Readonly<Record<Severity, number>>; readonly active: number; readonly returned: number }> {
  const rows = await database.all<{ rank: number; count: number }>(
    `SELECT peak_severity AS rank, COUNT(*) AS count FROM alarms WHERE last_received_at >= $1 AND topic <> $2
     GROUP BY peak_severity`,
    since,
    hiddenTopic(scope),
  );
  const [now] = await database.all<{ active: number; returned: number }>(
    `SELECT (SELECT COUNT(*) FROM alarms WHERE state = 'active' AND topic <> $1) AS active,
       (SELECT COUNT(*) FROM alarms WHERE is_returned = 1 AND topic <> $1) AS returned`,
    hiddenTopic(scope),
  );
  const countOf = (severity: Severity): number => rows.find(({ rank }) => rank === rankOf(severity))?.count ?? 0;
  const came = {
    info: countOf("info"),
    warning: countOf("warning"),
    error: countOf("error"),
    critical: countOf("critical"),
  };
  return { came, active: now?.active ?? 0, returned: now?.returned ?? 0 };
}
