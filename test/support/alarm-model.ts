import { NEXT_CHAT } from "./model-room.ts";
import type { RingReason } from "../../src/alarms/card.ts";
import type { Severity } from "../../src/alarms/types.ts";

/** A ring that the chats, or only one of them, must hear. */
export interface ExpectedRing {
  readonly reason: RingReason;
  readonly occurrence: number;
  /** How bad what it tells of was. */
  readonly severity: Severity;
  /** `null`: all of them but the next one. */
  readonly chatId: number | null;
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
  takenBy: string | null;
  /** When somebody took it in a chat. */
  takenAt: number;
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

const MINUTE = 60_000;
const RANKS: readonly Severity[] = ["info", "warning", "error", "critical"];
/** Whoever was told is reminded; then the next chat is told. */
const STEPS: Partial<Record<Severity, readonly { afterMs: number; reason: RingReason; chatId: number | null }[]>> = {
  error: [
    { afterMs: 15 * MINUTE, reason: "reminder", chatId: null },
    { afterMs: 10 * MINUTE, reason: "passedOn", chatId: NEXT_CHAT },
  ],
  critical: [
    { afterMs: 5 * MINUTE, reason: "reminder", chatId: null },
    { afterMs: 10 * MINUTE, reason: "passedOn", chatId: NEXT_CHAT },
  ],
};
const OWNER_MS: Partial<Record<Severity, number>> = { error: 240 * MINUTE, critical: 60 * MINUTE };
/** So long after it came and went without anybody taking it, the chats are reminded. */
const UNSEEN_MS: Partial<Record<Severity, number>> = { critical: 5 * MINUTE };
/** So long what was taken can be given back. */
const GIVE_BACK_MS = MINUTE;
/** What somebody has to reset, where anything is held. */
const LATCHED: Severity = "error";
/** A whole day without a word from the plant, and it is another one. */
const LOST_MS = 24 * 60 * MINUTE;
/** An hour without a word, and what only happened happens anew. */
const RETURN_MS = 60 * MINUTE;

/** Whether `a` is worse than `b`. */
export const isWorseThan = (a: Severity, b: Severity): boolean => RANKS.indexOf(a) > RANKS.indexOf(b);

/** One step more severe, if there is one. */
export const worseThan = (severity: Severity): Severity => RANKS[RANKS.indexOf(severity) + 1] ?? "critical";

/** The plant says that it is active. */
export function raise(before: ModelAlarm | undefined, severity: Severity, now: number): ModelAlarm {
  if (!before) return begin(null, severity, now, "first");
  if (!before.isActive || before.isLatched || isLost(before, now)) return begin(before, severity, now, "returned");
  Object.assign(before, { count: before.count + 1, lastAt: now, isStateTold: true });
  return become(before, severity, now);
}

/** It is as bad as this now: a rise is heard, but for one that is no worse than what was put aside. */
function become(alarm: ModelAlarm, severity: Severity, now: number): ModelAlarm {
  const { severity: former, peak, shelf } = alarm;
  const isHeard = isWorseThan(severity, former) && (shelf === null || isWorseThan(severity, shelf.severity));
  Object.assign(alarm, { severity, peak: isWorseThan(severity, peak) ? severity : peak });
  if (isHeard) {
    Object.assign(alarm, { takenBy: null, owner: null, shelf: null, waitsSince: now, step: 0 });
    ring(alarm, "escalated");
  }
  return alarm;
}

/** Whether it was away for so long that it counts as new: where the plant tells its end, only a day says that this was lost. */
const isLost = ({ shelf, lastAt, isStateTold }: ModelAlarm, now: number): boolean =>
  shelf === null && now - lastAt > (isStateTold ? LOST_MS : RETURN_MS);

/** The plant says something of its state that nobody knows. */
export function mention(before: ModelAlarm | undefined, severity: Severity, now: number): ModelAlarm {
  if (!before?.isActive) return Object.assign(raise(before, severity, now), { isStateTold: false });
  before.lastAt = now;
  return become(before, isWorseThan(before.severity, severity) ? before.severity : severity, now);
}

/** The plant says that something happened. */
export function inform(before: ModelAlarm | undefined, now: number): ModelAlarm {
  const isRepeat = before?.isActive ? !isLost(before, now) : before?.isIncident && now - before.lastAt <= RETURN_MS;
  if (!before || !isRepeat) {
    const alarm = begin(before ?? null, "info", now, before ? "returned" : "first");
    return Object.assign(alarm, { isActive: false, isIncident: true, isStateTold: false });
  }
  return Object.assign(before, { severity: "info", count: before.count + 1, lastAt: now });
}

function begin(before: ModelAlarm | null, severity: Severity, now: number, reason: RingReason): ModelAlarm {
  const alarm: ModelAlarm = {
    isActive: true,
    isIncident: false,
    isStateTold: true,
    occurrence: (before?.occurrence ?? 0) + 1,
    severity,
    peak: severity,
    count: 1,
    lastAt: now,
    takenBy: null,
    takenAt: 0,
    unseen: null,
    isLatched: false,
    owner: null,
    // A shelf lasts its time.
    shelf: before?.shelf && !isWorseThan(severity, before.shelf.severity) ? before.shelf : null,
    waitsSince: now,
    step: 0,
    isUnheard: false,
    isPassedOn: false,
    note: null,
    rings: before?.rings ?? [],
  };
  if (alarm.shelf === null) ring(alarm, reason);
  return alarm;
}

/** The plant says that it is over. */
export function clear(alarm: ModelAlarm, now: number, hasLatch: boolean): void {
  if (!alarm.isActive || alarm.isLatched) return;
  alarm.lastAt = now;
  if (hasLatch && alarm.peak === LATCHED) alarm.isLatched = true;
  else goAway(alarm, now);
}

/** Somebody resets what the plant says is over, and has seen it so. */
export function reset(alarm: ModelAlarm, by: string, now: number): void {
  if (!alarm.isLatched) return;
  take(alarm, by, 0, now);
  Object.assign(alarm, { isActive: false, isLatched: false, shelf: null, takenAt: 0 });
}

function goAway(alarm: ModelAlarm, now: number): void {
  const isUnseen = alarm.takenBy === null && alarm.shelf === null && alarm.peak !== "info";
  Object.assign(alarm, {
    isActive: false,
    unseen: isUnseen ? { since: now, isReminded: false } : null,
    shelf: alarm.shelf?.untilAt ? alarm.shelf : null,
  });
}

/** Somebody says "I have seen it". */
export function take(alarm: ModelAlarm, by: string, chatId: number, now: number): void {
  if (alarm.takenBy !== null) return;
  Object.assign(alarm, { takenBy: by, takenAt: now, owner: { chatId, at: now }, unseen: null });
}

/** Whoever took it gives it back, within a minute: as if it had never been taken. */
export function giveBack(alarm: ModelAlarm, now: number): void {
  if (alarm.takenBy === null || now - alarm.takenAt >= GIVE_BACK_MS) return;
  const isUnseen = !alarm.isActive && alarm.shelf === null && alarm.peak !== "info";
  const unseen = isUnseen ? { since: now, isReminded: false } : null;
  Object.assign(alarm, { takenBy: null, owner: null, unseen });
}

/** Somebody puts it aside. */
export function shelve(alarm: ModelAlarm, untilAt: number | null): void {
  if (alarm.isActive) alarm.shelf = { untilAt, severity: alarm.severity };
}

/** Somebody takes it back. */
export function unshelve(alarm: ModelAlarm, now: number): void {
  if (alarm.shelf === null) return;
  Object.assign(alarm, { shelf: null, waitsSince: now, isUnheard: false });
}

/** Whether its newest ring makes no sense any more, or is only for the next chat: that it is so, or goes on, is all that is to be told. */
export const isMoot = ({ isActive, takenBy, shelf, rings }: ModelAlarm): boolean =>
  !isActive || takenBy !== null || shelf !== null || rings.at(-1)?.reason === "passedOn";

/** Somebody heard its newest ring: what comes next counts from then. */
export function hear(alarm: ModelAlarm, now: number): void {
  if (!alarm.isUnheard) return;
  Object.assign(alarm, { isUnheard: false, waitsSince: Math.max(alarm.waitsSince, now) });
  if (alarm.unseen) alarm.unseen = { ...alarm.unseen, since: Math.max(alarm.unseen.since, now) };
}

/** Time has passed. */
export function elapse(alarm: ModelAlarm, now: number): void {
  const { shelf, owner, waitsSince, step, severity, isActive } = alarm;
  const isOver = (since: number, afterMs = Number.POSITIVE_INFINITY): boolean => now - since >= afterMs;
  if (shelf !== null) {
    if (shelf.untilAt === null || shelf.untilAt > now) return;
    if (!isActive) return void (alarm.shelf = null);
    Object.assign(alarm, { shelf: null, takenBy: null, owner: null, waitsSince: now, step: 0 });
    ring(alarm, "unshelved");
  } else if (!isActive) {
    const { unseen, peak } = alarm;
    if (unseen === null || unseen.isReminded || alarm.isUnheard || !isOver(unseen.since, UNSEEN_MS[peak])) return;
    alarm.unseen = { ...unseen, isReminded: true };
    ring(alarm, "wentUnseen", null, peak);
  } else if (owner !== null) {
    if (!isOver(owner.at, OWNER_MS[severity])) return;
    alarm.owner = { ...owner, at: now };
    // Whoever took it where it does not go any more cannot be reminded there: then all are.
    ring(alarm, "owner", owner.chatId === NEXT_CHAT && !alarm.isPassedOn ? null : owner.chatId);
  } else {
    const next = STEPS[severity]?.[step];
    if (next === undefined || alarm.isUnheard || !isOver(waitsSince, next.afterMs)) return;
    Object.assign(alarm, { waitsSince: now, step: step + 1, isPassedOn: alarm.isPassedOn || next.chatId !== null });
    ring(alarm, next.reason, next.chatId);
  }
}

/** All are told, the next chat as well if it was told before; or only one chat. */
function ring(alarm: ModelAlarm, reason: RingReason, only: number | null = null, severity = alarm.severity): void {
  const { occurrence, rings } = alarm;
  if (reason !== "owner") alarm.isUnheard = true;
  rings.push({ reason, occurrence, severity, chatId: only });
  if (only === null && alarm.isPassedOn) rings.push({ reason, occurrence, severity, chatId: NEXT_CHAT });
}

/** The alarm in the words in which the room tells it. */
export const wordsOfModel = (alarm: ModelAlarm): string =>
  [
    `${alarm.occurrence}. time`,
    `${alarm.isActive ? "active" : "cleared"} ${alarm.severity} (at worst ${alarm.peak}) ${alarm.count}×`,
    `taken by ${alarm.takenBy ?? "nobody"}`,
    alarm.unseen === null ? "" : "unseen",
    alarm.isLatched ? "latched" : "",
    alarm.shelf === null ? "told" : `shelved until ${alarm.shelf.untilAt ?? "it clears"}`,
    `note ${alarm.note ?? "none"}`,
  ].join(", ");
