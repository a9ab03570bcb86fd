import type { Database } from "./database.ts";

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

  async function save(row: ChatRow): Promise<void> {
    await database.transaction((queries) =>
      queries.run(
        `INSERT INTO chats (chat_id, time_zone, migrated_to) VALUES ($1, $2, $3)
         ON CONFLICT (chat_id) DO UPDATE SET time_zone = excluded.time_zone, migrated_to = excluded.migrated_to`,
        row.chat_id,
        row.time_zone,
        row.migrated_to,
      ),
    );
    chats.set(row.chat_id, row);
  }

  const rowOf = (chatId: number): ChatRow =>
    chats.get(chatId) ?? { chat_id: chatId, time_zone: null, migrated_to: null };

  /** Cards that the new chat has already stay; the others move, and are sent anew as their messages are not there. */
  async function moveCards(chatId: number, newChatId: number): Promise<void> {
    await database.transaction(async (queries) => {
      await queries.run(
        "DELETE FROM cards WHERE chat_id = $1 AND alarm_id IN (SELECT alarm_id FROM cards WHERE chat_id = $2)",
        chatId,
        newChatId,
      );
      await queries.run("UPDATE cards SET chat_id = $2, retry_at = 0 WHERE chat_id = $1", chatId, newChatId);
      await queries.run("UPDATE decisions SET chat_id = $2 WHERE chat_id = $1", chatId, newChatId);
    });
  }

  return {
    timeZoneOf: (chatId) => rowOf(chatId).time_zone ?? defaultTimeZone,
    setTimeZone: (chatId, timeZone) => save({ ...rowOf(chatId), time_zone: timeZone }),
    currentId: (chatId) => rowOf(chatId).migrated_to ?? chatId,
    async migrate(chatId, newChatId) {
      if (chatId === newChatId) return;
      const old = rowOf(chatId);
      await save({ ...rowOf(newChatId), time_zone: old.time_zone });
      await moveCards(chatId, newChatId);
      await save({ ...old, migrated_to: newChatId });
    },
  };
}
