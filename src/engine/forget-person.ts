import { dueAt } from "../alarms/lifecycle/elapse.ts";
import { withoutPerson } from "../alarms/lifecycle/forget.ts";
import { reachabilityEvent } from "../alarms/payloads/own.ts";
import { withoutName } from "../alarms/payloads/plant-answer.ts";
import { findAlarm, listOfPerson } from "../store/alarms/alarms.ts";
import { pseudonymOf } from "../people/pseudonym.ts";
import { saveChange, SILENT, type ChangeOptions } from "./change.ts";
import type { Queries } from "../store/sql/database.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { deleteAlarm } from "../store/retention.ts";

/** Somebody as the people of the store know them. */
export interface KnownPerson {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
}

/**
 * Removes all that is kept of a person: name, Telegram's number, role, private chat, open dialogues. What they did to alarms stays
 * under a pseudonym, and so does their number in the audit log.
 * @returns the chats whose cards show the name and are to be edited
 */
export async function forgetPerson(
  ledger: Ledger,
  person: KnownPerson,
  change: ChangeOptions,
): Promise<readonly number[]> {
  const { queries } = ledger;
  const { id, userId, name } = person;
  const pseudonym = pseudonymOf(id);
  const chatIds = new Set<number>();
  for (const alarm of await listOfPerson(queries, userId)) {
    const after = withoutPerson(alarm, userId, pseudonym);
    // Cards of what is over are history in Telegram too; only what is looked at now is edited.
    if (alarm.state === "cleared") ledger.alarms.save(after, dueAt(after, change.rules));
    else {
      const shown = { ...after, version: alarm.version + 1 };
      for (const chatId of await saveChange(ledger, alarm, shown, change, SILENT)) chatIds.add(chatId);
    }
  }
  await ledger.flush();
  await renameInOutbox(queries, await namesOf(queries, userId, name), pseudonym);
  await queries.run("UPDATE actions SET user_id = 0, person = $2 WHERE user_id = $1", userId, pseudonym);
  await queries.run("UPDATE people SET user_id = NULL, name = NULL, role = NULL WHERE id = $1", id);
  // The id of a private chat is the person's. That it could not be reached was an alarm, with the number in it.
  const own = await findAlarm(
    queries,
    reachabilityEvent({ chatId: userId, threadId: null }, null, change.now).alarmKey,
  );
  if (own) await deleteAlarm(queries, own.id);
  for (const table of ["cards", "boards", "messages", "answers", "decisions", "chats"]) {
    await queries.run(`DELETE FROM ${table} WHERE chat_id = $1`, userId);
  }
  await queries.run("DELETE FROM dialogues WHERE dialogue_key LIKE $1", `%:${userId}`);
  chatIds.delete(userId);
  return [...chatIds];
}

/** All that somebody was called when they did something. */
async function namesOf(queries: Queries, userId: number, name: string): Promise<ReadonlySet<string>> {
  const rows = await queries.all<{ person: string }>("SELECT DISTINCT person FROM actions WHERE user_id = $1", userId);
  return new Set([name, ...rows.map(({ person }) => person)]);
}

/** What the plant is still to be told. */
async function renameInOutbox(queries: Queries, names: ReadonlySet<string>, pseudonym: string): Promise<void> {
  const rows = await queries.all<{ id: number; payload: string }>("SELECT id, payload FROM outbox WHERE kind = 'mqtt'");
  for (const { id, payload } of rows) {
    const renamed = withoutName(payload, names, pseudonym);
    if (renamed !== payload) await queries.run("UPDATE outbox SET payload = $2 WHERE id = $1", id, renamed);
  }
}
