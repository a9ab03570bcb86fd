import { NEXT_CHAT } from "./model-room.ts";
import type { Severity } from "../../src/alarms/types.ts";
import {
  STEPS,
  OWNER_MS,
  UNSEEN_MS,
  GIVE_BACK_MS,
  LATCHED,
  LOST_MS,
  RETURN_MS,
  isWorseThan,
  isToldLately,
  timesWith,
  begin,
  ring,
  type ModelAlarm,
  type ModelLag,
  type ModelRules,
} from "./model-alarm.ts";

/** Nobody has it in hand any more. */
const UNTAKEN = { takenBy: null, seenBy: [], takenAs: null, owner: null };

/** The plant says that it is active. */
export function raise(before: ModelAlarm | undefined, severity: Severity, now: number, rules: ModelRules): ModelAlarm {
  if (!before) return begin(null, severity, now, rules);
  if (!before.isActive || before.isLatched || isLost(before, now)) return begin(before, severity, now, rules);
  Object.assign(before, { count: before.count + 1, lastAt: now, newestAt: now, isStateTold: true, late: null });
  return become(before, severity, now, rules);
}

/** It is as bad as this now: a rise is heard, but for one that is no worse than what was put aside, or one of many. */
function become(alarm: ModelAlarm, severity: Severity, now: number, { repeating }: ModelRules): ModelAlarm {
  const { severity: former, peak, shelf, takenAs } = alarm;
  const isRise = isWorseThan(severity, former) && (shelf === null || isWorseThan(severity, shelf.severity));
  const isNews = severity === "critical" || shelf !== null || (takenAs !== null && isWorseThan(severity, takenAs));
  const isHeard = isRise && (isNews || !isToldLately(alarm, severity, now, repeating));
  if (isRise && !isWorseThan(severity, peak)) alarm.times = timesWith(alarm, now, repeating);
  if (isRise) alarm.isHeard = isHeard;
  Object.assign(alarm, { severity, peak: isWorseThan(severity, peak) ? severity : peak });
  if (isHeard) {
    Object.assign(alarm, UNTAKEN, { shelf: null, waitsSince: now, step: 0 });
    alarm.told = { at: now, severity };
    ring(alarm, "escalated");
  }
  return alarm;
}

/** Whether it was away for so long that it counts as new: where the plant tells its end, only a day says that this was lost. */
const isLost = ({ shelf, lastAt, isStateTold }: ModelAlarm, now: number): boolean =>
  shelf === null && now - lastAt > (isStateTold ? LOST_MS : RETURN_MS);

/** The plant says something of its state that nobody knows. */
export function mention(
  before: ModelAlarm | undefined,
  severity: Severity,
  now: number,
  rules: ModelRules,
): ModelAlarm {
  if (!before?.isActive) return Object.assign(raise(before, severity, now, rules), { isStateTold: false });
  Object.assign(before, { lastAt: now, newestAt: now, late: null });
  return become(before, isWorseThan(before.severity, severity) ? before.severity : severity, now, rules);
}

/** The plant says that something happened. */
export function inform(before: ModelAlarm | undefined, now: number, rules: ModelRules): ModelAlarm {
  const isRepeat = before?.isActive ? !isLost(before, now) : before?.isIncident && now - before.lastAt <= RETURN_MS;
  if (!before || !isRepeat) {
    const alarm = begin(before ?? null, "info", now, rules);
    return Object.assign(alarm, { isActive: false, isIncident: true, isStateTold: false });
  }
  return Object.assign(before, { severity: "info", count: before.count + 1, lastAt: now, newestAt: now, late: null });
}

/** The plant says that it is over. */
export function clear(alarm: ModelAlarm, now: number, hasLatch: boolean): void {
  Object.assign(alarm, { lastAt: now, newestAt: now, late: null });
  end(alarm, now, now, hasLatch);
}

function end(alarm: ModelAlarm, at: number, now: number, hasLatch: boolean): void {
  if (!alarm.isActive || alarm.isLatched) return;
  Object.assign(alarm, { clearedAt: at, isStateTold: true });
  if (!hasLatch || alarm.peak !== LATCHED) return goAway(alarm, now);
  alarm.isLatched = true;
  if (alarm.shelf?.untilAt === null) Object.assign(alarm, { shelf: null, waitsSince: now });
}

/** The plant says that it is active, and at once that it is over: what got worse in between is heard only if it was critical. */
export function flash(before: ModelAlarm | undefined, severity: Severity, now: number, rules: ModelRules): ModelAlarm {
  const former = before?.rings.length ?? 0;
  const alarm = raise(before, severity, now, rules);
  clear(alarm, now, rules.hasLatch);
  const isHeard = alarm.isActive || (severity === "critical" && alarm.unseen !== null);
  if (!isHeard && alarm.rings[former]?.reason === "escalated") mootFrom(alarm, former);
  return alarm;
}

function mootFrom({ rings }: ModelAlarm, first: number): void {
  rings.splice(first, rings.length, ...rings.slice(first).map((one) => ({ ...one, isMoot: true })));
}

/** Whether something is as late as another thing was: a clock that was set back goes on as ours does. */
function isAsLate(first: ModelLag, { at, cameAt }: ModelLag): boolean {
  const passed = cameAt - first.cameAt;
  const leeway = Math.min(5_000, Math.max(2_500, passed / 4));
  return Math.abs(cameAt - at - (first.cameAt - first.at)) <= leeway;
}

/** What the plant says by a clock that is behind what it said before. */
interface Late extends ModelLag {
  readonly severity: Severity;
  readonly isClear: boolean;
}

/**
 * It comes late, or its clock was set back: then it counts.
 * @param believed how late the plant is, as far as it is known that its clock was set back
 * @returns how late it is from now on
 */
export function lateOrSetBack(
  alarm: ModelAlarm,
  said: Late,
  rules: ModelRules,
  believed: ModelLag | null,
): { readonly alarm: ModelAlarm; readonly believed: ModelLag | null } {
  const { at, cameAt, severity, isClear } = said;
  const { late } = alarm;
  const goesOn = late !== null && isAsLate(late, said);
  const isNewest = at >= alarm.newestAt;
  if (isNewest || (believed && isAsLate(believed, said)) || (goesOn && cameAt - late.cameAt >= 10_000)) {
    if (!isNewest && goesOn && late.isOver) end(alarm, late.at, cameAt, rules.hasLatch);
    const [before, after] = [alarm.clearedAt, isClear ? alarm : raise(alarm, severity, cameAt, rules)];
    if (isClear) clear(alarm, cameAt, rules.hasLatch);
    Object.assign(after, {
      newestAt: at,
      clearedAt: isClear && after.clearedAt !== before ? at : after.clearedAt,
      endedBefore: isNewest || after.endedBefore === null ? after.endedBefore : Math.min(after.endedBefore, at),
    });
    return { alarm: after, believed: isNewest ? believed : said };
  }
  const first = goesOn ? late : said;
  const isOver = isClear || (goesOn && late.isOver);
  const after = isClear ? alarm : lag(alarm, severity, at, cameAt, rules);
  after.late = { at: first.at, cameAt: first.cameAt, isOver };
  return { alarm: after, believed };
}

/** The plant's word that it was active comes after newer words: what it tells of is over, or goes on as those say. */
function lag(alarm: ModelAlarm, severity: Severity, at: number, now: number, rules: ModelRules): ModelAlarm {
  if (alarm.isActive) {
    if (alarm.endedBefore !== null && at <= alarm.endedBefore) return alarm;
    Object.assign(alarm, { count: alarm.count + 1, lastAt: now, isStateTold: true });
    if (!isWorseThan(severity, alarm.peak)) return alarm;
    // That it was so bad nobody has heard.
    const isNew = { ...UNTAKEN, shelf: null, waitsSince: now, step: 0 };
    Object.assign(alarm, { ...isNew, peak: severity, told: { at: now, severity }, isHeard: true });
    ring(alarm, "escalated", null, severity);
    return alarm;
  }
  if (alarm.clearedAt !== null && at <= alarm.clearedAt) return alarm;
  const again = begin(alarm, severity, now, rules);
  Object.assign(again, { newestAt: alarm.newestAt, clearedAt: alarm.newestAt });
  goAway(again, now);
  return again;
}

/** Somebody resets what the plant says is over, and has seen it so. */
export function reset(alarm: ModelAlarm, by: string, now: number, rules: ModelRules): void {
  if (!alarm.isLatched) return;
  take(alarm, by, 0, now, rules);
  if (alarm.takenBy === null) return;
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

/** Somebody says "I have seen it"; what was critical waits for a second one, where two have to. */
export function take(alarm: ModelAlarm, by: string, chatId: number, now: number, { needsTwo }: ModelRules): void {
  if (alarm.takenBy !== null) return;
  const isForTwo = needsTwo && alarm.peak === "critical";
  if (isForTwo && alarm.seenBy.includes(by)) return;
  alarm.seenBy = isForTwo ? [...alarm.seenBy, by] : [];
  if (isForTwo && alarm.seenBy.length < 2) return;
  Object.assign(alarm, {
    takenBy: isForTwo ? alarm.seenBy.join(" and ") : by,
    takenAt: now,
    takenAs: alarm.severity,
    owner: { chatId, at: now },
    unseen: null,
  });
}

/** Whoever took it gives it back, within a minute: as if it had never been taken. */
export function giveBack(alarm: ModelAlarm, now: number): void {
  if (alarm.takenBy === null || now - alarm.takenAt >= GIVE_BACK_MS) return;
  const isUnseen = !alarm.isActive && alarm.shelf === null && alarm.peak !== "info";
  const unseen = isUnseen ? { since: now, isReminded: false } : null;
  Object.assign(alarm, { takenBy: null, takenAs: null, owner: null, unseen, seenBy: alarm.seenBy.slice(0, -1) });
}

/** Somebody puts it aside. */
export function shelve(alarm: ModelAlarm, untilAt: number | null): void {
  if (alarm.isActive && (untilAt !== null || !alarm.isLatched)) alarm.shelf = { untilAt, severity: alarm.severity };
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
export function elapse(alarm: ModelAlarm, now: number, { repeating }: ModelRules): void {
  const { shelf, owner, waitsSince, step, severity, isActive } = alarm;
  const isOver = (since: number, afterMs = Number.POSITIVE_INFINITY): boolean => now - since >= afterMs;
  if (shelf !== null) {
    if (shelf.untilAt === null || shelf.untilAt > now) return;
    if (!isActive) return void (alarm.shelf = null);
    Object.assign(alarm, UNTAKEN, { shelf: null, waitsSince: now, step: 0 });
    ring(alarm, "unshelved");
  } else if (!isActive) {
    const { unseen, peak } = alarm;
    if (unseen === null || unseen.isReminded || alarm.isUnheard || !isOver(unseen.since, UNSEEN_MS[peak])) return;
    // What repeats is not told more often for that.
    const isRepeating = repeating !== null && alarm.times.length > repeating.count;
    if (isRepeating && alarm.told !== null && !isOver(alarm.told.at, repeating.withinMs)) return;
    Object.assign(alarm, { unseen: { ...unseen, isReminded: true }, told: { at: now, severity: peak } });
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

/** The alarm in the words in which the room tells it. */
export const wordsOfModel = (alarm: ModelAlarm): string =>
  [
    `${alarm.occurrence}. time`,
    `${alarm.isActive ? "active" : "cleared"} ${alarm.severity} (at worst ${alarm.peak}) ${alarm.count}×`,
    `taken by ${alarm.takenBy ?? "nobody"}`,
    `seen by ${alarm.seenBy.join(", ")}`,
    alarm.unseen === null ? "" : "unseen",
    alarm.isLatched ? "latched" : "",
    alarm.shelf === null ? "told" : `shelved until ${alarm.shelf.untilAt ?? "it clears"}`,
    `note ${alarm.note ?? "none"}`,
  ].join(", ");
