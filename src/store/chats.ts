import type { Database, Queries } from "./database.ts";

/** What is known of each chat. Read once at the start; few, so kept in memory. */
export interface ChatSettings {
  /** IANA name; the default one if the chat has chosen none. */
  timeZoneOf(chatId: number): string;
  setTimeZone(chatId: number, timeZone: string): Promise<void>;
  /** The id under which a chat lives now: a group that becomes a supergroup gets another one. */
  currentId(chatId: number): number;
  /** Notes that a chat lives on under another id, and takes its cards and settings there. A second time changes nothing. */
  migrate(chatId: number, newChatId: number): Promise<void>;
}

interface ChatRow {
  chat_id: number;
  time_zone: string | null;
  migrated_to: number | null;
}

/** Reads the chats' settings. */
export async function openChatSettings(database: Database, defaultTimeZone: string): Promise<ChatSettings> {
  const rows = await database.all<ChatRow>("SELECT chat_id, time_zone, migrated_to FROM chats");
  const chats = new Map(rows.map((row) => [row.chat_id, row]));

  async function save(queries: Queries, row: ChatRow): Promise<void> {
    await queries.run(
      `INSERT INTO chats (chat_id, time_zone, migrated_to) VALUES ($1, $2, $3)
       ON CONFLICT (chat_id) DO UPDATE SET time_zone = excluded.time_zone, migrated_to = excluded.migrated_to`,
      row.chat_id,
      row.time_zone,
      row.migrated_to,
    );
  }

  const rowOf = (chatId: number): ChatRow =>
    chats.get(chatId) ?? { chat_id: chatId, time_zone: null, migrated_to: null };

  /** Cards that the new chat has already stay; the others move, without their messages, which are not there. */
  async function moveCards(queries: Queries, chatId: number, newChatId: number): Promise<void> {
    await queries.run(
      "DELETE FROM cards WHERE chat_id = $1 AND alarm_id IN (SELECT alarm_id FROM cards WHERE chat_id = $2)",
      chatId,
      newChatId,
    );
    await queries.run(
      "UPDATE cards SET chat_id = $2, message_id = NULL, outdated_message_id = NULL, retry_at = 0 WHERE chat_id = $1",
      chatId,
      newChatId,
    );
    await queries.run("UPDATE decisions SET chat_id = $2 WHERE chat_id = $1", chatId, newChatId);
  }

  return {
    timeZoneOf: (chatId) => rowOf(chatId).time_zone ?? defaultTimeZone,
    async setTimeZone(chatId, timeZone) {
      const row = { ...rowOf(chatId), time_zone: timeZone };
      await database.transaction((queries) => save(queries, row));
      chats.set(chatId, row);
    },
    currentId: (chatId) => rowOf(chatId).migrated_to ?? chatId,
    async migrate(chatId, newChatId) {
      if (chatId === newChatId) return;
      const old = { ...rowOf(chatId), migrated_to: newChatId };
      const fresh = { ...rowOf(newChatId), time_zone: old.time_zone };
      await database.transaction(async (queries) => {
        await save(queries, old);
        await save(queries, fresh);
        await moveCards(queries, chatId, newChatId);
      });
      chats.set(chatId, old).set(newChatId, fresh);
    },
  };
}
