import { Composer, type Context } from "grammy";
import { isAsSeen, isLatched, shelve, unshelve, type Seen } from "../../alarms/lifecycle/handling.ts";
import { isForAdmins } from "../../alarms/payloads/own.ts";
import { clean, shorten } from "../../alarms/text.ts";
import { instantOfTime, parseTimeOfDay } from "../../alarms/time-of-day.ts";
import type { Alarm } from "../../alarms/types.ts";
import { after, takeLength } from "../../lib/time/duration.ts";
import type { Logger } from "../../lib/log.ts";
import type { ActResult } from "../../engine/act.ts";
import type { Store } from "../../store/store.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { dayOf, readingAt } from "../../lib/time/wall-clock.ts";
import { notAsSeen, readSeen, SEEN, seenOf, toast, UNKNOWN_ALARM } from "../access/card-buttons.ts";
import { backButton, type CardMenu, type CardMenus, pressed } from "./card-menus.ts";
import type { Command } from "../access/command.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html } from "../api/render.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { decline, reply } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What shelving needs. */
export interface ShelvingOptions {
  readonly store: Pick<Store, "chats">;
  readonly visibleTo: VisibleTo;
  readonly menus: CardMenus;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  /** When the shift that works at `at` ends, by the clock of a time zone; epoch ms. */
  readonly shiftEndAfter: (timeZone: string, at: number) => number;
  readonly now: () => number;
  readonly log: Logger;
}

const HOUR = 3_600_000;
/** ISA-18.2 wants an end; longer than a week is no shelving, but a broken sensor. */
const MAX_MS = 7 * 24 * HOUR;
const MAX_REASON = 500;

/** For how long an alarm may be put aside, as the buttons and their data name it. */
const CHOICES = { "30m": "30 min", "4h": "4 h", clears: "Until it clears", shift: "Until the shift ends" } as const;
type Choice = keyof typeof CHOICES;

const HOW = html`Write it like /shelve 42 4h bearing is being changed; or 30m, 2 days, until 14:00, shift, clears.`;
/** What the buttons say may be typed, too. */
const CHOICE_WORDS = /^(?:until )?((?:it )?clears|(?:the )?shift(?: ends)?)(?!\S)/i;
const UNTIL = /^(?:until |till )(\d{1,2}(?:[:.]\d{2})?(?: ?[ap]m)?)(?!\S)|^(?:\d{1,2}:\d{2})(?!\S)/i;

/** The *Shelve…* button, and /shelve for who wants to type. */
export function createShelving(options: ShelvingOptions): {
  readonly buttons: Composer<Context>;
  readonly command: Command;
} {
  const { store, visibleTo, menus, onChange, shiftEndAfter, now, log } = options;
  const zoneOf = (ctx: Context): string => store.chats.timeZoneOf(servedIn(ctx).chatId);

  function endOf(choice: Choice, ctx: Context): number | null {
    if (choice === "clears") return null;
    if (choice === "shift") return shiftEndAfter(zoneOf(ctx), now());
    return now() + (choice === "30m" ? HOUR / 2 : 4 * HOUR);
  }

  async function put(
    ctx: Context,
    alarmId: number,
    seen: Seen | null,
    until: { readonly untilAt: number | null; readonly reason: string | null },
  ): Promise<ActResult | null> {
    const by = actorOf(ctx);
    const result = await visibleTo(servedIn(ctx).chatId).act(alarmId, {
      by,
      action: "shelve",
      words: until.reason,
      apply: (alarm, at) =>
        (seen === null || isAsSeen(alarm, seen)) && canEnd(alarm, until) ? shelve(alarm, by, at, until) : alarm,
    });
    if (result?.isChanged) log.info({ alarm: alarmId, userId: by.userId, untilAt: until.untilAt }, "shelved");
    onChange(result?.chatIds ?? []);
    return result;
  }

  const buttons = new Composer<Context>();
  buttons.callbackQuery(new RegExp(`^shelve:${SEEN}$`), async (ctx) => {
    const seen = readSeen(ctx.match as RegExpMatchArray);
    const alarm = await visibleTo(servedIn(ctx).chatId).find(seen.alarmId);
    const refusal = alarm ? (notAsSeen(alarm, seen) ?? notShelvable(alarm)) : UNKNOWN_ALARM;
    if (!alarm || refusal !== null) return toast(ctx, refusal ?? UNKNOWN_ALARM);
    await toast(ctx, "For how long?");
    await menus.show(ctx, alarm, choiceMenu);
  });
  buttons.callbackQuery(
    new RegExp(`^shelve:${SEEN}:(30m|4h|clears|shift)$`),
    handled(async (ctx) => {
      const match = ctx.match as RegExpMatchArray;
      const seen = readSeen(match);
      const until = { untilAt: endOf(match[4] as Choice, ctx), reason: null };
      menus.chosen(ctx);
      const result = await put(ctx, seen.alarmId, seen, until);
      return pressed(ctx, menus, result, shelvedToast(result, seen));
    }),
  );
  buttons.callbackQuery(/^card:(\d{1,15})$/, async (ctx) => {
    const alarm = await visibleTo(servedIn(ctx).chatId).find(Number(ctx.match[1]));
    await toast(ctx, alarm ? "" : UNKNOWN_ALARM);
    if (alarm) await menus.show(ctx, alarm, null);
  });
  buttons.callbackQuery(
    /^unshelve:(\d{1,15})$/,
    handled(async (ctx) => {
      const by = actorOf(ctx);
      const apply = (alarm: Alarm, at: number) => unshelve(alarm, at);
      const result = await visibleTo(servedIn(ctx).chatId).act(Number(ctx.match[1]), { by, action: "unshelve", apply });
      onChange(result?.chatIds ?? []);
      const words = result === null ? UNKNOWN_ALARM : result.isChanged ? "Unshelved." : "It is not shelved.";
      return pressed(ctx, menus, result, words);
    }),
  );

  async function typed(ctx: Context, args: string): Promise<Handled> {
    const [, id, rest = ""] = /^#?(\d{1,15})(?:\s+(.+))?$/s.exec(args.trim()) ?? [];
    const found = id === undefined ? null : typedEnd(rest, ctx);
    if (id === undefined || found === null) {
      const what = id === undefined ? "Which alarm, and for how long?" : "I cannot read for how long.";
      return decline(ctx, html`${what} ${HOW}`);
    }
    const { untilAt, rest: reason } = found;
    if (untilAt !== null && (untilAt <= now() || untilAt > now() + MAX_MS)) {
      return decline(ctx, html`An alarm can be shelved for a week at most. ${HOW}`);
    }
    const words = shorten(clean(reason).replace(/^[,:;\-\u2013\u2014\s]+/, ""), MAX_REASON) || null;
    const result = await put(ctx, Number(id), null, { untilAt, reason: words });
    if (result === null) return decline(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    if (isForAdmins(result.alarm)) return decline(ctx, html`${notShelvable(result.alarm) ?? ""}`);
    if (!result.isChanged && !canEnd(result.alarm, { untilAt })) {
      return decline(ctx, html`The plant will not say that #${id} is over. Say for how long, such as /shelve ${id} 4h`);
    }
    if (!result.isChanged) return decline(ctx, html`#${id} is not active, so there is nothing to shelve.`);
    const until = untilAt === null ? "it clears" : formatInstant(untilAt, zoneOf(ctx), now());
    return { result: "done", tell: () => reply(ctx, html`#${id} is shelved until ${until}.`) };
  }

  /** Until when an alarm is to be put aside, and the reason behind that; `null`: not understood. */
  function typedEnd(text: string, ctx: Context): { readonly untilAt: number | null; readonly rest: string } | null {
    const [named = "", choice] = CHOICE_WORDS.exec(text) ?? [];
    if (choice !== undefined) {
      const untilAt = endOf(choice.toLowerCase().includes("shift") ? "shift" : "clears", ctx);
      return { untilAt, rest: text.slice(named.length).trim() };
    }
    const [before = "", clock = before] = UNTIL.exec(text) ?? [];
    const minute = clock === "" ? null : parseTimeOfDay(clock.replace(/\s/g, ""));
    if (minute !== null) return { untilAt: nextTime(minute, ctx), rest: text.slice(before.length).trim() };
    const taken = takeLength(text);
    return taken && { untilAt: after(now(), taken.length, zoneOf(ctx)), rest: taken.rest };
  }

  /** When the clocks of a chat show a time of day next. */
  function nextTime(minute: number, ctx: Context): number {
    const today = readingAt(now(), zoneOf(ctx));
    const times = [0, 1, 2].map((days) => instantOfTime(dayOf(today, days), minute, zoneOf(ctx)));
    return times.find((at) => at > now()) ?? now();
  }

  const command: Command = {
    name: "shelve",
    description: "Silence an alarm for a time",
    usage: ["/shelve 42 4h bearing is being changed", "/shelve 42 until 14:00", "/shelve 42 shift"],
    right: { role: "operator" },
    takesText: true,
    noted: /^#?\d{1,15}\s+(?:\d{1,6} ?[a-z]{0,7}|until \d{1,2}[:.]?\d{0,2}|shift|clears)(?=\s|$)/i,
    run: (ctx, args) => typed(ctx, args),
  };
  return { buttons, command };
}

const choiceMenu: CardMenu = (alarm) => {
  if (notShelvable(alarm) !== null || alarm.course.shelf !== null) return null;
  const button = (choice: Choice) => ({
    text: CHOICES[choice],
    callback_data: `shelve:${seenOf(alarm)}:${choice}`,
  });
  return [
    [button("30m"), button("4h")],
    [...(canEnd(alarm, { untilAt: null }) ? [button("clears")] : []), button("shift")],
    [backButton(alarm)],
  ];
};

/** What never says that it is over, or has said so and is held, would be silent for ever. */
const canEnd = (alarm: Alarm, { untilAt }: { readonly untilAt: number | null }): boolean =>
  untilAt !== null || (alarm.isClearedByPlant && !isLatched(alarm));

/** Why nobody can put an alarm aside; `null`: somebody can. */
function notShelvable(alarm: Alarm): string | null {
  if (isForAdmins(alarm)) return `#${alarm.id} is for admins: what they must know cannot be shelved.`;
  return alarm.state === "active" ? null : `#${alarm.id} is over: there is nothing to shelve.`;
}

function shelvedToast(result: ActResult | null, seen: Seen): string {
  if (result === null) return UNKNOWN_ALARM;
  const { alarm, isChanged } = result;
  if (isChanged) return `Shelved #${alarm.id}. Reply to the card with the reason.`;
  return notAsSeen(alarm, seen) ?? notShelvable(alarm) ?? `#${alarm.id} is shelved already.`;
}
