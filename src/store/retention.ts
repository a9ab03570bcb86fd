import { lastOldId } from "./sql/age.ts";
import { changeRowsOf } from "./sql/rows.ts";
import { together } from "./sql/together.ts";
import { PART, sweep, type Sweep, type Looked } from "./sweep.ts";
import type { Database, Queries } from "./sql/database.ts";

/**
 * Forgets what is older than `before` (epoch ms): events, decisions, actions and boards, which messages showed an alarm that is over, and alarms that are
 * cleared since then and that no rule holds back, with all that is theirs. The newest event of each alarm stays as long as the alarm does, and so does what a broker is known
 * to hand out again as retained, however old: forgotten, it would ring as new.
 * @returns how many rows went
 */
export async function forgetOld(database: Database, before: number, now: number): Promise<number> {
  return forget(database, before, await lastOldId(database, "events", { before, now }), now);
}

/** Forgets all that came up to an event, in the same way, whatever clocks showed. */
export const forgetUpTo = (
  database: Database,
  event: { readonly id: number; readonly at: number },
  now: number,
): Promise<number> => forget(database, Math.min(event.at, now) + 1, event.id, now);

async function forget(database: Database, before: number, lastOldEvent: number, now: number): Promise<number> {
  const limits: Limits = {
    before,
    now,
    lastOldEvent,
    lastOldDecision: await lastOldId(database, "decisions", { before, now }),
    lastOldAction: await lastOldId(database, "actions", { before, now }),
  };
  await sweep(database, STALE_MARKS, limits);
  let gone = await sweep(database, OLD_EVENTS, limits);
  gone += await sweep(database, OVER_ALARMS, limits);
  await database.transaction((queries) => forgetBoards(queries, before), "crash");
  gone += await sweep(database, OLD_MESSAGES, limits);
  gone += await sweep(database, OLD_DECISIONS, limits);
  gone += await sweep(database, OLD_ACTIONS, limits);
  if (gone > 0) await database.transaction((queries) => noteForgotten(queries, lastOldEvent), "crash");
  return gone;
}

/** Names in the facts the newest event up to which the history is not whole any more. */
export const FORGOTTEN = "history forgotten";

async function noteForgotten(queries: Queries, id: number): Promise<void> {
  await queries.run(
    `INSERT INTO facts (name, content) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET content = excluded.content
     WHERE CAST(facts.content AS BIGINT) < CAST(excluded.content AS BIGINT)`,
    FORGOTTEN,
    String(id),
  );
}

interface Limits {
  readonly before: number;
  readonly now: number;
  /** The highest ids of what is old; see `lastOldId`. */
  readonly lastOldEvent: number;
  readonly lastOldDecision: number;
  readonly lastOldAction: number;
}

// In what follows, EXISTS would let PostgreSQL read a whole table into memory for the few rows of a part.

interface IdRow extends Looked {
  readonly id: number;
}

const idsOf = (rows: readonly IdRow[]): number[] => rows.map(({ id }) => id);

interface MarkRow extends IdRow {
  readonly topic: string;
}

/** A topic retains one message: which that is, is known when the broker hands it out, and what it retained before will not come again. */
const STALE_MARKS: Sweep<MarkRow, Limits> = {
  look: (queries, last) =>
    queries.all(
      `SELECT id, topic, CASE WHEN payload = (
         SELECT newest.payload FROM events AS newest WHERE newest.topic = events.topic AND newest.is_retained = 1
         ORDER BY newest.id DESC LIMIT 1
       ) THEN 0 ELSE 1 END AS is_over
       FROM events WHERE is_retained = 1 ${last ? "AND (topic, id) > ($1, $2)" : ""} ORDER BY topic, id LIMIT ${PART}`,
      ...(last ? [last.topic, last.id] : []),
    ),
  remove: (queries, over) => changeRowsOf(queries, "UPDATE events SET is_retained = 0 WHERE id IN", idsOf(over)),
};

const OLD_EVENTS: Sweep<IdRow, Limits> = {
  look: (queries, last, { lastOldEvent }) =>
    queries.all(
      `SELECT id, CASE WHEN is_retained = 0
         AND id < (SELECT MAX(newer.id) FROM events AS newer WHERE newer.alarm_id = events.alarm_id) THEN 1 ELSE 0 END AS is_over
       FROM events WHERE id > $1 AND id <= $2 ORDER BY id LIMIT ${PART}`,
      last?.id ?? 0,
      lastOldEvent,
    ),
  remove: (queries, over) => changeRowsOf(queries, "DELETE FROM events WHERE id IN", idsOf(over)),
};

/** An alarm takes its rows in other tables with it, of which few are left by then. */
const OVER_ALARMS: Sweep<IdRow, Limits> = {
  look: (queries, last, { before, now, lastOldEvent }) =>
    queries.all(
      `SELECT id, CASE WHEN state = 'cleared' AND is_held_back = 0 AND (last_received_at < $1 OR last_received_at > $2) AND (
         SELECT 1 FROM events WHERE events.alarm_id = alarms.id AND (is_retained = 1 OR events.id > $3) LIMIT 1
       ) IS NULL AND (
         SELECT 1 FROM cards WHERE cards.alarm_id = alarms.id AND is_pending = 1 LIMIT 1
       ) IS NULL THEN 1 ELSE 0 END AS is_over
       FROM alarms WHERE id > $4 ORDER BY id LIMIT ${PART}`,
      before,
      // Stamped while the clock was ahead: its events tell how old it is.
      now,
      lastOldEvent,
      last?.id ?? 0,
    ),
  remove: (queries, over) => deleteAlarms(queries, idsOf(over)),
};

/** Removes alarms with all that is their own, but for which messages showed them: that goes with the next tidying. */
export async function deleteAlarms(queries: Queries, ids: readonly number[]): Promise<void> {
  for (const table of ["events", "cards", "decisions", "actions"]) {
    await changeRowsOf(queries, `DELETE FROM ${table} WHERE alarm_id IN`, ids);
  }
  await changeRowsOf(queries, "DELETE FROM alarms WHERE id IN", ids);
}

/** A board goes with the last of its cards. */
async function forgetBoards(queries: Queries, before: number): Promise<void> {
  await queries.run(
    "DELETE FROM boards WHERE closed_at < $1 AND NOT EXISTS (SELECT 1 FROM cards WHERE cards.board_id = boards.id)",
    before,
  );
  await queries.run("DELETE FROM answers WHERE sent_at < $1", before);
}

interface MessageRow extends Looked {
  readonly chat_id: number;
  readonly message_id: number;
}

/**
 * An alarm that comes again and again has a message for each time: of what is old and over, only that which is its card is needed. When messages
 * of an older Valvomo were shown is not known: they stay for as long as their alarm.
 */
const OLD_MESSAGES: Sweep<MessageRow, Limits> = {
  look: (queries, last, { before }) =>
    queries.all(
      `SELECT chat_id, message_id, CASE WHEN alarms.id IS NULL OR (
         shown_at > 0 AND shown_at < $1 AND alarms.state <> 'active' AND (
           SELECT 1 FROM cards WHERE cards.alarm_id = messages.alarm_id AND cards.chat_id = messages.chat_id
             AND cards.message_id = messages.message_id LIMIT 1
         ) IS NULL
       ) THEN 1 ELSE 0 END AS is_over
       FROM messages LEFT JOIN alarms ON alarms.id = messages.alarm_id
       ${last ? "WHERE (chat_id, message_id) > ($2, $3)" : ""} ORDER BY chat_id, message_id LIMIT ${PART}`,
      before,
      ...(last ? [last.chat_id, last.message_id] : []),
    ),
  remove: (queries, over) =>
    together(
      over.map(({ chat_id: chatId, message_id: messageId }) =>
        queries.run("DELETE FROM messages WHERE chat_id = $1 AND message_id = $2", chatId, messageId),
      ),
    ),
};

/** Lines that are only appended: the oldest have the lowest ids. */
const oldLines = (table: "decisions" | "actions", lastOf: (limits: Limits) => number): Sweep<IdRow, Limits> => ({
  look: (queries, last, limits) =>
    queries.all(
      `SELECT id, 1 AS is_over FROM ${table} WHERE id > $1 AND id <= $2 ORDER BY id LIMIT ${PART}`,
      last?.id ?? 0,
      lastOf(limits),
    ),
  remove: (queries, over) => changeRowsOf(queries, `DELETE FROM ${table} WHERE id IN`, idsOf(over)),
});

const OLD_DECISIONS = oldLines("decisions", ({ lastOldDecision }) => lastOldDecision);
const OLD_ACTIONS = oldLines("actions", ({ lastOldAction }) => lastOldAction);
