import type { AlarmTime } from "../../alarms/alarm-time.ts";
import type { AlarmEvent } from "../../alarms/event.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Database, Queries } from "../sql/database.ts";
import { listActive, listOpen, type AlarmPage, type OpenPage, type PageWish } from "./alarm-lists.ts";
import { toAlarm, type AlarmRow } from "./alarm-row.ts";
import { alarmTimes, lastStartAt } from "./alarm-times.ts";
import { takeable, type BoardMark, type Takeable } from "./board-content.ts";
import { findAlarmOfMessage } from "./messages.ts";

/** The alarms that are kept. */
export interface Alarms {
  /** The alarm with this number; `null` if there is none. */
  find(id: number): Promise<Alarm | null>;
  /** The alarm that an event belongs to; `null` if there is none yet. */
  readonly ofEvent: (event: Pick<AlarmEvent, "alarmKey">) => Promise<Alarm | null>;
  /** The number of the alarm that a message of ours is about; `null` if it is about none. */
  ofMessage(chatId: number, messageId: number): Promise<number | null>;
  /** What is active, or shelved. */
  listActive(page: PageWish & { readonly isShelved?: boolean }): Promise<AlarmPage>;
  /** What is active, and after that what came and went and nobody has acknowledged. */
  listOpen(page: PageWish): Promise<OpenPage>;
  /** What is open on a board, by what it showed at a mark; see board-content.ts. */
  takeable(boardId: number, mark: BoardMark): Promise<Takeable>;
  /** When alarms about fields were active in a period; see alarm-times.ts. */
  readonly times: (fields: readonly number[], startAt: number, endAt: number) => Promise<readonly AlarmTime[]>;
  /** What so many of the newest alarms are about. */
  readonly newestConditions: (limit: number) => Promise<readonly Pick<Alarm, "topic" | "source" | "message">[]>;
  /** When the newest alarm of a plant began; `null`: there was none. Epoch ms. */
  lastStartAt(): Promise<number | null>;
}

/** No words by which people name an alarm are longer. */
const MAX_WORDS = 1_000;

/** The alarms in the database. */
export function openAlarms(database: Database): Alarms {
  return {
    find: (id) => findAlarmById(database, id),
    ofEvent: ({ alarmKey }) => findAlarm(database, alarmKey),
    ofMessage: (chatId, messageId) => findAlarmOfMessage(database, chatId, messageId),
    listActive: (page) => listActive(database, page),
    listOpen: (page) => listOpen(database, page),
    takeable: (boardId, mark) => takeable(database, boardId, mark),
    times: (fields, startAt, endAt) => alarmTimes(database, fields, startAt, endAt),
    newestConditions: (limit) =>
      database.all(
        `SELECT topic, source, substr(message, 1, ${MAX_WORDS}) AS message FROM alarms ORDER BY id DESC LIMIT $1`,
        limit,
      ),
    lastStartAt: () => lastStartAt(database),
  };
}

/** The alarm with this key; `null` if there is none. */
export async function findAlarm(queries: Pick<Queries, "all">, key: string): Promise<Alarm | null> {
  const [row] = await queries.all<AlarmRow>("SELECT * FROM alarms WHERE alarm_key = $1", key);
  return row ? toAlarm(row) : null;
}

/** The alarm with this number; `null` if there is none. */
export async function findAlarmById(queries: Pick<Queries, "all">, id: number): Promise<Alarm | null> {
  const [row] = await queries.all<AlarmRow>("SELECT * FROM alarms WHERE id = $1", id);
  return row ? toAlarm(row) : null;
}

/** What the plant says is there: active, or held back by a rule until it comes. Each has an index of its own. */
export const standing = (where: string): string =>
  `SELECT * FROM alarms WHERE state = 'active' AND ${where}
   UNION ALL SELECT * FROM alarms WHERE is_held_back = 1 AND state <> 'active' AND ${where}`;

/**
 * The one active alarm that a "cleared" with a text of its own can mean: same topic, source and field; or one without a text: same topic,
 * and source and field if it names them. `null` if there is none or more than one, since clearing the wrong one would hide an alarm.
 */
export async function findCleared(queries: Queries, event: AlarmEvent): Promise<Alarm | null> {
  // With an id it names the alarm that it means.
  const isVague = event.source === null || event.field === null;
  if (event.id !== null || (isVague && event.name === null)) return null;
  const given = [event.topic, event.source, event.field];
  const names = ["topic", "source", "field"].flatMap((name, i) => (given[i] === null ? [] : [name]));
  const conditions = names.map((name, i) => `${name} = $${i + 1} AND `).join("");
  const rows = await queries.all<AlarmRow>(
    `${standing(`${conditions}is_cleared_by_plant = 1`)} ORDER BY id LIMIT 2`,
    ...given.filter((value) => value !== null),
  );
  return rows.length === 1 && rows[0] ? toAlarm(rows[0]) : null;
}

/** All that stands on a topic. */
export async function listStandingOfTopic(queries: Queries, topic: string): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(`${standing("topic = $1")} ORDER BY id`, topic);
  return rows.map(toAlarm);
}

/** Alarms that somebody acknowledged, shelved or wrote a note to. */
export async function listOfPerson(queries: Pick<Queries, "all">, userId: number): Promise<Alarm[]> {
  const rows = await queries.all<AlarmRow>(
    "SELECT * FROM alarms WHERE course LIKE $1 ORDER BY id",
    `%"userId":${userId},%`,
  );
  return rows.map(toAlarm);
}
