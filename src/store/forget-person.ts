import { dueAt } from "../alarms/elapse.ts";
import { withoutPerson } from "../alarms/forget.ts";
import { findAlarmById, saveAlarm } from "./alarms.ts";
import { saveChange, type ChangeOptions } from "./change.ts";
import type { Queries } from "./database.ts";

/** What stands for somebody who is forgotten. */
export const pseudonymOf = (id: number): string => `person ${id}`;

const SILENT = { ring: null, ringsIn: null, saying: null } as const;

/**
 * Removes all that is kept of a person: name, Telegram's number, role, private chat, open dialogues. What he did to alarms stays
 * under a pseudonym, and so does his number in the audit log.
 * @returns the chats whose cards show the name and are to be edited
 */
export async function forgetPerson(
  queries: Queries,
  person: { readonly id: number; readonly userId: number },
  change: ChangeOptions,
): Promise<readonly number[]> {
  const { id, userId } = person;
  const pseudonym = pseudonymOf(id);
  const acts = await queries.all<{ alarm_id: number; person: string }>(
    "SELECT DISTINCT alarm_id, person FROM actions WHERE user_id = $1",
    userId,
  );
  const names = new Set(acts.map((act) => act.person));
  const chatIds = new Set<number>();
  for (const alarmId of new Set(acts.map((act) => act.alarm_id))) {
    const alarm = await findAlarmById(queries, alarmId);
    if (!alarm) continue;
    const after = withoutPerson(alarm, { userId, names }, pseudonym);
    // Cards of what is over are history in Telegram too; only what is looked at now is edited.
    if (alarm.state === "cleared") await saveAlarm(queries, after, dueAt(after, change.rules));
    else {
      const shown = { ...after, version: alarm.version + 1 };
      for (const chatId of await saveChange(queries, alarm, shown, change, SILENT)) chatIds.add(chatId);
    }
  }
  await queries.run("UPDATE actions SET user_id = 0, person = $2 WHERE user_id = $1", userId, pseudonym);
  await queries.run("UPDATE people SET user_id = NULL, name = NULL, role = NULL WHERE id = $1", id);
  // The id of a private chat is the person's.
  for (const table of ["cards", "boards", "messages", "decisions", "chats"]) {
    await queries.run(`DELETE FROM ${table} WHERE chat_id = $1`, userId);
  }
  await queries.run("DELETE FROM dialogues WHERE dialogue_key LIKE $1", `%:${userId}`);
  chatIds.delete(userId);
  return [...chatIds];
}
