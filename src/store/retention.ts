import { lastOldId } from "./sql/age.ts";
import { deleteRowsOf } from "./sql/rows.ts";
import { together } from "./sql/together.ts";
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

/** So many rows are looked at in one transaction: nobody waits long for that. */
const PART = 200;

interface Limits {
  readonly before: number;
  readonly now: number;
  /** The highest ids of what is old; see `lastOldId`. */
  readonly lastOldEvent: number;
  readonly lastOldDecision: number;
  readonly lastOldAction: number;
}

/** A row as it was looked at; 1: it is to go. */
interface Looked {
  readonly is_over: number;
}

/** Rows of one kind, and which of them go. */
interface Kind<Row extends Looked> {
  /** Looks at the next `PART`. @param last the one that was looked at last; `null`: none yet */
  look(queries: Pick<Queries, "all">, last: Row | null, limits: Limits): Promise<readonly Row[]>;
  remove(queries: Queries, over: readonly Row[]): Promise<unknown>;
}

/**
 * Goes through rows in their order: what stays is looked at once, and not again for each part that goes.
 * @returns how many went
 */
async function sweep<Row extends Looked>(database: Database, kind: Kind<Row>, limits: Limits): Promise<number> {
  let gone = 0;
  let last: Row | null = null;
  do {
    const from: Row | null = last;
    // Mostly all of them stay, and nobody is kept from writing.
    const rows = await kind.look(database, from, limits);
    if (overOf(rows).length > 0)
      gone += await database.transaction(async (queries) => {
        const over = overOf(await kind.look(queries, from, limits));
        await kind.remove(queries, over);
        return over.length;
      }, "crash");
    last = rows.length < PART ? null : (rows.at(-1) ?? null);
  } while (last !== null);
  return gone;
}

const overOf = <Row extends Looked>(rows: readonly Row[]): Row[] => rows.filter((row) => row.is_over === 1);

interface IdRow extends Looked {
  readonly id: number;
}

const idsOf = (rows: readonly IdRow[]): number[] => rows.map(({ id }) => id);

const OLD_EVENTS: Kind<IdRow> = {
  look: (queries, last, { lastOldEvent }) =>
    queries.all(
      `SELECT id, CASE WHEN is_retained = 0
         AND id < (SELECT MAX(newer.id) FROM events AS newer WHERE newer.alarm_id = events.alarm_id) THEN 1 ELSE 0 END AS is_over
       FROM events WHERE id > $1 AND id <= $2 ORDER BY id LIMIT ${PART}`,
      last?.id ?? 0,
      lastOldEvent,
    ),
  remove: (queries, over) => deleteRowsOf(queries, "DELETE FROM events WHERE id IN", idsOf(over)),
};

/** An alarm takes its rows in other tables with it, of which few are left by then. */
const OVER_ALARMS: Kind<IdRow> = {
  look: (queries, last, { before, now, lastOldEvent }) =>
    queries.all(
      // EXISTS would let PostgreSQL read all events there are into memory, for the few alarms of a part.
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
    await deleteRowsOf(queries, `DELETE FROM ${table} WHERE alarm_id IN`, ids);
  }
  await deleteRowsOf(queries, "DELETE FROM alarms WHERE id IN", ids);
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
const OLD_MESSAGES: Kind<MessageRow> = {
  look: (queries, last, { before }) =>
    queries.all(
      `SELECT chat_id, message_id, CASE WHEN alarms.id IS NULL OR (
         shown_at > 0 AND shown_at < $1 AND alarms.state <> 'active' AND NOT EXISTS (
           SELECT 1 FROM cards WHERE cards.alarm_id = messages.alarm_id AND cards.chat_id = messages.chat_id
             AND cards.message_id = messages.message_id
         )
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
const oldLines = (table: "decisions" | "actions", lastOf: (limits: Limits) => number): Kind<IdRow> => ({
  look: (queries, last, limits) =>
    queries.all(
      `SELECT id, 1 AS is_over FROM ${table} WHERE id > $1 AND id <= $2 ORDER BY id LIMIT ${PART}`,
      last?.id ?? 0,
      lastOf(limits),
    ),
  remove: (queries, over) => deleteRowsOf(queries, `DELETE FROM ${table} WHERE id IN`, idsOf(over)),
});

const OLD_DECISIONS = oldLines("decisions", ({ lastOldDecision }) => lastOldDecision);
const OLD_ACTIONS = oldLines("actions", ({ lastOldAction }) => lastOldAction);
