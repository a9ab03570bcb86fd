import { GrammyError, type Context } from "grammy";
import type { Html } from "../api/render.ts";
import { answer, reply } from "./reply.ts";

/**
 * Answers one person in a group so that nobody else reads it, where Telegram does that: after their press, or where we are an
 * administrator. Elsewhere, and in private, as ever. That it comes is not promised (FACTS: F2), so no alarm is told in this way.
 * @returns whether others are spared
 */
export async function whisper(ctx: Context, text: Html): Promise<boolean> {
  const { callbackQuery, chat, from } = ctx;
  if (from !== undefined && chat !== undefined && chat.type !== "private") {
    const press = callbackQuery === undefined ? {} : { callback_query_id: callbackQuery.id };
    try {
      await answer(ctx, text, { ephemeral_message_parameters: { receiver_user_id: from.id, ...press } });
      return true;
    } catch (error) {
      if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
    }
  }
  await reply(ctx, text);
  return false;
}

/** Says no to what somebody wrote, if possible to them alone. */
export class Refusals {
  /** Groups where that was not possible: it is not tried again, until Telegram says that the bot may do other things there. */
  readonly #open = new Set<number>();

  async say(ctx: Context, text: Html): Promise<void> {
    const chatId = ctx.chatId ?? 0;
    if (this.#open.has(chatId)) return reply(ctx, text);
    if (!(await whisper(ctx, text))) this.#open.add(chatId);
  }

  /** An update says what the bot is in a group from now on. */
  botMoved({ chatId }: Context): void {
    if (chatId !== undefined) this.#open.delete(chatId);
  }
}
