import { NEXT_CHAT } from "./model-room.ts";
import type { RingReason } from "../../src/alarms/card.ts";
import type { RepeatRule } from "../../src/alarms/lifecycle/repeating.ts";
import type { Severity } from "../../src/alarms/types.ts";

/** A ring that the chats, or only one of them, must hear. */
export interface ExpectedRing {
  readonly reason: RingReason;
  readonly occurrence: number;
  /** How bad what it tells of was. */
  readonly severity: Severity;
  /** `null`: all of them but the next one. */
  readonly chatId: number | null;
  /** Whether it need not be heard, as it was over at once. */
  readonly isMoot: boolean;
}

/** One alarm as a person would explain it: what is true of it now, and when the chats must have heard of it. */
export interface ModelAlarm {
  isActive: boolean;
  /** It only happened: information without a state. */
  isIncident: boolean;
  /** Whether the plant ever told a state of it that is known, so that it tells its end, too. */
  isStateTold: boolean;
  occurrence: number;
  severity: Severity;
  peak: Severity;
  /** Reports in this occurrence. */
  count: number;
  lastAt: number;
  /** When its newest thing happened, by the plant's clock; when it was over; and when the time before this one was. */
  newestAt: number;
  clearedAt: number | null;
  endedBefore: number | null;
  /** What came late, since nothing newer did: the first that was as late as the newest, and whether one of these said that it was over. */
  late: (ModelLag & { readonly isOver: boolean }) | null;
  takenBy: string | null;
  /** Those who took it where two have to. */
  seenBy: readonly string[];
  /** When somebody took it in a chat, and how bad it was then. */
  takenAt: number;
  takenAs: Severity | null;
  /** When it came lately; when that, or that it got worse, last rang, and how bad that was. */
  times: readonly number[];
  told: { readonly at: number; readonly severity: Severity } | null;
  /** Whether what happened to it last was to be heard: not if it repeats. */
  isHeard: boolean;
  /** It came and went, and nobody has taken it: since when, and whether the chats were reminded. */
  unseen: { readonly since: number; readonly isReminded: boolean } | null;
  /** The plant says that it is over, and somebody has to reset it. */
  isLatched: boolean;
  /** Where, and when it was taken or its taker was last reminded. */
  owner: { readonly chatId: number; readonly at: number } | null;
  /** Until when, and what is no worse than this. */
  shelf: { readonly untilAt: number | null; readonly severity: Severity } | null;
  /** Since when it waits for somebody to take it, and how many have been asked to since it began to. */
  waitsSince: number;
  step: number;
  /** Whether nobody has heard its newest ring yet: nothing more is rung until then. */
  isUnheard: boolean;
  /** Whether the next chat was told of this occurrence, too. */
  isPassedOn: boolean;
  note: string | null;
  readonly rings: ExpectedRing[];
}

/** When something happened by the plant's clock, and when it came by ours. */
export interface ModelLag {
  readonly at: number;
  readonly cameAt: number;
}

const MINUTE = 60_000;
const RANKS: readonly Severity[] = ["info", "warning", "error", "critical"];
/** Whoever was told is reminded; then the next chat is told. */
export const STEPS: Partial<
  Record<Severity, readonly { afterMs: number; reason: RingReason; chatId: number | null }[]>
> = {
  error: [
    { afterMs: 15 * MINUTE, reason: "reminder", chatId: null },
    { afterMs: 10 * MINUTE, reason: "passedOn", chatId: NEXT_CHAT },
  ],
  critical: [
    { afterMs: 5 * MINUTE, reason: "reminder", chatId: null },
    { afterMs: 10 * MINUTE, reason: "passedOn", chatId: NEXT_CHAT },
  ],
};
export const OWNER_MS: Partial<Record<Severity, number>> = { error: 240 * MINUTE, critical: 60 * MINUTE };
/** So long after it came and went without anybody taking it, the chats are reminded. */
export const UNSEEN_MS: Partial<Record<Severity, number>> = { critical: 5 * MINUTE };
/** So long what was taken can be given back. */
export const GIVE_BACK_MS = 60_000;
/** What somebody has to reset, where anything is held. */
export const LATCHED: Severity = "error";
/** A whole day without a word from the plant, and it is another one. */
export const LOST_MS = 24 * 60 * MINUTE;
/** An hour without a word, and what only happened happens anew. */
export const RETURN_MS = 60 * MINUTE;

/** What the plant's words come to in one room. */
export interface ModelRules {
  readonly hasLatch: boolean;
  readonly needsTwo: boolean;
  readonly repeating: RepeatRule;
}

/** Whether `a` is worse than `b`. */
export const isWorseThan = (a: Severity, b: Severity): boolean => RANKS.indexOf(a) > RANKS.indexOf(b);

/** One step more severe, if there is one. */
export const worseThan = (severity: Severity): Severity => RANKS[RANKS.indexOf(severity) + 1] ?? "critical";

/** When it came lately, now included. */
export const timesWith = (alarm: ModelAlarm | null, now: number, rule: RepeatRule): readonly number[] =>
  rule === null ? [] : [...(alarm?.times ?? []).filter((time) => now - time < rule.withinMs), now];

/** Whether it comes often, and rang lately for what was as bad. */
export function isToldLately(alarm: ModelAlarm, severity: Severity, now: number, rule: RepeatRule): boolean {
  const { told } = alarm;
  if (rule === null || told === null || timesWith(alarm, now, rule).length <= rule.count) return false;
  return now - told.at < rule.withinMs && !isWorseThan(severity, told.severity);
}

/** One more time that it comes. */
export function begin(before: ModelAlarm | null, severity: Severity, now: number, rules: ModelRules): ModelAlarm {
  const { hasLatch, repeating } = rules;
  // A shelf lasts its time.
  const shelf = before?.shelf && !isWorseThan(severity, before.shelf.severity) ? before.shelf : null;
  const wasReset = hasLatch && before?.isActive === false && before.peak === LATCHED;
  const wasShelved = before !== null && before.shelf !== null;
  const isNews = wasShelved || wasReset || (severity === "critical" && before?.peak !== "critical");
  const isHeard = shelf === null && (!before || isNews || !isToldLately(before, severity, now, repeating));
  const alarm: ModelAlarm = {
    isActive: true,
    isIncident: false,
    isStateTold: true,
    occurrence: (before?.occurrence ?? 0) + 1,
    severity,
    peak: severity,
    count: 1,
    lastAt: now,
    newestAt: now,
    clearedAt: null,
    endedBefore: before?.clearedAt ?? null,
    late: null,
    takenBy: null,
    seenBy: [],
    takenAt: 0,
    takenAs: null,
    times: timesWith(before, now, repeating),
    told: isHeard ? { at: now, severity } : (before?.told ?? null),
    isHeard,
    unseen: null,
    isLatched: false,
    owner: null,
    shelf,
    waitsSince: now,
    step: 0,
    // Who has not heard of it yet will hear of this with it.
    isUnheard: !isHeard && shelf === null && before?.isUnheard === true,
    isPassedOn: false,
    note: null,
    rings: before?.rings ?? [],
  };
  if (isHeard) ring(alarm, before ? "returned" : "first");
  return alarm;
}

/** All are told, the next chat as well if it was told before; or only one chat. */
export function ring(
  alarm: ModelAlarm,
  reason: RingReason,
  only: number | null = null,
  severity = alarm.severity,
): void {
  const { occurrence, rings } = alarm;
  if (reason !== "owner") alarm.isUnheard = true;
  rings.push({ reason, occurrence, severity, chatId: only, isMoot: false });
  if (only === null && alarm.isPassedOn) rings.push({ reason, occurrence, severity, chatId: NEXT_CHAT, isMoot: false });
}
