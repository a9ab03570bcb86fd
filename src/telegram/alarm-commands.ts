import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Store } from "../store/store.ts";
import { ALARMS_PER_PAGE, alarmsView, alarmView, whyView, type Moment } from "./alarm-views.ts";
import type { Command } from "./commands.ts";
import { html, type Html } from "./render.ts";
import { reply } from "./reply.ts";

/** What they need. */
export interface AlarmCommandOptions {
  readonly store: Pick<Store, "activeAlarms" | "alarm" | "history" | "decisions" | "chats">;
  readonly now: () => number;
}

/** What fits in one message with room to spare. */
const HISTORY_LENGTH = 15;
const PAGE = /^alarms:(\d{1,6})$/;
const WHY = /^why:(\d{1,15})$/;

/** The commands about alarms, and the buttons that lead to them. */
export function createAlarmCommands({ store, now }: AlarmCommandOptions): {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
} {
  const momentOf = (ctx: Context): Moment => ({ timeZone: store.chats.timeZoneOf(ctx.chatId ?? 0), now: now() });

  async function page(ctx: Context, offset: number): Promise<{ text: Html; keyboard: InlineKeyboardButton[][] }> {
    const found = await store.activeAlarms({ offset, limit: ALARMS_PER_PAGE });
    const turn = (text: string, to: number) => ({ text, callback_data: `alarms:${to}` });
    const buttons = [
      ...(offset > 0 ? [turn("◀", Math.max(0, offset - ALARMS_PER_PAGE))] : []),
      ...(offset + ALARMS_PER_PAGE < found.total ? [turn("▶", offset + ALARMS_PER_PAGE)] : []),
    ];
    return { text: alarmsView(found, offset, momentOf(ctx)), keyboard: buttons.length > 0 ? [buttons] : [] };
  }

  async function alarms(ctx: Context): Promise<void> {
    const { text, keyboard } = await page(ctx, 0);
    await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
  }

  /** Runs `show` with the alarm that was named, or says what is wrong with the name. */
  async function named(ctx: Context, text: string, show: (id: number) => Promise<Html | null>): Promise<void> {
    const id = /^\s*#?(\d{1,15})\s*$/.exec(text)?.[1];
    if (id === undefined) return reply(ctx, html`Which alarm? Give the number from its card, such as /alarm 42`);
    await reply(ctx, (await show(Number(id))) ?? html`There is no alarm #${id}. /alarms shows the active ones.`);
  }

  const alarm = (ctx: Context) => async (id: number) => {
    const found = await store.alarm(id);
    return found && alarmView(found, await store.history(id, HISTORY_LENGTH), momentOf(ctx));
  };

  const why = (ctx: Context) => async (id: number) => {
    const found = await store.alarm(id);
    return found && whyView(found, await store.decisions(id, ctx.chatId ?? 0, HISTORY_LENGTH), momentOf(ctx));
  };

  const buttons = new Composer<Context>();
  buttons.callbackQuery(PAGE, async (ctx) => {
    await ctx.answerCallbackQuery().catch(() => undefined);
    const { text, keyboard } = await page(ctx, Number(ctx.match[1]));
    await ctx.editMessageText(text.html, { parse_mode: "HTML", reply_markup: { inline_keyboard: keyboard } });
  });
  buttons.callbackQuery(WHY, async (ctx) => {
    await ctx.answerCallbackQuery().catch(() => undefined);
    await named(ctx, ctx.match[1] ?? "", why(ctx));
  });

  const commands: readonly Command[] = [
    {
      name: "alarms",
      description: "What is active now",
      usage: ["/alarms"],
      run: (ctx) => alarms(ctx),
    },
    {
      name: "alarm",
      description: "One alarm and its history",
      usage: ["/alarm 42"],
      run: (ctx, args) => named(ctx, args, alarm(ctx)),
    },
    {
      name: "why",
      description: "Why this chat was told of an alarm, or not",
      usage: ["/why 42"],
      run: (ctx, args) => named(ctx, args, why(ctx)),
    },
  ];
  return { commands, buttons };
}
