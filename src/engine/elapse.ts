import { isDeepStrictEqual } from "node:util";
import { dueAt, elapse, nextStep } from "../alarms/lifecycle/elapse.ts";
import type { Escalations } from "../alarms/lifecycle/escalation-plan.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import { clampToNow } from "../alarms/lifecycle/clamp-to-now.ts";
import type { Alarm } from "../alarms/types.ts";
import { listDue, listScheduled } from "../store/alarms/due-alarms.ts";
import { settleClock } from "../store/set-back.ts";
import { nextNumber } from "../store/sql/numbers.ts";
import { saveChange, SILENT } from "./change.ts";
import { stepByStep, MAX_DUE, type EngineContext } from "./context.ts";

/** A flood that a rule holds back comes at one time: so many pages of it in one look, what is left in the next. */
const MAX_PAGES = 20;

/** Does to alarms what time does; resolves with the chats whose cards are out of date now. */
export async function elapseDue(context: EngineContext): Promise<readonly number[]> {
  const chatIds = new Set<number>();
  for (let pages = 1; (await elapsePage(context, chatIds)) === MAX_DUE && pages < MAX_PAGES;) pages += 1;
  return [...chatIds];
}

/** @returns how many were due */
const elapsePage = (context: EngineContext, chatIds: Set<number>): Promise<number> =>
  context.ledgers.change(async (ledger) => {
    const change = { ...context, now: context.now() };
    const due = await listDue(ledger.queries, change.now, MAX_DUE);
    await ledger.cards.load(due.map(({ id }) => id));
    const elapsed = due.map((before) => {
      const { alarm: after, notification } = elapse(before, change.now, context.rules) ?? {
        alarm: before,
        notification: SILENT,
      };
      return { before, after, notification, isNew: after.occurrence > before.occurrence };
    });
    // What was held back comes now: that is news as an event is, and has a number behind all that was shown.
    const isAnyNew = elapsed.some(({ isNew }) => isNew);
    const news = isAnyNew ? { ...change, lastEvent: await nextNumber(ledger.queries, "event") } : change;
    for (const { before, after, notification, isNew } of elapsed) {
      const told = await saveChange(ledger, before, after, isNew ? news : change, notification);
      for (const chatId of told) chatIds.add(chatId);
    }
    return due.length;
  });

/**
 * Looks anew when time will do something to alarms, as the rules or the clock may be others now; resolves with the chats whose cards are
 * out of date, since they show it.
 * @param former the escalations that the cards show; `null`: those of now, as far as is known
 * @param clock as it was before it was set back
 */
export async function reschedule(
  context: EngineContext,
  former: Escalations | null,
  clock: FormerClock,
): Promise<readonly number[]> {
  const { rules, ledgers } = context;
  const isShown = (alarm: Alarm): boolean =>
    former === null || isDeepStrictEqual(nextStep(alarm, former), nextStep(alarm, rules.escalations));
  const wasAhead = await ledgers.change(({ queries }) => settleClock(queries, context.now(), clock));
  const moved = await stepByStep(context, async (ledger, afterId) => {
    const change = { ...context, now: context.now() };
    const chatIds: number[] = [];
    const page = await listScheduled(ledger.queries, afterId, MAX_DUE);
    for (const { alarm, dueAt: before } of page) {
      const present = clampToNow(alarm, change.now, clock);
      if (present === alarm && dueAt(present, rules) === before && isShown(present)) continue;
      const rescheduled = { ...present, version: alarm.version + 1 };
      chatIds.push(...(await saveChange(ledger, alarm, rescheduled, change, SILENT)));
    }
    return { chatIds, lastId: page.at(-1)?.alarm.id ?? null };
  });
  // What was put off until a time ahead is due now.
  return wasAhead ? [...new Set([...moved, ...(await context.pendingChats())])] : moved;
}
