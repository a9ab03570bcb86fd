import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { isClosable } from "../../alarms/lifecycle/handling.ts";
import type { Alarm } from "../../alarms/types.ts";
import { readPast } from "../../lib/time/duration.ts";
import { LOOK, PLOT_COST } from "../../people/right.ts";
import type { Store } from "../../store/store.ts";
import { formatDuration, type Moment } from "../../lib/time/time.ts";
import {
  actionCaption,
  ALARMS_PER_PAGE,
  alarmView,
  historyView,
  openView,
  shelvedView,
  whyView,
} from "../cards/alarm-views.ts";
import { returnedButtons } from "../cards/acknowledging.ts";
import { cardButtons } from "../access/card-buttons.ts";
import type { CardContext } from "../cards/card-view.ts";
import type { Command } from "../access/command.ts";
import { html, ours, type Html } from "../api/render.ts";
import { answer, reply, turn } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";
import { servedIn } from "../access/person.ts";

/** What they need. */
export interface AlarmCommandOptions {
  readonly store: Pick<Store, "history" | "cards" | "chats">;
  readonly visibleTo: VisibleTo;
  readonly contextOf: (alarm: Alarm, chatId: number) => CardContext;
  /** Whether an alarm goes to a chat, as routes are now. */
  readonly isFor: (alarm: Alarm, chatId: number) => boolean;
  /** An alarm was shown in a message that has its buttons. */
  readonly onAnswer: (chatId: number, messageId: number, alarm: Alarm) => void;
  readonly now: () => number;
}

/** What fits in one message with room to spare. */
export const HISTORY_LENGTH = 15;
const PAGE = /^(alarms|shelved):(\d{1,6})$/;
const PHOTOS = 3;
/** Older than this nothing may be kept. */
const MAX_HISTORY_MS = 31 * 86_400_000;
/** More than fit into a message. */
const MAX_HISTORY = 60;
const WHY = /^why:(\d{1,15})$/;

/** The commands about alarms, and the buttons that lead to them. */
export function createAlarmCommands({ store, visibleTo, contextOf, isFor, onAnswer, now }: AlarmCommandOptions): {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
  /** Shows a page of what is active in the message that was pressed on. */
  readonly showPage: (ctx: Context, offset: number) => Promise<void>;
} {
  const alarmsIn = (ctx: Context) => visibleTo(servedIn(ctx).chatId);
  const momentOf = (ctx: Context): Moment => ({ timeZone: store.chats.timeZoneOf(servedIn(ctx).chatId), now: now() });

  type Screen = { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] };

  /** Leads to the pages before and after one. */
  function paging(kind: "alarms" | "shelved", offset: number, total: number): InlineKeyboardButton[][] {
    const button = (text: string, to: number) => ({ text, callback_data: `${kind}:${to}` });
    const buttons = [
      ...(offset > 0 ? [button("◀", Math.max(0, offset - ALARMS_PER_PAGE))] : []),
      ...(offset + ALARMS_PER_PAGE < total ? [button("▶", offset + ALARMS_PER_PAGE)] : []),
    ];
    return buttons.length > 0 ? [buttons] : [];
  }

  async function page(ctx: Context, offset: number, isShelved: boolean): Promise<Screen> {
    const wish = { offset, limit: ALARMS_PER_PAGE };
    if (isShelved) {
      const found = await alarmsIn(ctx).active({ ...wish, isShelved });
      const text = shelvedView(found, offset, momentOf(ctx));
      return { text, keyboard: paging("shelved", offset, found.total) };
    }
    const found = await alarmsIn(ctx).open(wish);
    const isAnyClosable = found.alarms.some(isClosable);
    return {
      text: openView(found, offset, momentOf(ctx)),
      keyboard: [
        ...paging("alarms", offset, found.active + found.returned),
        ...returnedButtons(found.alarms, offset),
        ...(isAnyClosable ? [[{ text: "Close…", callback_data: `closes:${offset}` }]] : []),
      ],
    };
  }

  async function showPage(ctx: Context, offset: number, isShelved = false): Promise<void> {
    const { text, keyboard } = await page(ctx, offset, isShelved);
    await turn(ctx, text, keyboard);
  }

  async function list(ctx: Context, isShelved: boolean): Promise<void> {
    const { text, keyboard } = await page(ctx, 0, isShelved);
    await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
  }

  /** The alarm that was named; if there is none, says what is wrong with the name. */
  async function lookUp(ctx: Context, command: string, text: string): Promise<Alarm | null> {
    const id = /^\s*#?(\d{1,15})\s*$/.exec(text)?.[1];
    const found = id === undefined ? null : await alarmsIn(ctx).find(Number(id));
    if (id === undefined)
      await reply(ctx, html`Which alarm? Give the number from its card, such as /${ours(`${command} 42`)}`);
    else if (!found) await reply(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    return found;
  }

  async function alarm(ctx: Context, text: string): Promise<void> {
    const found = await lookUp(ctx, "alarm", text);
    if (!found) return;
    const history = await store.history.of(found.id, HISTORY_LENGTH);
    const view = alarmView(found, history, contextOf(found, servedIn(ctx).chatId));
    const sent = await answer(ctx, view, { reply_markup: { inline_keyboard: cardButtons(found, now()) } });
    onAnswer(sent.chat.id, sent.message_id, found);
    const photos = history.actions.filter(({ photo }) => photo !== null).slice(0, PHOTOS);
    for (const record of photos) {
      const caption = actionCaption(record, momentOf(ctx));
      await ctx.replyWithPhoto(record.photo ?? "", { caption, disable_notification: true });
    }
  }

  async function why(ctx: Context, text: string): Promise<void> {
    const found = await lookUp(ctx, "why", text);
    if (!found) return;
    const chatId = servedIn(ctx).chatId;
    const decisions = await store.cards.decisions(found.id, chatId, HISTORY_LENGTH);
    await reply(ctx, whyView(found, decisions, { isForHere: isFor(found, chatId), moment: momentOf(ctx) }));
  }

  async function history(ctx: Context, args: string): Promise<void> {
    const asked = readPast(args.trim() || "24h", store.chats.timeZoneOf(servedIn(ctx).chatId), now(), MAX_HISTORY_MS);
    if ("problem" in asked) {
      return reply(ctx, html`${asked.problem} Write it like /history 24h or /history 7d; 31 days at the most.`);
    }
    const since = asked.value;
    const periodMs = now() - since;
    const found = await alarmsIn(ctx).recent(since, MAX_HISTORY);
    await reply(ctx, historyView(found, formatDuration(periodMs), momentOf(ctx)));
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(PAGE, async (ctx) => {
    await ctx.answerCallbackQuery().catch(() => undefined);
    await showPage(ctx, Number(ctx.match[2]), ctx.match[1] === "shelved");
  });
  buttons.callbackQuery(WHY, async (ctx) => {
    await ctx.answerCallbackQuery().catch(() => undefined);
    await why(ctx, ctx.match[1] ?? "");
  });

  const commands: readonly Command[] = [
    {
      name: "alarms",
      description: "What is active now",
      usage: ["/alarms"],
      right: LOOK,
      run: (ctx) => list(ctx, false),
    },
    {
      name: "shelved",
      description: "What is silenced, by whom and until when",
      usage: ["/shelved"],
      right: LOOK,
      run: (ctx) => list(ctx, true),
    },
    {
      name: "history",
      description: "What came lately",
      usage: ["/history 24h", "/history 7d"],
      right: LOOK,
      run: history,
    },
    {
      name: "alarm",
      description: "One alarm and its history",
      usage: ["/alarm 42"],
      short: /^\/alarm_(\d{1,15})(?:@\w+)?$/,
      // With photos it is as much as a plot.
      right: { ...LOOK, cost: PLOT_COST },
      run: alarm,
    },
    {
      name: "why",
      description: "Why this chat was told of an alarm, or not",
      usage: ["/why 42"],
      right: LOOK,
      run: why,
    },
  ];
  return { commands, buttons, showPage };
}
