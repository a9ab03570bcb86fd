import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Logger } from "../../lib/log.ts";
import type { Html } from "../api/render.ts";

/** Writes to somebody in private; resolves with whether they got it. */
export type WriteTo = (userId: number, text: Html, keyboard: InlineKeyboardButton[][]) => Promise<boolean>;

/** Writes to people on duty. Who was removed gets nothing, whatever still names them. */
export function createWriteTo(options: {
  readonly api: Pick<Api, "sendMessage">;
  readonly isRemoved: (userId: number) => boolean;
  readonly log: Logger;
}): WriteTo {
  const { api, isRemoved, log } = options;
  return async (userId, text, keyboard) => {
    if (isRemoved(userId)) return false;
    try {
      await api.sendMessage(userId, text.html, { parse_mode: "HTML", reply_markup: { inline_keyboard: keyboard } });
      return true;
    } catch (error) {
      log.warn({ err: error, userId }, "a message about the duty did not reach them");
      return false;
    }
  };
}
