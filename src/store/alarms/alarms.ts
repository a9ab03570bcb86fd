import type { RingReason } from "../../alarms/card.ts";
import { CRITICAL_RING_RANK } from "../../alarms/cards/due.ts";
import { ADMINS_TOPIC, type Scope } from "../../alarms/payloads/own.ts";
import { NO_COURSE } from "../../alarms/lifecycle/occurrence.ts";
import type { AlarmEvent } from "../../alarms/event.ts";
import { type Course, SEVERITIES, type Alarm } from "../../alarms/types.ts";
import type { Queries } from "../sql/database.ts";

/** A row of `alarms`, under the names of its columns. */
export interface AlarmRow {
  id: number;
  alarm_key: string;
  topic: string;
  source: string | null;
  message: string;
  severity: number;
  peak_severity: number;
  state: Alarm["state"];
  is_cleared_by_plant: number;
  value: number | null;
  unit: string | null;
  limit_value: number | null;
  field: number | null;
  occurrence: number;
  event_count: number;
  started_at: number;
  last_at: number;
  last_received_at: number;
  cleared_at: number | null;
  acknowledged_by: string | null;
  acknowledged_at: number | null;
  /** JSON; `{}` in a row of an older Valvomo. */
  course: string;
  due_at: number | null;
  second_path_at: number | null;
  /** 0 in a row of an older Valvomo: not known. */
  told_at: number | null;
  heard_at: number | null;
  owed_ring: RingReason | null;
  version: number;
}

/** The alarm in a row. */
export function toAlarm(row: AlarmRow): Alarm {
  return {
    id: row.id,
    key: row.alarm_key,
    topic: row.topic,
    source: row.source,
    message: row.message,
    severity: SEVERITIES[row.severity] ?? "critical",
    peakSeverity: SEVERITIES[row.peak_severity] ?? "critical",
    state: row.state,
    isClearedByPlant: row.is_cleared_by_plant === 1,
    value: row.value,
    unit: row.unit,
    limit: row.limit_value,
    field: row.field,
    occurrence: row.occurrence,
    count: row.event_count,
    startedAt: row.started_at,
    lastAt: row.last_at,
    lastReceivedAt: row.last_received_at,
    clearedAt: row.cleared_at,
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: row.acknowledged_at,
    toldAt: row.told_at,
    heardAt: row.heard_at,
    owedRing: row.owed_ring,
    course: toCourse(row),
    secondPathAt: row.second_path_at,
    version: row.version,
  };
}

/** What an older Valvomo did not note of a shelf is that it held for the worst that the alarm had been. */
function toCourse({ course, peak_severity: peak }: Pick<AlarmRow, "course" | "peak_severity">): Course {
  const read = { ...NO_COURSE, ...(JSON.parse(course) as Partial<Course>) };
  return read.shelf ? { ...read, shelf: { ...read.shelf, severity: read.shelf.severity ?? SEVERITIES[peak] } } : read;
}

/** The alarm with this key; `null` if there is none. */
export async function findAlarm(queries: Pick<Queries, "all">, key: string): Promise<Alarm | null> {
  const [row] = await queries.all<AlarmRow>("SELECT * FROM alarms WHERE alarm_key = $1", key);
  return row ? toAlarm(row) : null;
}

/**
 * The one active alarm that a "cleared" with a text of its own can mean: same topic, source and field; or one without a text: same topic,
 * and source and field if it names them. `null` if there is none or more than one, since clearing the wrong one would hide an alarm.
 */
export async function findCleared(queries: Queries, event: AlarmEvent): Promise<Alarm | null> {
  // With an id it names the alarm that it means.
  const isVague = event.source === null || event.field === null;
  if (event.id !== null || (isVague && event.name === null)) return null;
  const given = [event.topic, event.source, event.field];
  const conditions = ["topic", "source", "field"].flatMap((name, i) => (given[i] === null ? [] : [name]));
  const rows = await queries.all<AlarmRow>(
    `SELECT * FROM alarms WHERE ${conditions.map((name, i) => `${name} = $${i + 1}`).join(" AND ")}
       AND state = 'active' AND is_cleared_by_plant = 1 ORDER BY id LIMIT 2`,
    ...given.filter((value) => value !== null),
  );
  return rows.length === 1 && rows[0] ? toAlarm(rows[0]) : null;
}

/** All that is active on a topic. */
export async function listActiveOfTopic(queries: Queries, topic: string): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE topic = $1 AND state = 'active' ORDER BY id",
    topic,
  );
  return rows.map(toAlarm);
}

/** The alarm with this number; `null` if there is none. */
export async function findAlarmById(queries: Pick<Queries, "all">, id: number): Promise<Alarm | null> {
  const [row] = await queries.all<AlarmRow>("SELECT * FROM alarms WHERE id = $1", id);
  return row ? toAlarm(row) : null;
}

/** Active alarms that were to ring as critical before `since`, and of which no chat was told and nobody knows yet. */
export async function listUntold(queries: Pick<Queries, "all">, since: number, limit: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    `SELECT * FROM alarms WHERE state = 'active' AND second_path_at IS NULL AND acknowledged_at IS NULL AND is_shelved = 0 AND id IN (
       SELECT alarm_id FROM cards WHERE is_pending = 1 AND pending_rank >= ${CRITICAL_RING_RANK} AND pending_since <= $1
     ) AND NOT EXISTS (
       SELECT 1 FROM cards WHERE cards.alarm_id = alarms.id AND cards.message_id IS NOT NULL AND cards.rung = cards.rings
     ) ORDER BY id LIMIT $2`,
    since,
    limit,
  );
  return rows.map(toAlarm);
}

/** Active alarms with a higher number that wait to ring in a chat, lowest first. */
export async function listWaiting(
  queries: Pick<Queries, "all">,
  chatId: number,
  afterId: number,
  limit: number,
): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    // The plus keeps SQLite from indexes whose rows would all have to be sorted for each few of them.
    `SELECT alarms.* FROM cards JOIN alarms ON alarms.id = cards.alarm_id
     WHERE cards.alarm_id > $2 AND +cards.chat_id = $1 AND +is_pending = 1 AND rings > rung AND state = 'active'
     ORDER BY cards.alarm_id LIMIT $3`,
    chatId,
    afterId,
    limit,
  );
  return rows.map(toAlarm);
}

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
interface PageWish {
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

/** The topic whose alarms a scope leaves out; none has the empty one. */
export const hiddenTopic = (scope: Scope = "everything"): string => (scope === "everything" ? "" : ADMINS_TOPIC);

/** Alarms of which somebody is the owner, that they put aside, or that have a note of theirs. */
export async function listOfPerson(queries: Pick<Queries, "all">, userId: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE course LIKE $1 ORDER BY id",
    `%"userId":${userId},%`,
  );
  return rows.map(toAlarm);
}

/** Alarms to which time does something now, those that wait longest first. */
export async function listDue(queries: Pick<Queries, "all">, now: number, limit: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    now,
    limit,
  );
  return rows.map(toAlarm);
}

/** The next active alarms by number, each with the time at which time is to do something to it; epoch ms. */
export async function listScheduled(
  queries: Pick<Queries, "all">,
  afterId: number,
  limit: number,
): Promise<{ readonly alarm: Alarm; readonly dueAt: number | null }[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE id > $1 AND state = 'active' ORDER BY id LIMIT $2",
    afterId,
    limit,
  );
  return rows.map((row) => ({ alarm: toAlarm(row), dueAt: row.due_at }));
}
