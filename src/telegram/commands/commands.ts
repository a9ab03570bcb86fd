import type { Context, NextFunction } from "grammy";
import { findTimeZone } from "../../lib/time/time-zone.ts";
import { ACT, DECIDE, LOOK, PLOT_COST, type Right } from "../../people/right.ts";
import type { StatusLine } from "../../lib/status-line.ts";
import type { ChatSettings } from "../../store/people/chats.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { shorten } from "../../alarms/text.ts";
import { exampleDay } from "../../queries/problem.ts";
import { callerOf } from "../plots/asker.ts";
import { SETTING, type Command } from "../access/command.ts";
import { BUTTONS, mainKeyboard } from "../dialogues/keyboard.ts";
import type { Handled } from "../access/outcome.ts";
import type { PlotOrder } from "../plots/plot-reply.ts";
import { html, lines, type Html } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import { statusView } from "./status-view.ts";
import { servedIn } from "../access/person.ts";

/** What the commands need. */
export interface CommandOptions {
  readonly order: (order: PlotOrder) => void;
  /** What a chat may see of how we are. */
  readonly status: (chatId: number) => Promise<readonly StatusLine[]>;
  readonly chats: ChatSettings;
  /** Whether somebody has a right where they are. */
  readonly allows: (ctx: Context, right: Right) => boolean;
  /** The clock of a chat changed, and with it when its quiet hours end. */
  readonly onTimeZone: (chatId: number) => Promise<void>;
  /** The commands about alarms, shown among the others. */
  readonly alarmCommands: readonly Command[];
  readonly help: Command;
  readonly now: () => number;
}

/** Echoing more than this would bury the sentence. */
const MAX_ECHO = 60;

/** Every command, in the order of the menu: the handlers, /help and Telegram's menu are all made from this list. */
export function createCommands(options: CommandOptions): readonly Command[] {
  const { status, alarmCommands, help, now } = options;

  return [
    {
      name: "start",
      description: "Show the buttons",
      topic: "plant",
      usage: ["/start"],
      right: LOOK,
      run: (ctx) => reply(ctx, welcome(options, ctx), { reply_markup: mainKeyboard }),
    },
    {
      name: "plot",
      description: "Draw a measurement, for example /plot 24h",
      topic: "plots",
      button: BUTTONS.figure,
      get usage() {
        const [start, end] = [exampleDay("UTC", now(), 2), exampleDay("UTC", now())];
        return ["/plot", "/plot 24h", `/plot ${start} ${end}`, "/plot 1 yesterday 8:00-10:00", "/plot Temperature 7d"];
      },
      right: { ...LOOK, cost: PLOT_COST },
      run: (ctx, args, next) => plot(options, ctx, args, next),
    },
    {
      name: "status",
      description: "Is everything alive?",
      topic: "plant",
      usage: ["/status"],
      right: LOOK,
      button: BUTTONS.status,
      run: async (ctx) => reply(ctx, statusView(await status(chatOf(ctx)))),
    },
    ...alarmCommands,
    {
      name: "timezone",
      description: "The time zone of this chat",
      topic: "quiet",
      usage: ["/timezone", "/timezone Helsinki", "/timezone Europe/Helsinki"],
      right: SETTING,
      noted: /^[A-Za-z_+\-/\d]{1,40}$/,
      run: (ctx, args) => timeZone(options, ctx, args),
    },
    {
      name: "cancel",
      description: "Cancel an open question",
      topic: "plots",
      usage: ["/cancel"],
      right: LOOK,
      run: null,
    },
    help,
  ];
}

/** What this is, and the three things that somebody can do now. */
function welcome({ allows }: CommandOptions, ctx: Context): Html {
  const may = (right: Right): boolean => allows(ctx, right);
  return lines(
    html`This is <b>Valvomo</b>, the control room of your plant. Warnings appear here by themselves. You can now:`,
    may(ACT)
      ? html`· press <b>Acknowledge</b> below a warning: the others see that you have it, and nobody else is called`
      : html`· see what is active: /alarms`,
    html`· see how a measurement went: <b>${BUTTONS.figure}</b>, or /plot 24h`,
    may(DECIDE)
      ? html`· let somebody in: /invite operator`
      : html`· see whether all is alive: <b>${BUTTONS.status}</b>`,
    html`<b>${BUTTONS.help}</b> tells the rest.`,
  );
}

function unknownZone(typed: string, zones: readonly string[]): Html {
  const name = shorten(typed, MAX_ECHO);
  const [zone, ...others] = zones;
  if (zone === undefined)
    return html`I do not know the time zone “${name}”. Write a city that has one: /timezone Helsinki or /timezone Europe/Helsinki`;
  return others.length === 0
    ? html`I do not know the time zone “${name}”. Is it ${zone}? Then write /timezone ${zone}`
    : html`More than one time zone fits “${name}”. Write one of these: ${zones.map((one) => `/timezone ${one}`).join(", ")}`;
}

const chatOf = (ctx: Context): number => servedIn(ctx).chatId;

/** Draws what was typed. Where nothing was, the dialogue asks. */
async function plot({ order }: CommandOptions, ctx: Context, args: string, next: NextFunction): Promise<void> {
  if (args.trim() === "") return next();
  const { chatId, threadId } = servedIn(ctx);
  order({ typed: args, chatId, threadId, by: callerOf(ctx) });
}

/** Sets the clock of a chat, or tells it. */
async function timeZone({ chats, onTimeZone, now }: CommandOptions, ctx: Context, args: string): Promise<Handled> {
  const typed = args.trim();
  const found = typed === "" ? null : findTimeZone(typed);
  if (found?.kind === "unclear") return decline(ctx, unknownZone(typed, found.zones));
  const shown = found?.zone ?? chats.timeZoneOf(chatOf(ctx));
  if (found !== null) {
    await chats.setTimeZone(chatOf(ctx), shown);
    await onTimeZone(chatOf(ctx));
  }
  const words = html`Times in this chat are in ${shown}. It is ${formatInstant(now(), shown, now())}.`;
  return { result: "done", tell: () => reply(ctx, words) };
}
