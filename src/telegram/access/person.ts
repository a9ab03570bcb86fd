import type { Context } from "grammy";
import type { Actor } from "../../alarms/lifecycle/handling.ts";
import { clean, inOneLine, shorten } from "../../alarms/text.ts";

/** Telegram shows 200 characters of a toast. */
const MAX_NAME = 40;

/** Who pressed or wrote, and where. */
export function actorOf({ from, chatId, update }: Context): Actor {
  const name = inOneLine(clean([from?.first_name, from?.last_name].filter((part) => part !== undefined).join(" ")));
  return {
    userId: from?.id ?? 0,
    name: shorten(name, MAX_NAME) || `user ${from?.id ?? "unknown"}`,
    chatId: chatId ?? null,
    update: update.update_id,
  };
}

/** Whether it is a message that is passed on, or that another bot wrote: the wish of somebody else, who may have known what it would do here. */
export const isForwarded = ({ message }: Context): boolean =>
  message?.forward_origin !== undefined || message?.via_bot !== undefined;

/** The group in which something was written or pressed; `null`: it is a private chat. */
export const groupOf = ({ chat }: Context): number | null => (chat && chat.type !== "private" ? chat.id : null);
