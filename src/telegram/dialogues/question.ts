import { GrammyError } from "grammy";
import type { Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { servedIn } from "../access/person.ts";

/** What a question looks like: plain text, and buttons below it. */
export interface Screen {
  readonly text: string;
  readonly buttons: InlineKeyboardButton[][];
}

/** What a person did about a question. */
export type QuestionAnswer =
  | { readonly kind: "press"; readonly data: string }
  /** `text` is empty for a picture, a voice message and the like. */
  | { readonly kind: "text"; readonly text: string };

/**
 * Reads an update as an answer to the question in the message `messageId`. `null` if it is none: a press on another message, a
 * command, anything but a message.
 */
export function readAnswer(ctx: Context, messageId: number): QuestionAnswer | null {
  if (ctx.callbackQuery !== undefined) {
    const { data, message } = ctx.callbackQuery;
    return data !== undefined && message?.message_id === messageId ? { kind: "press", data } : null;
  }
  const text = ctx.message?.text ?? "";
  return ctx.message === undefined || text.startsWith("/") ? null : { kind: "text", text };
}

/** Whether a typed answer is surely meant for the question: people in a group also talk to each other. */
export function isAddressed(ctx: Context, messageId: number): boolean {
  return ctx.chat?.type === "private" || ctx.message?.reply_to_message?.message_id === messageId;
}

/**
 * Shows the next question, or the same one again: in the same message after a press, in a new one below what was typed.
 * Returns the message that now asks; no other one keeps its buttons.
 */
export async function showQuestion(ctx: Context, messageId: number, screen: Screen): Promise<number> {
  const reply_markup = { inline_keyboard: screen.buttons };
  if (ctx.callbackQuery !== undefined) {
    const isShown = await attempt(() =>
      ctx.api.editMessageText(servedIn(ctx).chatId, messageId, screen.text, { reply_markup }),
    );
    if (isShown) return messageId;
  }
  await removeButtons(ctx, messageId);
  const sent = await say(ctx, screen.text, { reply_markup });
  return sent.message_id;
}

/** Says something to the person who is asked. Silently: only alarms ring. */
export const say = (ctx: Context, text: string, more: Parameters<Context["reply"]>[1] = {}) =>
  ctx.reply(text, { disable_notification: true, ...more });

/** Ends a question: its message loses the buttons and says `text` instead. */
export async function closeQuestion(ctx: Context, messageId: number, text: string): Promise<void> {
  await attempt(() => ctx.api.editMessageText(servedIn(ctx).chatId, messageId, text));
}

/** Takes the buttons off a message, and leaves its text. */
export async function removeButtons(ctx: Context, messageId: number): Promise<void> {
  await attempt(() => ctx.api.editMessageReplyMarkup(servedIn(ctx).chatId, messageId));
}

/** Stops the little clock on a pressed button; Telegram shows `text` for a moment. Harmless for other updates. */
export async function answerPress(ctx: Context, text?: string): Promise<void> {
  if (ctx.callbackQuery !== undefined) await attempt(() => ctx.answerCallbackQuery(text === undefined ? {} : { text }));
}

/** Whether it worked. Telegram refuses what is no longer possible (message deleted, press too old) or already so. */
async function attempt(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
    return error.description.includes("message is not modified");
  }
}
