import { Composer, type Context } from "grammy";
import { close, isAsSeen, isClosable, isReopenable, reopen, type Seen } from "../../alarms/lifecycle/handling.ts";
import { clean, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Logger } from "../../lib/log.ts";
import type { ActResult } from "../../engine/act.ts";
import type { Store } from "../../store/store.ts";
import { ALARMS_PER_PAGE } from "./alarm-views.ts";
import {
  namedOnButtons,
  notAsSeen,
  readSeen,
  SEEN,
  toast,
  UNKNOWN_ALARM,
  type SeenAlarm,
} from "../access/card-buttons.ts";
import { pressed, type CardMenus } from "./card-menus.ts";
import {
  CLOSING_REASONS,
  closedScreen,
  closingMenu,
  reasonButtons,
  reopenButton,
  whichScreen,
  type ClosingReason,
} from "./closing-views.ts";
import type { Command } from "../access/command.ts";
import { handled, type Handled } from "../access/outcome.ts";
import { actorOf, servedIn } from "../access/person.ts";
import { html } from "../api/render.ts";
import { decline, reply, turn } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What closing needs. */
export interface ClosingOptions {
  readonly store: Pick<Store, "chats">;
  readonly visibleTo: VisibleTo;
  readonly menus: CardMenus;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}

const MAX_REASON = 500;
const MAX_SHOWN = 120;
const REASON = `(${Object.keys(CLOSING_REASONS).join("|")})`;

/**
 * The end of alarms by hand, where the plant never tells it: *Close…* on a card and below /alarms, and /close for who wants to type;
 * *Reopen* takes it back. A button names what was seen, and counts for no more.
 */
export function createClosing({ store, visibleTo, menus, onChange, now, log }: ClosingOptions): {
  readonly buttons: Composer<Context>;
  readonly command: Command;
} {
  const alarmsIn = (ctx: Context) => visibleTo(servedIn(ctx).chatId);
  const momentOf = (ctx: Context) => ({ timeZone: store.chats.timeZoneOf(servedIn(ctx).chatId), now: now() });

  /** @param seen `null`: whatever it is now */
  async function end(ctx: Context, alarmId: number, seen: Seen | null, reason: string): Promise<ActResult | null> {
    const by = actorOf(ctx);
    const words = reason === "" ? null : reason;
    const result = await alarmsIn(ctx).act(alarmId, {
      by,
      action: "close",
      words,
      apply: (alarm, at) => (seen === null || isAsSeen(alarm, seen) ? close(alarm, by, at, words) : alarm),
    });
    if (result?.isChanged) log.info({ alarm: alarmId, userId: by.userId }, "closed");
    onChange(result?.chatIds ?? []);
    return result;
  }

  async function takeBack(ctx: Context, seen: SeenAlarm): Promise<ActResult | null> {
    const by = actorOf(ctx);
    const result = await alarmsIn(ctx).act(seen.alarmId, {
      by,
      action: "reopen",
      apply: (alarm, at) => (isAsSeen(alarm, seen) ? reopen(alarm, by, at) : alarm),
    });
    if (result?.isChanged) log.info({ alarm: seen.alarmId, userId: by.userId }, "reopened");
    onChange(result?.chatIds ?? []);
    return result;
  }

  const buttons = new Composer<Context>();

  // On a card.
  buttons.callbackQuery(new RegExp(`^close:${SEEN}$`), async (ctx) => {
    const seen = readSeen(ctx.match as RegExpMatchArray);
    const alarm = await alarmsIn(ctx).find(seen.alarmId);
    const refusal = alarm ? (notAsSeen(alarm, seen) ?? notClosable(alarm)) : UNKNOWN_ALARM;
    if (!alarm || refusal !== null) return toast(ctx, refusal ?? UNKNOWN_ALARM);
    await toast(ctx, "Why is it over?");
    await menus.show(ctx, alarm, closingMenu);
  });
  buttons.callbackQuery(
    new RegExp(`^close:${SEEN}:${REASON}$`),
    handled(async (ctx) => {
      const match = ctx.match as RegExpMatchArray;
      const seen = readSeen(match);
      menus.chosen(ctx);
      const result = await end(ctx, seen.alarmId, seen, CLOSING_REASONS[match[4] as ClosingReason]);
      return pressed(ctx, menus, result, result?.isChanged ? `Closed #${seen.alarmId}.` : whyNot(result, seen));
    }),
  );
  buttons.callbackQuery(
    new RegExp(`^reopen:${SEEN}$`),
    handled(async (ctx) => {
      const seen = readSeen(ctx.match as RegExpMatchArray);
      const result = await takeBack(ctx, seen);
      const words = result?.isChanged ? `#${seen.alarmId} is active again.` : whyNotBack(result, seen);
      return pressed(ctx, menus, result, words);
    }),
  );

  // Below a list: why, then which of them.
  buttons.callbackQuery(/^closes:(\d{1,6})$/, async (ctx) => {
    await toast(ctx, "Why are they over?");
    const offset = Number(ctx.match[1]);
    const keyboard = reasonButtons(offset);
    await ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard: keyboard } }).catch(() => undefined);
  });
  buttons.callbackQuery(new RegExp(`^closes:(\\d{1,6}):${REASON}$`), async (ctx) => {
    const match = ctx.match as RegExpMatchArray;
    const [offset, reason] = [Number(match[1]), match[2] as ClosingReason];
    await toast(ctx, "");
    const { alarms } = await alarmsIn(ctx).active({ offset, limit: ALARMS_PER_PAGE, isShelved: false });
    const found = alarms.filter(isClosable);
    const { text, keyboard } = whichScreen(found, { offset, reason, moment: momentOf(ctx) });
    await turn(ctx, text, keyboard);
  });
  buttons.callbackQuery(
    new RegExp(`^closes:(\\d{1,6}):${REASON}:(?:all|${SEEN})$`),
    handled(async (ctx) => {
      const [data, offset, reason] = ctx.match as RegExpMatchArray as unknown as [string, string, ClosingReason];
      const isAll = data.endsWith(":all");
      const named = namedOnButtons(ctx, new RegExp(`^closes:${offset}:${reason}:${SEEN}$`));
      const chosen = isAll ? named : named.filter((seen) => data.endsWith(`:${seen.data}`));
      const done: number[] = [];
      const closed: Alarm[] = [];
      const refusals: string[] = [];
      for (const seen of chosen) {
        const result = await end(ctx, seen.alarmId, seen, CLOSING_REASONS[reason]);
        if (result?.isChanged) done.push(seen.alarmId);
        // A second press, or somebody who was quicker, takes nothing from the way back.
        if (result && isReopenable(result.alarm) && isAsSeen(result.alarm, seen)) closed.push(result.alarm);
        else refusals.push(whyNot(result, seen));
      }
      const { length } = chosen;
      const count = done.length === length ? `${length} closed.` : `${done.length} of ${length} closed.`;
      const where = { offset: Number(offset), reason, moment: momentOf(ctx) };
      const { text, keyboard } = closedScreen({ alarms: closed, refusals }, where);
      return {
        result: done.length === 0 ? "not done" : `closed ${done.map((id) => `#${id}`).join(" ")}`,
        async tell() {
          await toast(ctx, done.length === 0 && closed.length === length ? "Closed already." : count);
          await turn(ctx, text, keyboard);
        },
      };
    }),
  );
  buttons.callbackQuery(
    new RegExp(`^reopens:(\\d{1,6}):(?:all|${SEEN})$`),
    handled(async (ctx) => {
      const [data, offset] = ctx.match as RegExpMatchArray as unknown as [string, string];
      const named = namedOnButtons(ctx, new RegExp(`^reopens:${offset}:${SEEN}$`));
      const chosen = data.endsWith(":all") ? named : named.filter((seen) => data.endsWith(`:${seen.data}`));
      const back: number[] = [];
      for (const seen of chosen) if ((await takeBack(ctx, seen))?.isChanged) back.push(seen.alarmId);
      const ids = back.map((id) => `#${id}`);
      return back.length === 0
        ? { result: "not done", tell: () => toast(ctx, "Nothing is closed by hand any more.") }
        : { result: `reopened ${ids.join(" ")}`, tell: () => toast(ctx, `Active again: ${ids.join(", ")}.`) };
    }),
  );

  async function typed(ctx: Context, args: string): Promise<Handled> {
    const [, id, rest = ""] = /^#?(\d{1,15})(?:\s+(.+))?$/s.exec(args.trim()) ?? [];
    if (id === undefined) {
      return decline(ctx, html`Which alarm is over, and why? Write it like /close 42 sensor was replaced`);
    }
    const result = await end(ctx, Number(id), null, shorten(clean(rest), MAX_REASON));
    if (result === null) return decline(ctx, html`There is no alarm #${id}. /alarms shows the active ones.`);
    const { alarm, isChanged } = result;
    if (!isChanged) return decline(ctx, html`${notClosable(alarm) ?? UNKNOWN_ALARM}`);
    const what = html`${alarm.peakSeverity.toUpperCase()}: ${shorten(alarm.message, MAX_SHOWN)}`;
    const keyboard = { reply_markup: { inline_keyboard: [[reopenButton(alarm)]] } };
    return { result: "done", tell: () => reply(ctx, html`✅ #${alarm.id} is closed. It was ${what}`, keyboard) };
  }

  const command: Command = {
    name: "close",
    description: "End an alarm whose end the plant never tells",
    usage: ["/close 42 sensor was replaced"],
    right: { role: "operator" },
    // The reason may name a person.
    noted: /^#?\d{1,15}(?=\s|$)/,
    takesText: true,
    run: typed,
  };
  return { buttons, command };
}

/** Why nobody can close an alarm by hand; `null`: somebody can. */
function notClosable(alarm: Alarm): string | null {
  if (isClosable(alarm)) return null;
  const { id, course, state, isClearedByPlant } = alarm;
  if (state === "cleared") {
    return course.closing === null ? `#${id} is over already.` : `#${id} was closed by ${course.closing.by} already.`;
  }
  return isClearedByPlant
    ? `The plant says itself when #${id} is over. Until then it can be shelved: /shelve ${id} clears`
    : `#${id} is information: it ends by itself.`;
}

const whyNot = (result: ActResult | null, seen: Seen): string =>
  result === null ? UNKNOWN_ALARM : (notAsSeen(result.alarm, seen) ?? notClosable(result.alarm) ?? UNKNOWN_ALARM);

function whyNotBack(result: ActResult | null, seen: Seen): string {
  if (result === null) return UNKNOWN_ALARM;
  const { id, state } = result.alarm;
  return (
    notAsSeen(result.alarm, seen) ??
    (state === "active" ? `#${id} is active already.` : `The plant has said, too, that #${id} is over.`)
  );
}
