import { ADMINS_TOPIC, type Scope } from "../../alarms/payloads/own.ts";
import { rankOf, type Alarm, type Severity } from "../../alarms/types.ts";
import type { Database, Queries } from "../sql/database.ts";
import { toAlarm, type AlarmRow } from "./alarm-row.ts";

/** A part of a list, and how long the whole is. */
export interface AlarmPage {
  readonly alarms: readonly Alarm[];
  readonly total: number;
}

/** A part of what is still to be done: what is active first, then what came and went and nobody has acknowledged. */
export interface OpenPage {
  readonly alarms: readonly Alarm[];
  readonly active: number;
  readonly returned: number;
}

/** Which part of a list is asked for, by whom. */
export interface PageWish {
  readonly offset: number;
  readonly limit: number;
  readonly scope?: Scope;
}

/** Active alarms, the most severe first and then the newest; only those that are shelved, if that is asked for. */
export async function listActive(
  queries: Pick<Queries, "all">,
  page: PageWish & { readonly isShelved?: boolean },
): Promise<AlarmPage> {
  const kind = page.isShelved ? SHELVED : ACTIVE;
  return { alarms: await listSome(queries, kind, page), total: await count(queries, kind, page.scope) };
}

/** What is still to be done; each kind the most severe first and then the newest. */
export async function listOpen(queries: Pick<Queries, "all">, page: PageWish): Promise<OpenPage> {
  const [active, returned] = [await count(queries, ACTIVE, page.scope), await count(queries, RETURNED, page.scope)];
  const alarms = await listSome(queries, ACTIVE, page);
  const rest = { ...page, offset: Math.max(0, page.offset - active), limit: page.limit - alarms.length };
  return {
    alarms: rest.limit > 0 ? [...alarms, ...(await listSome(queries, RETURNED, rest))] : alarms,
    active,
    returned,
  };
}

/** Which alarms, and by which severity they are ordered; each has an index. */
interface Kind {
  readonly where: string;
  readonly severity: "severity" | "peak_severity";
}
const ACTIVE: Kind = { where: "state = 'active'", severity: "severity" };
const SHELVED: Kind = { where: "is_shelved = 1", severity: "severity" };
const RETURNED: Kind = { where: "is_returned = 1", severity: "peak_severity" };

async function listSome(
  queries: Pick<Queries, "all">,
  { where, severity }: Kind,
  { offset, limit, scope }: PageWish,
): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    `SELECT * FROM alarms WHERE ${where} AND topic <> $3 ORDER BY ${severity} DESC, started_at DESC LIMIT $1 OFFSET $2`,
    limit,
    offset,
    hiddenTopic(scope),
  );
  return rows.map(toAlarm);
}

/** Two counts that indexes answer: of a hundred thousand alarms, a look into each would take too long. */
async function count(queries: Pick<Queries, "all">, { where }: Kind, scope?: Scope): Promise<number> {
  const [all] = await queries.all<{ total: number }>(`SELECT COUNT(*) AS total FROM alarms WHERE ${where}`);
  const [hidden] = await queries.all<{ total: number }>(
    `SELECT COUNT(*) AS total FROM alarms WHERE ${where} AND topic = $1`,
    hiddenTopic(scope),
  );
  return (all?.total ?? 0) - (hidden?.total ?? 0);
}

/** The topic whose alarms a scope leaves out; no alarm has the empty topic. */
export const hiddenTopic = (scope: Scope = "everything"): string => (scope === "everything" ? "" : ADMINS_TOPIC);

/**
 * Counts the alarms that came at all and of which something did since then, by the worst that each was in its latest occurrence, and all that are
 * active now, or came and went and nobody has acknowledged.
 * @param since epoch ms
 */
export async function countAlarms(
  database: Database,
  since: number,
  scope: Scope = "everything",
): Promise<{ readonly came: Readonly<Record<Severity, number>>; readonly active: number; readonly returned: number }> {
  const rows = await database.all<{ rank: number; count: number }>(
    `SELECT peak_severity AS rank, COUNT(*) AS count FROM alarms
     WHERE last_received_at >= $1 AND topic <> $2 AND occurrence > 0 GROUP BY peak_severity`,
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
