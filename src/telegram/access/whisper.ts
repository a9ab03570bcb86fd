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

/** Says no to what somebody wrote, if possible to them alone; a group where that was not possible is not tried again in this run. */
export function createRefuse(): (ctx: Context, text: Html) => Promise<void> {
  const open = new Set<number>();
  return async (ctx, text) => {
    const chatId = ctx.chatId ?? 0;
    if (open.has(chatId)) return reply(ctx, text);
    if (!(await whisper(ctx, text))) open.add(chatId);
  };
}
