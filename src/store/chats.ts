import type { Database } from "./database.ts";

/** What each chat chose for itself. Read once at the start; few, so kept in memory. */
export interface ChatSettings {
  /** IANA name; the default one if the chat has chosen none. */
  timeZoneOf(chatId: number): string;
  setTimeZone(chatId: number, timeZone: string): Promise<void>;
}

/** Reads the chats' settings. */
export async function openChatSettings(database: Database, defaultTimeZone: string): Promise<ChatSettings> {
  const rows = await database.all<{ chat_id: number; time_zone: string }>("SELECT chat_id, time_zone FROM chats");
  const timeZones = new Map(rows.map((row) => [row.chat_id, row.time_zone]));
  return {
    timeZoneOf: (chatId) => timeZones.get(chatId) ?? defaultTimeZone,
    async setTimeZone(chatId, timeZone) {
      await database.transaction((queries) =>
        queries.run(
          `INSERT INTO chats (chat_id, time_zone) VALUES ($1, $2)
           ON CONFLICT (chat_id) DO UPDATE SET time_zone = excluded.time_zone`,
          chatId,
          timeZone,
        ),
      );
      timeZones.set(chatId, timeZone);
    },
  };
}
