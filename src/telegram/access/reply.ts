import { HttpError, type Context } from "grammy";
import type { InlineKeyboardButton, InlineKeyboardMarkup, Message } from "grammy/types";
import { outcomeOf } from "../api/failure.ts";
import type { Done } from "./outcome.ts";
import type { Html } from "../api/render.ts";

/** What else Telegram takes with a message, such as a keyboard. */
type Extra = Omit<NonNullable<Parameters<Context["reply"]>[1]>, "parse_mode">;

/** Answers a person. Silently: only alarms ring. */
export async function reply(ctx: Context, text: Html, extra: Extra = {}): Promise<void> {
  await answer(ctx, text, extra);
}

/** The same; resolves with the message. */
export async function answer(ctx: Context, text: Html, extra: Extra = {}): Promise<Message> {
  const send = () => ctx.reply(text.html, { parse_mode: "HTML", disable_notification: true, ...extra });
  try {
    return await send();
  } catch (error) {
    // A connection that was idle may be closed just as it is used, and nobody else tries again.
    if (!(error instanceof HttpError)) throw error;
    return await send();
  }
}

/** Says why what somebody wants was not done; the audit log says so, too. */
export const decline = (ctx: Context, text: Html): Done => ({ result: "not done", tell: () => reply(ctx, text) });

/** Shows something else in the message that was pressed on. A second press, before the first was answered, changes nothing. */
export const turnPage = (ctx: Context, text: Html, keyboard: InlineKeyboardButton[][]): Promise<void> =>
  unlessDone(ctx.editMessageText(text.html, { parse_mode: "HTML", reply_markup: { inline_keyboard: keyboard } }));

/** Says something else below the picture that was pressed on, as `turnPage`; a chat that takes no pictures has got words in its place. */
export const turnCaption = (ctx: Context, text: Html, keyboard: InlineKeyboardButton[][]): Promise<void> =>
  ctx.msg?.text === undefined
    ? unlessDone(
        ctx.editMessageCaption({
          caption: text.html,
          parse_mode: "HTML",
          reply_markup: { inline_keyboard: keyboard },
        }),
      )
    : turnPage(ctx, text, keyboard);

/** Shows other buttons below the message that was pressed on, which stays as it is. */
export const rearrange = (ctx: Context, keyboard: InlineKeyboardMarkup): Promise<void> =>
  unlessDone(ctx.editMessageReplyMarkup({ reply_markup: keyboard }));

async function unlessDone(edit: Promise<unknown>): Promise<void> {
  try {
    await edit;
  } catch (error) {
    if (outcomeOf(error, null).kind !== "done") throw error;
  }
}
