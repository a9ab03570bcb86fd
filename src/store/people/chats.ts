import { z } from "zod";
import type { QuietHours } from "../../alarms/cards/quiet-hours.ts";
import type { Database, Queries } from "../sql/database.ts";

/** What is known of each chat. Read once at the start; few, so kept in memory. */
export interface ChatSettings {
  /** IANA name; the default one if the chat has chosen none. */
  readonly timeZoneOf: (chatId: number) => string;
  setTimeZone(chatId: number, timeZone: string): Promise<void>;
  /** When a chat is not to be woken but for what is critical; `null`: it always may be. */
  quietHoursOf(chatId: number): QuietHours | null;
  setQuietHours(chatId: number, quiet: QuietHours | null): Promise<void>;
  /** The chats that get alarms since somebody said so there. */
  joined(): readonly number[];
  /** @param at epoch ms; `null`: it gets none any more */
  setJoined(chatId: number, at: number | null): Promise<void>;
  /** Drops what is known of a chat that was forgotten. */
  drop(chatId: number): void;
  /** The id under which a chat lives now: a group that becomes a supergroup gets another one. */
  readonly currentId: (chatId: number) => number;
  /** Notes that a chat lives on under another id, and takes its cards and settings there. A second time changes nothing. */
  migrate(chatId: number, newChatId: number): Promise<void>;
}

interface ChatSetting {
  time_zone: string | null;
  migrated_to: number | null;
  /** JSON. */
  quiet_hours: string | null;
  joined_at: number | null;
}

interface ChatRow extends ChatSetting {
  chat_id: number;
}

const keptQuiet = z.object({
  startMinute: z.number(),
  endMinute: z.number(),
  weekdays: z.array(z.number()),
}) satisfies z.ZodType<QuietHours>;

const COLUMNS = ["time_zone", "migrated_to", "quiet_hours", "joined_at"] as const satisfies (keyof ChatSetting)[];

/** Reads the chats' settings. */
export async function openChatSettings(database: Database, defaultTimeZone: string): Promise<ChatSettings> {
  const rows = await database.all<ChatRow>("SELECT * FROM chats");
  const chats = new Map(rows.map((row) => [row.chat_id, row]));

  const rowOf = (chatId: number): ChatRow =>
    chats.get(chatId) ?? {
      chat_id: chatId,
      time_zone: null,
      migrated_to: null,
      quiet_hours: null,
      joined_at: null,
    };

  function remember(chatId: number, change: Partial<ChatSetting>): void {
    chats.set(chatId, { ...rowOf(chatId), ...change });
  }

  async function set(chatId: number, change: Partial<ChatSetting>): Promise<void> {
    await database.transaction((queries) => save(queries, chatId, change));
    remember(chatId, change);
  }

  return {
    timeZoneOf: (chatId) => rowOf(chatId).time_zone ?? defaultTimeZone,
    setTimeZone: (chatId, timeZone) => set(chatId, { time_zone: timeZone }),
    quietHoursOf(chatId) {
      const { quiet_hours: quiet } = rowOf(chatId);
      // What is not understood keeps nobody from hearing.
      return quiet === null ? null : (keptQuiet.safeParse(JSON.parse(quiet)).data ?? null);
    },
    setQuietHours: (chatId, quiet) => set(chatId, { quiet_hours: quiet === null ? null : JSON.stringify(quiet) }),
    joined: () => [...chats.values()].filter((row) => row.joined_at !== null).map((row) => row.chat_id),
    setJoined: (chatId, at) => set(chatId, { joined_at: at }),
    drop: (chatId) => void chats.delete(chatId),
    currentId: (chatId) => rowOf(chatId).migrated_to ?? chatId,
    async migrate(chatId, newChatId) {
      if (chatId === newChatId) return;
      const moved = await database.transaction((queries) => migrate(queries, chatId, newChatId));
      if (moved === null) return;
      remember(chatId, moved.left);
      remember(newChatId, moved.taken);
    },
  };
}

/** Writes some columns of a chat and leaves the others as they are by then: another change may be under way. */
async function save(queries: Queries, chatId: number, change: Partial<ChatSetting>): Promise<void> {
  const names = COLUMNS.filter((name) => name in change);
  await queries.run(
    `INSERT INTO chats (chat_id, ${names.join(", ")}) VALUES ($1, ${names.map((_, i) => `$${i + 2}`).join(", ")})
     ON CONFLICT (chat_id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`,
    chatId,
    ...names.map((name) => change[name] ?? null),
  );
}

/**
 * Takes a chat's cards and settings to another id.
 * @returns what is known of each then; `null`: they are there already, as both Telegram's answer to a call and its message in the chat tell
 * of it
 */
async function migrate(
  queries: Queries,
  chatId: number,
  newChatId: number,
): Promise<{ readonly left: Partial<ChatSetting>; readonly taken: Partial<ChatSetting> } | null> {
  const find = async (id: number): Promise<ChatRow | undefined> =>
    (await queries.all<ChatRow>("SELECT * FROM chats WHERE chat_id = $1", id))[0];
  const [row, own] = [await find(chatId), await find(newChatId)];
  if (row?.migrated_to === newChatId) return null;
  const left = { migrated_to: newChatId, joined_at: null };
  // What was set under the new id already is newer.
  const taken = {
    time_zone: own?.time_zone ?? row?.time_zone ?? null,
    quiet_hours: own?.quiet_hours ?? row?.quiet_hours ?? null,
    joined_at: own?.joined_at ?? row?.joined_at ?? null,
  };
  await save(queries, chatId, left);
  await save(queries, newChatId, taken);
  await moveCards(queries, chatId, newChatId);
  return { left, taken };
}

/** Cards that the new chat has already stay; the others move, without their messages, which are not there. */
async function moveCards(queries: Queries, chatId: number, newChatId: number): Promise<void> {
  await queries.run(
    "DELETE FROM cards WHERE chat_id = $1 AND alarm_id IN (SELECT alarm_id FROM cards WHERE chat_id = $2)",
    chatId,
    newChatId,
  );
  await queries.run(
    `UPDATE cards SET chat_id = $2, board_id = CASE WHEN message_id IS NULL THEN board_id END, message_id = NULL,
       outdated_messages = '[]', retry_at = 0 WHERE chat_id = $1`,
    chatId,
    newChatId,
  );
  await queries.run("UPDATE boards SET chat_id = $2, message_id = NULL WHERE chat_id = $1", chatId, newChatId);
  await queries.run("UPDATE decisions SET chat_id = $2 WHERE chat_id = $1", chatId, newChatId);
}
