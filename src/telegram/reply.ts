import type { Context } from "grammy";
import type { Html } from "./render.ts";

/** More than any answer of ours has; Telegram takes 4096 characters after parsing. */
type Extra = Omit<NonNullable<Parameters<Context["reply"]>[1]>, "parse_mode">;

/** Answers a person. Silently: only alarms ring. */
export async function reply(ctx: Context, text: Html, extra: Extra = {}): Promise<void> {
  await ctx.reply(text.html, { parse_mode: "HTML", disable_notification: true, ...extra });
}
