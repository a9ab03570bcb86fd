import { listScheduled, listWaiting } from "../store/alarms/due-alarms.ts";
import { relieved } from "../alarms/lifecycle/relief.ts";
import { saveChange, SILENT } from "./change.ts";
import { stepByStep, type EngineContext } from "./context.ts";
import { refreshOld, tellChats } from "./tell-chats.ts";

/** A flood may have left a hundred thousand alarms: so many at a time, or everybody else would wait for all of them. */
const STEP = 100;

/**
 * Looks anew who is to be told of what waits to ring in a chat, as it cannot be reached or routes changed; resolves with the chats
 * whose cards are out of date now.
 */
export const rerouteWaiting = (context: EngineContext, chatId: number): Promise<readonly number[]> =>
  stepByStep(context, async ({ queries, cards }, afterId) => {
    const chatIds: number[] = [];
    const now = context.now();
    const page = await listWaiting(queries, chatId, afterId, STEP);
    await cards.load(page.map(({ id }) => id));
    for (const alarm of page) {
      const told = await cards.chatsOf(alarm.id);
      const others = context.destinationsOf(alarm).filter((to) => to.chatId === chatId || !told.includes(to.chatId));
      await tellChats(cards, alarm, others, SILENT, now);
      chatIds.push(...others.map((other) => other.chatId));
    }
    return { chatIds, lastId: page.at(-1)?.id ?? null };
  });

/**
 * Tells the chats that routes lead to now of what is active and they have not been told of, and whoever came on duty of what was passed on
 * to the duty; resolves with these chats.
 */
export const reroute = (context: EngineContext): Promise<readonly number[]> =>
  stepByStep(context, async (ledger, afterId) => {
    const { queries, cards } = ledger;
    const chatIds: number[] = [];
    const now = context.now();
    const page = await listScheduled(queries, afterId, STEP);
    await cards.load(page.map(({ alarm }) => alarm.id));
    for (const { alarm } of page.filter(({ alarm: { state } }) => state === "active")) {
      if (relieved(alarm, context.onDuty()) !== alarm) {
        chatIds.push(...(await saveChange(ledger, alarm, alarm, { ...context, now }, SILENT)));
        continue;
      }
      const told = await cards.chatsOf(alarm.id);
      const present = context.destinationsOf(alarm);
      const others = present.filter((to) => !told.includes(to.chatId));
      const known = present.filter((to) => !others.includes(to));
      const isInHand = alarm.acknowledgedAt !== null || alarm.handling.shelf !== null;
      await tellChats(cards, alarm, others, isInHand ? { ...SILENT, ring: "found" } : SILENT, now);
      chatIds.push(...others.map((other) => other.chatId), ...(await refreshOld(cards, alarm, known, now)));
    }
    return { chatIds, lastId: page.at(-1)?.alarm.id ?? null };
  });
