import type { Context, NextFunction } from "grammy";
import type { StatusLine } from "../status/status.ts";
import type { ChatSettings } from "../store/chats.ts";
import { formatInstant, isTimeZone } from "../time.ts";
import { BUTTONS, mainKeyboard } from "./keyboard.ts";
import type { PlotOrder } from "./plot-reply.ts";
import { html, lines, type Html } from "./render.ts";
import { reply, threadOf } from "./reply.ts";
import { statusView } from "./status-view.ts";

/** One thing that a person may ask for with a slash. */
export interface Command {
  readonly name: string;
  /** As Telegram's menu and /help show it. */
  readonly description: string;
  /** How it is written with its arguments, for /help; several forms are several lines. */
  readonly usage: readonly string[];
  /** The reply keyboard's button that does the same. */
  readonly button?: string;
  /** Answers it, or passes it on to the dialogues; `null`: they answer it always. */
  readonly run: ((ctx: Context, args: string, next: NextFunction) => Promise<void>) | null;
}

/** What the commands need. */
export interface CommandOptions {
  /** Whether there is a ThingSpeak channel to plot. */
  readonly hasChannel: boolean;
  readonly order: (order: PlotOrder) => void;
  readonly status: (timeZone: string) => Promise<readonly StatusLine[]>;
  readonly chats: ChatSettings;
  /** The clock of a chat changed, and with it when its quiet hours end. */
  readonly onTimeZone: (chatId: number) => Promise<void>;
  /** The commands about alarms, shown among the others. */
  readonly alarmCommands: readonly Command[];
  readonly now: () => number;
}

const NO_CHANNEL = html`No ThingSpeak channel is set up: an admin must set THINGSPEAK_CHANNEL_ID.`;

/** Every command, in the order of the menu: the handlers, /help and Telegram's menu are all made from this list. */
export function createCommands(options: CommandOptions): readonly Command[] {
  const { hasChannel, order, status, chats, alarmCommands, onTimeZone, now } = options;

  async function plot(ctx: Context, args: string, next: NextFunction): Promise<void> {
    if (!hasChannel) return reply(ctx, NO_CHANNEL);
    // Nothing said: the dialogue asks.
    if (args.trim() === "") return next();
    order({ typed: args, chatId: chatOf(ctx), threadId: threadOf(ctx) });
  }

  async function timeZone(ctx: Context, args: string): Promise<void> {
    const zone = args.trim();
    const shown = zone === "" ? chats.timeZoneOf(chatOf(ctx)) : zone;
    if (!isTimeZone(shown)) {
      return reply(
        ctx,
        html`I do not know the time zone “${zone.slice(0, 60)}”. Write it like /timezone Europe/Helsinki`,
      );
    }
    if (zone !== "") {
      await chats.setTimeZone(chatOf(ctx), zone);
      await onTimeZone(chatOf(ctx));
    }
    await reply(ctx, html`Times in this chat are in ${shown}. It is ${formatInstant(now(), shown, now())}.`);
  }

  const commands: readonly Command[] = [
    {
      name: "start",
      description: "Show the buttons",
      usage: ["/start"],
      run: (ctx) =>
        reply(ctx, html`This is <b>Valvomo</b>, the control room of your plant. Warnings appear here by themselves.`, {
          reply_markup: mainKeyboard,
        }),
    },
    {
      name: "plot",
      description: "Draw a measurement, for example /plot 24h",
      // With a channel, the dialogue takes the button.
      ...(hasChannel ? {} : { button: BUTTONS.figure }),
      usage: ["/plot", "/plot 24h", "/plot 2018-08-20 2018-08-21", "/plot 4 yesterday", "/plot Temperature 7d"],
      run: plot,
    },
    {
      name: "status",
      description: "Is everything alive?",
      usage: ["/status"],
      button: BUTTONS.status,
      run: async (ctx) => reply(ctx, statusView(await status(chats.timeZoneOf(chatOf(ctx))))),
    },
    ...alarmCommands,
    {
      name: "timezone",
      description: "The time zone of this chat",
      usage: ["/timezone", "/timezone Europe/Helsinki"],
      run: timeZone,
    },
    { name: "cancel", description: "Leave a question unanswered", usage: ["/cancel"], run: null },
    {
      name: "help",
      description: "What you can do here",
      usage: ["/help"],
      button: BUTTONS.help,
      run: (ctx) => reply(ctx, helpView(commands), { reply_markup: mainKeyboard }),
    },
  ];
  return commands;
}

const chatOf = (ctx: Context): number => ctx.chatId ?? 0;

function helpView(commands: readonly Command[]): Html {
  return lines(
    html`<b>${BUTTONS.figure}</b>: a plot of any period, step by step`,
    ...commands.map(({ description, usage }) =>
      lines(html`<b>${description}</b>`, ...usage.map((form) => html`· ${form}`)),
    ),
  );
}
