import type { BotCommand } from "grammy/types";
import type { DemoChat } from "./chat.ts";
import { type Params, paramsOf, readJsonParam, readObject, readString } from "./params.ts";
import { badRequest } from "./refusal.ts";

/** The command menus of the bot, by scope and language. */
export interface Commands {
  /** Takes setMyCommands. @throws {Refusal} for a bad name, description or number of commands. */
  readonly set: (params: Params) => void;
  /** Gives exactly what was set for a scope and language, as getMyCommands does. */
  readonly get: (params: Params) => readonly BotCommand[];
  readonly remove: (params: Params) => void;
  /** The menu that a person sees in a chat: that of the narrowest scope which has one. */
  readonly visible: (chat: DemoChat, userId: number) => readonly BotCommand[];
}

/** Limits of setMyCommands (FACTS: C1). */
const maxCommands = 100;
const maxDescriptionLength = 256;

export function createCommandMenus(): Commands {
  const byScope = new Map<string, readonly BotCommand[]>();

  return {
    set: (params) => {
      byScope.set(scopeKey(params), readCommands(params));
    },
    get: (params) => byScope.get(scopeKey(params)) ?? [],
    remove: (params) => {
      byScope.delete(scopeKey(params));
    },
    // People here are no administrators, and their language is not told apart (FACTS: C4 has the whole order).
    visible: (chat, userId) => {
      const scopes =
        chat.type === "private"
          ? [`chat ${chat.id}`, "all_private_chats", "default"]
          : [`chat_member ${chat.id} ${userId}`, `chat ${chat.id}`, "all_group_chats", "default"];
      return scopes.map((scope) => byScope.get(scope) ?? []).find((menu) => menu.length > 0) ?? [];
    },
  };
}

function scopeKey(params: Params): string {
  const scope = readObject(params, "scope") ?? { type: "default" };
  return [
    readString(scope, "type"),
    readString(scope, "chat_id"),
    readString(scope, "user_id"),
    readString(params, "language_code") || undefined,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
}

function readCommands(params: Params): readonly BotCommand[] {
  const commands = readJsonParam(params, "commands");
  if (!Array.isArray(commands)) throw badRequest("can't parse commands: expected an Array of BotCommand");
  if (commands.length > maxCommands) throw badRequest("BOT_COMMANDS_TOO_MUCH");
  return commands.map(paramsOf).map((params) => {
    const command = (readString(params, "command") ?? "").replace(/^\//, "");
    const description = readString(params, "description") ?? "";
    if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
    if (description.length < 1 || description.length > maxDescriptionLength) {
      throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
    }
    return { command, description };
  });
}
