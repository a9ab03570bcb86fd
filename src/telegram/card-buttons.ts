import { Composer, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { clean, shorten } from "../alarms/text.ts";
import { rankOf, type Alarm, type Person } from "../alarms/types.ts";
import type { Logger } from "../log.ts";
import type { Store } from "../store/store.ts";

/** Telegram shows 200 characters of a toast. */
const MAX_NAME = 40;
const ACKNOWLEDGE = /^ack:(\d{1,15}):(\d{1,9}):(\d)$/;

/** The buttons below a card. Their data names what was seen, so that they work after any downtime, and for no more than that. */
export function cardButtons(alarm: Alarm): InlineKeyboardButton[][] {
  const why = { text: "Why?", callback_data: `why:${alarm.id}` };
  // Information asks nobody to come.
  const isOpen = alarm.state === "active" && alarm.acknowledgedAt === null && alarm.peakSeverity !== "info";
  if (!isOpen) return [[why]];
  return [
    [{ text: "Acknowledge", callback_data: `ack:${alarm.id}:${alarm.occurrence}:${rankOf(alarm.peakSeverity)}` }, why],
  ];
}

/** What the *Acknowledge* button does. The card is the truth; the words at the press are best effort. */
export function createAcknowledgeButton(options: {
  readonly store: Pick<Store, "acknowledge">;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly log: Logger;
}): Composer<Context> {
  const composer = new Composer<Context>();
  composer.callbackQuery(ACKNOWLEDGE, async (ctx) => {
    const [alarmId, occurrence, rank] = [Number(ctx.match[1]), Number(ctx.match[2]), Number(ctx.match[3])];
    const person = personOf(ctx);
    const result = await options.store.acknowledge(alarmId, { occurrence, rank }, person);
    if (result && result.chatIds.length > 0) {
      options.log.info({ alarm: result.alarm.id, userId: person.userId }, "acknowledged");
      options.onChange(result.chatIds);
    }
    // Telegram forgets a press after a while; the card has changed all the same.
    await ctx.answerCallbackQuery(toast(result, occurrence)).catch(() => undefined);
  });
  return composer;
}

function toast(result: Awaited<ReturnType<Store["acknowledge"]>>, occurrence: number): string {
  if (result === null) return "I do not know this alarm any more.";
  const { alarm, chatIds } = result;
  if (chatIds.length > 0) return `Acknowledged #${alarm.id}.`;
  if (alarm.occurrence !== occurrence) return `#${alarm.id} came again: see its newest card.`;
  if (alarm.acknowledgedBy === null) return `#${alarm.id} got worse: see its newest card.`;
  return `Already acknowledged by ${alarm.acknowledgedBy}.`;
}

function personOf({ from }: Context): Person {
  const name = clean([from?.first_name, from?.last_name].filter((part) => part !== undefined).join(" "));
  return { userId: from?.id ?? 0, name: shorten(name, MAX_NAME) || `user ${from?.id ?? "unknown"}` };
}
