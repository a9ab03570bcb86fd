import { dueAt } from "../alarms/lifecycle/elapse.ts";
import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import { severityOfRing } from "../alarms/cards/decide.ts";
import { relieved } from "../alarms/lifecycle/relief.ts";
import { notificationOf } from "../alarms/lifecycle/notification.ts";
import { isWorse } from "../alarms/lifecycle/rise.ts";
import type { Notification } from "../alarms/card.ts";
import type { Destination, Alarm } from "../alarms/types.ts";
import type { Ledger } from "../store/alarms/ledger.ts";
import { refreshOthers, tellChats } from "./tell-chats.ts";

/** A change that is shown, and rings for nobody. */
export const SILENT = { ring: null, ringsIn: null, followUp: null } as const;

/** What decides what becomes of a change. */
export interface ChangeOptions {
  readonly rules: AlarmRules;
  /** How many people have to acknowledge an alarm. */
  readonly acknowledgersOf: (alarm: Alarm) => number;
  /** Where the cards of an alarm go. */
  readonly destinationsOf: (alarm: Alarm) => readonly Destination[];
  /** Who is on duty now, or stands for them. */
  readonly onDuty: () => Destination;
  /** The id under which a chat lives now: an alarm and the plants file remember it as it was. */
  readonly currentId: (chatId: number) => number;
  readonly now: number;
  /** The number of the newest event, if events are the cause. */
  readonly lastEvent?: number;
}

/** Where a ring is heard of what is milder now than it was: in the chats that are told of such; `null`: in all. */
function earshot(
  alarm: Alarm,
  { ring }: Notification,
  destinationsOf: ChangeOptions["destinationsOf"],
): readonly number[] | null {
  const severity = ring === null ? alarm.peakSeverity : severityOfRing(alarm, ring);
  if (!isWorse(alarm.peakSeverity, severity)) return null;
  return destinationsOf({ ...alarm, peakSeverity: severity }).map(({ chatId }) => chatId);
}

/** What chats are told, and whoever came on duty and has it in hand now, who may have a card of it from an earlier turn. */
const alsoIn = (news: Notification, chatId: number): Notification =>
  news.ring === null
    ? { ...news, ring: "passedOn", ringsIn: [chatId] }
    : { ...news, ringsIn: news.ringsIn && [...news.ringsIn, chatId] };

/**
 * Keeps an alarm that changed and marks the cards that are to follow.
 * @param before `null`: it is new
 * @param told what the chats are to be told; left out: what follows from the change itself, which events made
 * @returns the chats whose cards are out of date now
 */
export async function saveChange(
  { alarms, cards }: Ledger,
  before: Alarm | null,
  changed: Alarm,
  { rules, destinationsOf, onDuty, currentId, now, lastEvent }: ChangeOptions,
  told: Notification | null = null,
): Promise<readonly number[]> {
  // Also what is unacknowledged or unshelved once more: it is for whoever is on duty by now.
  const after = relieved(changed, onDuty());
  const isRelief = after !== changed;
  const destinations = destinationsOf(after);
  const isCalled = isRelief && destinations.some(({ chatId }) => chatId === currentId(onDuty().chatId));
  const news = told ?? notificationOf(before, after);
  const notification = isCalled && after.state === "active" ? alsoIn(news, onDuty().chatId) : news;
  // Mere repeats come thousands of times a second; routes that were changed meanwhile are looked for in the rest. Who is not
  // told of it any more sees the end of what was told, not what comes anew.
  const isRare = notification.ring === "escalated" || notification.followUp !== null || told !== null;
  const isLeft = (earlier: Alarm | null, now: readonly Destination[]): boolean =>
    earlier !== null && destinationsOf(earlier).some((was) => now.every(({ chatId }) => chatId !== was.chatId));
  const isRisen = lastEvent !== undefined && isNewer(before, after);
  // Whoever has it in hand is reminded, whatever others have heard; and no step waits for a change of shift.
  const isOwed = news.ring !== null && news.ring !== "owner" && destinations.length > 0;
  const kept: Alarm = isOwed ? { ...after, owedRing: news.ring } : after;
  alarms.save(kept, dueAt(kept, rules), isRisen ? lastEvent : null);
  if (before === null) cards.begin(after.id);
  // An end of what was never told is told nobody.
  if (after.occurrence === 0) return [];
  // Kept, but nothing that anybody sees.
  if (before?.version === after.version && notification.ring === null && !isRelief) return [];
  const tell = {
    ...notification,
    ringsIn: notification.ringsIn?.map(currentId) ?? earshot(after, notification, destinationsOf),
  };
  await tellChats(cards, after, destinations, tell, now);
  const others = isRare || isLeft(before, destinations) ? await refreshOthers(cards, after, destinations, now) : [];
  return [...destinations.map(({ chatId }) => chatId), ...others];
}

/** Whether it came, came again, or got worse: who saw it before has not seen that, whether it rings or not. */
const isNewer = (before: Alarm | null, after: Alarm): boolean =>
  before === null ||
  after.occurrence > before.occurrence ||
  isWorse(after.severity, before.severity) ||
  notificationOf(before, after).ring !== null;
