import { lastOldId } from "./sql/age.ts";
import type { Database, Queries } from "./sql/database.ts";

/**
 * Forgets what is older than `before` (epoch ms): events, decisions, actions and boards, which messages showed an alarm that is over, and alarms that are
 * cleared since then and that no rule holds back, with all that is theirs. The newest event of each alarm stays as long as the alarm does, and so does what a broker is known
 * to hand out again as retained, however old: forgotten, it would ring as new.
 * @returns how many events, alarms and lines went
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
  const when = { before, now };
  const lastOld = {
    event: lastOldEvent,
    decision: await lastOldId(database, "decisions", when),
    action: await lastOldId(database, "actions", when),
  };
  let gone = 0;
  for (const { forget: step, batch } of STEPS) {
    for (let more = true; more;) {
      const count = await database.transaction((queries) => step(queries, { ...when, lastOld, batch }), "crash");
      gone += count;
      more = count >= batch;
    }
  }
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
  readonly lastOld: { readonly event: number; readonly decision: number; readonly action: number };
  readonly batch: number;
}

async function forgetAlarms(queries: Queries, { before, now, lastOld, batch }: Limits): Promise<number> {
  const alarms = await queries.all<{ id: number }>(
    `SELECT id FROM alarms WHERE state = 'cleared' AND is_held_back = 0 AND (last_received_at < $1 OR last_received_at > $4) AND NOT EXISTS (
       SELECT 1 FROM events WHERE events.alarm_id = alarms.id AND (is_retained = 1 OR events.id > $3)
     ) AND NOT EXISTS (
       SELECT 1 FROM cards WHERE cards.alarm_id = alarms.id AND is_pending = 1
     ) ORDER BY last_received_at LIMIT $2`,
    before,
    batch,
    lastOld.event,
    // Stamped while the clock was ahead: its events tell how old it is.
    now,
  );
  for (const { id } of alarms) await deleteAlarm(queries, id);
  // A board goes with the last of its cards.
  await queries.run(
    `DELETE FROM boards WHERE closed_at < $1 AND NOT EXISTS (SELECT 1 FROM cards WHERE cards.board_id = boards.id)`,
    before,
  );
  await queries.run("DELETE FROM answers WHERE sent_at < $1", before);
  return alarms.length;
}

/** Removes an alarm with all that is its own. */
export async function deleteAlarm(queries: Queries, id: number): Promise<void> {
  for (const table of ["events", "cards", "messages", "decisions", "actions"]) {
    await queries.run(`DELETE FROM ${table} WHERE alarm_id = $1`, id);
  }
  await queries.run("DELETE FROM alarms WHERE id = $1", id);
}

function forgetEvents(queries: Queries, { lastOld, batch }: Limits): Promise<number> {
  return queries.run(
    `DELETE FROM events WHERE id IN (
       SELECT id FROM events WHERE id <= $1 AND is_retained = 0
         AND id < (SELECT MAX(newer.id) FROM events AS newer WHERE newer.alarm_id = events.alarm_id)
       ORDER BY id LIMIT $2
     )`,
    lastOld.event,
    batch,
  );
}

/** Lines that are only appended: the oldest have the lowest ids. */
const forgetLines =
  (table: "decisions" | "actions", of: "decision" | "action") =>
  (queries: Queries, { lastOld, batch }: Limits): Promise<number> =>
    queries.run(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE id <= $1 ORDER BY id LIMIT $2)`,
      lastOld[of],
      batch,
    );

/** An alarm that comes again and again has a message for each time: of what is old and over, only that which is its card is needed. */
const forgetMessages = (queries: Queries, { before, batch }: Limits): Promise<number> =>
  queries.run(
    `DELETE FROM messages WHERE (chat_id, message_id) IN (
       SELECT chat_id, message_id FROM messages WHERE shown_at > 0 AND shown_at < $1 AND NOT EXISTS (
         SELECT 1 FROM cards WHERE cards.alarm_id = messages.alarm_id AND cards.chat_id = messages.chat_id
           AND cards.message_id = messages.message_id
       ) AND NOT EXISTS (SELECT 1 FROM alarms WHERE alarms.id = messages.alarm_id AND alarms.state = 'active') LIMIT $2
     )`,
    before,
    batch,
  );

/** In steps so small that nobody waits long for one; an alarm takes its rows in other tables with it, of which few are left then. */
const STEPS = [
  { forget: forgetEvents, batch: 500 },
  { forget: forgetAlarms, batch: 50 },
  { forget: forgetMessages, batch: 500 },
  { forget: forgetLines("decisions", "decision"), batch: 500 },
  { forget: forgetLines("actions", "action"), batch: 500 },
];
