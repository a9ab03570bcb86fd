import { dueAt } from "../alarms/lifecycle/elapse.ts";
import { withoutPerson } from "../alarms/lifecycle/forget.ts";
import { reachabilityEvent } from "../alarms/payloads/own.ts";
import { findAlarm, listOfPerson } from "../store/alarms/alarms.ts";
import { pseudonymOf } from "../people/pseudonym.ts";
import { saveChange, SILENT, type ChangeOptions } from "./change.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { forgetPrivateChat, namesOf, renameInOutbox, renameInTables } from "../store/people/traces.ts";
import { deleteAlarms } from "../store/retention.ts";

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
  await renameInTables(queries, person, pseudonym);
  // The id of a private chat is the person's. That it could not be reached was an alarm, with the number in it.
  const own = await findAlarm(
    queries,
    reachabilityEvent({ chatId: userId, threadId: null }, null, change.now).alarmKey,
  );
  if (own) await deleteAlarms(queries, [own.id]);
  await forgetPrivateChat(queries, userId);
  chatIds.delete(userId);
  return [...chatIds];
}
