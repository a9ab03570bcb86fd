import type { Context } from "grammy";
import type { User } from "grammy/types";
import type { Actor } from "../../alarms/lifecycle/handling.ts";
import { clean, inOneLine, shorten } from "../../alarms/text.ts";

/** Telegram shows 200 characters of a toast. */
const MAX_NAME = 40;

/** Who is served, and where. */
export interface Served {
  readonly chatId: number;
  /** The thread of a forum group; `null` outside of forums. */
  readonly threadId: number | null;
  readonly person: User;
}

/**
 * Who pressed or wrote, and where. Who is nobody, or nowhere, is let by nobody (access.ts).
 * @throws Error for such an update: what it wants must not be done for chat or person 0
 */
export function servedIn({ chatId, from, msg }: Context): Served {
  if (chatId === undefined || from === undefined) throw new Error("an update without a chat or a sender was let by");
  return { chatId, threadId: msg?.is_topic_message ? (msg.message_thread_id ?? null) : null, person: from };
}

/** The same, as an alarm remembers it. */
export function actorOf(ctx: Context): Actor {
  const { chatId, person } = servedIn(ctx);
  const name = inOneLine(clean([person.first_name, person.last_name].filter((part) => part !== undefined).join(" ")));
  return {
    userId: person.id,
    name: shorten(name, MAX_NAME) || `user ${person.id}`,
    chatId,
    update: ctx.update.update_id,
  };
}

/** Whether a message is forwarded, or another bot wrote it: somebody else wanted that, and may have known what it would do here. */
export const isForwarded = ({ message }: Context): boolean =>
  message?.forward_origin !== undefined || message?.via_bot !== undefined;

/** The group in which something was written or pressed; `null`: it is a private chat. */
export const groupOf = ({ chat }: Context): number | null => (chat && chat.type !== "private" ? chat.id : null);
