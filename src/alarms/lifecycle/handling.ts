import { acknowledgerName } from "../payloads/decode-twincat.ts";
import { end, isUnseen } from "./ending.ts";
import { newest } from "./occurrence.ts";
import { isForAdmins } from "../payloads/own.ts";
import { isWorse, resetHandling, worse } from "./rise.ts";
import { hasSeen, jointNames } from "./two-people.ts";
import type { AlarmEvent } from "../event.ts";
import { rankOf, type Alarm, type Person } from "../types.ts";

/** What people do to an alarm. What changes nothing returns the alarm itself. */

/** Somebody who does something to an alarm, and the chat where; `null`: at the plant. */
export interface Actor extends Person {
  readonly chatId: number | null;
  /** The number of the update by which they ask for it. */
  readonly update?: number;
}

/** As far as somebody saw an alarm: this occurrence, and no worse than this rank. */
export interface Seen {
  readonly occurrence: number;
  readonly rank: number;
}

/** Whether an alarm is still what somebody saw. */
export const isAsSeen = (alarm: Alarm, seen: Seen): boolean =>
  alarm.occurrence === seen.occurrence && rankOf(alarm.severity) <= seen.rank;

/** So long an acknowledgement can be taken back. */
const TAKE_BACK_MS = 60_000;

/**
 * The alarm after somebody acknowledged it. A second time changes nothing: who was first stays. Where two people have to, the first is
 * noted, and it goes on asking until another one does.
 * @param at epoch ms
 */
export function acknowledge(alarm: Alarm, by: Actor, at: number, acknowledgers = 1): Alarm {
  const isForTwo = acknowledgers > 1;
  if (alarm.acknowledgedAt !== null || (isForTwo && hasSeen(alarm, by))) return alarm;
  const seenBy = isForTwo ? [...alarm.handling.seenBy, { userId: by.userId, name: by.name, at }] : [];
  if (isForTwo && seenBy.length < acknowledgers)
    return { ...alarm, handling: { ...alarm.handling, seenBy }, version: alarm.version + 1 };
  const owner = by.chatId === null ? null : { userId: by.userId, chatId: by.chatId, remindedAt: null };
  return {
    ...alarm,
    acknowledgedBy: isForTwo ? jointNames(seenBy) : by.name,
    acknowledgedAt: at,
    handling: {
      ...alarm.handling,
      owner,
      seenBy,
      acknowledgedAs: alarm.severity,
      returned: null,
    },
    version: alarm.version + 1,
  };
}

/** Whether an acknowledgement can be taken back: for a while, and not what somebody did at the plant. */
export const canTakeBack = ({ acknowledgedAt, handling }: Alarm, at: number): boolean =>
  acknowledgedAt !== null && handling.owner !== null && at - acknowledgedAt < TAKE_BACK_MS;

/** The alarm after somebody took back an acknowledgement, as it was before: what was to be done without it goes on. */
export function takeBack(alarm: Alarm, at: number): Alarm {
  const { handling, state } = alarm;
  if (!canTakeBack(alarm, at)) return alarm;
  const unseen = { ...alarm, acknowledgedBy: null, acknowledgedAt: null };
  const isReturned = state === "cleared" && handling.closing === null && handling.shelf === null && isUnseen(unseen);
  return {
    ...unseen,
    handling: {
      ...handling,
      owner: null,
      // Whoever was first has seen it all the same.
      seenBy: handling.seenBy.slice(0, -1),
      takenBack: {
        userId: handling.owner?.userId ?? 0,
        by: handling.seenBy.at(-1)?.name ?? alarm.acknowledgedBy ?? "",
      },
      acknowledgedAs: null,
      returned: isReturned ? { at, isReminded: false } : null,
    },
    version: alarm.version + 1,
  };
}

/**
 * The alarm after an event that says whether somebody at the plant acknowledged its message: that counts for the newest
 * message, and for no worse than it says.
 */
export function acknowledgeAtPlant(alarm: Alarm, event: AlarmEvent, acknowledgers = 1): Alarm {
  const by = event.slot?.acknowledgedBy ?? null;
  if (by === null || event.topic !== alarm.topic || isWorse(alarm.peakSeverity, event.severity)) return alarm;
  // Our own mark, which comes back after it was taken back, or stands in the slot still.
  const { takenBack } = alarm.handling;
  if (takenBack !== null && by.name === acknowledgerName(takenBack.by)) return alarm;
  return acknowledge(alarm, { ...by, chatId: null }, event.receivedAt, acknowledgers);
}

/**
 * The alarm after somebody shelved it. Only an active alarm can be shelved, and none that is for admins alone. Shelving it again sets a
 * new end.
 * @param until.untilAt epoch ms; `null`: until it clears
 */
export function shelve(
  alarm: Alarm,
  by: Person,
  at: number,
  until: { readonly untilAt: number | null; readonly reason: string | null },
): Alarm {
  if (alarm.state !== "active" || isForAdmins(alarm) || (until.untilAt !== null && until.untilAt <= at)) return alarm;
  // By the plant's word it has cleared.
  if (until.untilAt === null && isLatched(alarm)) return alarm;
  const shelf = { by: by.name, userId: by.userId, at, severity: alarm.severity, ...until, isAnnounced: false };
  return { ...alarm, handling: { ...alarm.handling, shelf }, version: alarm.version + 1 };
}

/** The alarm after somebody unshelved it. Its escalation starts again. */
export function unshelve(alarm: Alarm, at: number): Alarm {
  if (alarm.handling.shelf === null) return alarm;
  // Whoever did it knows of it.
  const known = { toldAt: alarm.toldAt ?? at, heardAt: at, owedRing: null };
  return {
    ...alarm,
    ...known,
    handling: { ...alarm.handling, shelf: null, steppedAt: at },
    version: alarm.version + 1,
  };
}

/** Whether a person may close an alarm: not where the plant itself says when it is over, and not information, which ends by itself. */
export const isClosable = ({ state, isClearedByPlant, peakSeverity }: Alarm): boolean =>
  state === "active" && !isClearedByPlant && peakSeverity !== "info";

/** Whether an alarm is over by the plant's word, and held until somebody resets it. */
export const isLatched = ({ state, handling }: Alarm): boolean => state === "active" && handling.latchedAt !== null;

/** The alarm after somebody reset it. Whoever resets an alarm has seen it; where two have to, it ends with the second. */
export function reset(alarm: Alarm, by: Actor, at: number, acknowledgers = 1): Alarm {
  const { latchedAt } = alarm.handling;
  if (latchedAt === null || !isLatched(alarm)) return alarm;
  const seen = acknowledge(alarm, by, at, acknowledgers);
  if (seen.acknowledgedAt === null) return seen;
  const ended = end(seen, latchedAt);
  return { ...ended, handling: { ...ended.handling, shelf: null } };
}

/** The alarm after somebody said that it is over. The plant's next message raises it again. */
export function close(alarm: Alarm, by: Person, at: number, reason: string | null): Alarm {
  if (!isClosable(alarm)) return alarm;
  const { chatter } = alarm.handling;
  const ended = end(alarm, at);
  return {
    ...ended,
    handling: {
      ...ended.handling,
      closing: { by: by.name, userId: by.userId, at, reason },
      shelf: null,
      // Nothing holds it open any more.
      chatter: chatter && { ...chatter, endedAt: chatter.endedAt ?? at },
    },
  };
}

/** Whether a closed alarm can be reopened: not once the plant, too, has said that it is over. */
export const isReopenable = ({ state, isClearedByPlant, handling }: Alarm): boolean =>
  state === "cleared" && handling.closing !== null && !isClearedByPlant;

/** The alarm as the plant has told it since it was closed, also where its rule holds that back: what a person says is there has come. */
function asTold(alarm: Alarm): Alarm {
  const { heldBack } = alarm.handling;
  if (heldBack === null) return alarm;
  const known = newest(alarm, heldBack.event);
  return {
    ...known,
    peakSeverity: worse(heldBack.peakSeverity, alarm.peakSeverity),
    isClearedByPlant: true,
    count: alarm.count + heldBack.count,
    handling: { ...known.handling, heldBack: null },
  };
}

/** The alarm after somebody reopened it. It counts as unacknowledged, so that nobody forgets it. */
export function reopen(alarm: Alarm, by: Person, at: number): Alarm {
  if (!isReopenable(alarm)) return alarm;
  const again = resetHandling(asTold(alarm), at);
  const reopening = { by: by.name, userId: by.userId, at };
  return {
    ...again,
    toldAt: at,
    heardAt: at,
    owedRing: null,
    state: "active",
    clearedAt: null,
    handling: { ...again.handling, closing: null, reopening },
    version: alarm.version + 1,
  };
}
