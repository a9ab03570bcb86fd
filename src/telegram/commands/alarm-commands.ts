import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { isClosable } from "../../alarms/lifecycle/handling.ts";
import type { Alarm } from "../../alarms/types.ts";
import { readPast } from "../../lib/time/duration.ts";
import { LOOK, PLOT_COST } from "../../people/right.ts";
import type { Store } from "../../store/store.ts";
import type { Moment } from "../../lib/time/time.ts";
import { actionCaption, ALARMS_PER_PAGE, alarmView, historyView, openView, shelvedView } from "../cards/alarm-views.ts";
import { whyView } from "../cards/why-view.ts";
import { returnedButtons } from "../cards/acknowledging.ts";
import { cardButtons, copyButtons, toast } from "../access/card-buttons.ts";
import type { CardContext } from "../cards/card-view.ts";
import type { Command } from "../access/command.ts";
import { html, ours, type Html } from "../api/render.ts";
import { answer, reply, turnPage } from "../access/reply.ts";
import { whisper } from "../access/whisper.ts";
import { paging } from "./pages.ts";
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

/** A page of alarms, and the buttons below it. */
interface Page {
  readonly text: Html;
  readonly keyboard: InlineKeyboardButton[][];
}

/** The commands about alarms, and the buttons that lead to them. */
export class AlarmCommands {
  readonly buttons = new Composer<Context>();
  readonly commands: readonly Command[] = [
    {
      name: "alarms",
      description: "What is active now",
      topic: "alarms",
      usage: ["/alarms"],
      right: LOOK,
      run: (ctx) => this.#list(ctx, false),
    },
    {
      name: "shelved",
      description: "What is silenced, by whom and until when",
      topic: "alarms",
      usage: ["/shelved"],
      right: LOOK,
      run: (ctx) => this.#list(ctx, true),
    },
    {
      name: "history",
      description: "The alarms of the last hours or days",
      topic: "alarms",
      usage: ["/history 24h", "/history 7d"],
      right: LOOK,
      run: (ctx, args) => this.#history(ctx, args),
    },
    {
      name: "alarm",
      description: "One alarm and its history",
      topic: "alarms",
      usage: ["/alarm 42"],
      short: /^\/alarm_(\d{1,15})(?:@\w+)?$/,
      // With photos it is as much as a plot.
      right: { ...LOOK, cost: PLOT_COST },
      run: (ctx, args) => this.#alarm(ctx, args),
    },
    {
      name: "why",
      description: "Why this chat was told of an alarm, or not",
      topic: "alarms",
      usage: ["/why 42"],
      right: LOOK,
      run: (ctx, args) => this.#why(ctx, args),
    },
  ];
  readonly #options: AlarmCommandOptions;

  constructor(options: AlarmCommandOptions) {
    this.#options = options;
    this.buttons.callbackQuery(PAGE, async (ctx) => {
      await toast(ctx, "");
      await this.showPage(ctx, Number(ctx.match[2]), ctx.match[1] === "shelved");
    });
    this.buttons.callbackQuery(WHY, async (ctx) => {
      await toast(ctx, "");
      await this.#why(ctx, ctx.match[1] ?? "");
    });
  }

  /** Shows a page of what is active, or shelved, in the message that was pressed on. */
  readonly showPage = async (ctx: Context, offset: number, isShelved = false): Promise<void> => {
    const { text, keyboard } = await this.#page(ctx, offset, isShelved);
    await turnPage(ctx, text, keyboard);
  };

  async #list(ctx: Context, isShelved: boolean): Promise<void> {
    const { text, keyboard } = await this.#page(ctx, 0, isShelved);
    await reply(ctx, text, { reply_markup: { inline_keyboard: keyboard } });
  }

  async #alarm(ctx: Context, text: string): Promise<void> {
    const { store, contextOf, onAnswer } = this.#options;
    const found = await this.#lookUp(ctx, "alarm", text);
    if (!found) return;
    const history = await store.history.of(found.id, HISTORY_LENGTH);
    const view = alarmView(found, history, contextOf(found, servedIn(ctx).chatId));
    const sent = await answer(ctx, view, {
      reply_markup: { inline_keyboard: [...cardButtons(found, this.#momentOf(ctx)), ...copyButtons(found)] },
    });
    onAnswer(sent.chat.id, sent.message_id, found);
    const photos = history.actions.filter(({ photo }) => photo !== null).slice(0, PHOTOS);
    for (const record of photos) {
      const caption = actionCaption(record, this.#momentOf(ctx));
      await ctx.replyWithPhoto(record.photo ?? "", { caption, disable_notification: true });
    }
  }

  async #why(ctx: Context, text: string): Promise<void> {
    const { store, isFor } = this.#options;
    const found = await this.#lookUp(ctx, "why", text);
    if (!found) return;
    const chatId = servedIn(ctx).chatId;
    const decisions = await store.cards.decisions(found.id, chatId, HISTORY_LENGTH);
    const view = whyView(found, decisions, { isForHere: isFor(found, chatId), moment: this.#momentOf(ctx) });
    // Who presses asks for themselves; who writes asks before all.
    await (ctx.callbackQuery ? whisper : reply)(ctx, view);
  }

  async #history(ctx: Context, args: string): Promise<void> {
    const { store, now } = this.#options;
    const asked = readPast(args.trim() || "24h", store.chats.timeZoneOf(servedIn(ctx).chatId), now(), MAX_HISTORY_MS);
    if ("problem" in asked) {
      return reply(ctx, html`${asked.problem} Write it like /history 24h or /history 7d; 31 days at the most.`);
    }
    const found = await this.#alarmsIn(ctx).recent(asked.value, MAX_HISTORY);
    await reply(ctx, historyView(found, now() - asked.value, this.#momentOf(ctx)));
  }

  /** The alarm that was named; if there is none, says what is wrong with the name. */
  async #lookUp(ctx: Context, command: string, text: string): Promise<Alarm | null> {
    const id = /^\s*#?(\d{1,15})\s*$/.exec(text)?.[1];
    const found = id === undefined ? null : await this.#alarmsIn(ctx).find(Number(id));
    if (id === undefined)
      await reply(ctx, html`Which alarm? Give the number from its card, such as /${ours(`${command} 42`)}`);
    else if (!found) await reply(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    return found;
  }

  async #page(ctx: Context, offset: number, isShelved: boolean): Promise<Page> {
    const wish = { offset, limit: ALARMS_PER_PAGE };
    if (isShelved) {
      const found = await this.#alarmsIn(ctx).active({ ...wish, isShelved });
      const text = shelvedView(found, offset, this.#momentOf(ctx));
      return { text, keyboard: paging("shelved", offset, found.total) };
    }
    const found = await this.#alarmsIn(ctx).open(wish);
    const isAnyClosable = found.alarms.some(isClosable);
    return {
      text: openView(found, offset, this.#momentOf(ctx)),
      keyboard: [
        ...paging("alarms", offset, found.active + found.returned),
        ...returnedButtons(found.alarms, offset),
        ...(isAnyClosable ? [[{ text: "Close…", callback_data: `closes:${offset}` }]] : []),
      ],
    };
  }

  #alarmsIn(ctx: Context) {
    return this.#options.visibleTo(servedIn(ctx).chatId);
  }

  #momentOf(ctx: Context): Moment {
    const { store, now } = this.#options;
    return { timeZone: store.chats.timeZoneOf(servedIn(ctx).chatId), now: now() };
  }
}
