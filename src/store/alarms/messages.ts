import type { Queries } from "../sql/database.ts";

/** Which alarm a message of ours is about, so that an answer to it finds its way. */

/** Notes that a message shows an alarm now. */
export async function noteMessage(
  queries: Queries,
  { chatId, messageId, alarmId }: { readonly chatId: number; readonly messageId: number; readonly alarmId: number },
  now: number,
): Promise<void> {
  await queries.run(
    `INSERT INTO messages (chat_id, message_id, alarm_id, shown_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (chat_id, message_id) DO UPDATE SET alarm_id = excluded.alarm_id, shown_at = excluded.shown_at`,
    chatId,
    messageId,
    alarmId,
    now,
  );
}

/** The alarm that a message is about; `null` if it is about none that we know. */
export async function findAlarmOfMessage(
  queries: Pick<Queries, "all">,
  chatId: number,
  messageId: number,
): Promise<number | null> {
  const [row] = await queries.all<{ alarm_id: number }>(
    "SELECT alarm_id FROM messages WHERE chat_id = $1 AND message_id = $2",
    chatId,
    messageId,
  );
  return row?.alarm_id ?? null;
}
