import { isDeepStrictEqual } from "node:util";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import type { Chatter, HeldBack } from "../handling-parts.ts";
import type { AlarmHandling, Alarm, Repeats } from "../types.ts";

/**
 * The alarm without instants in the future. What was noted before our clock was set back counts as so much earlier, and what was to last
 * for a time from it lasts as long. Written out in full, so that the compiler asks about each new member.
 * @returns the alarm itself if nothing lies ahead
 */
export function clampToNow(alarm: Alarm, now: number, { happened: present }: Pick<FormerClock, "happened">): Alarm {
  const presentOrNull = (at: number | null): number | null => at && present(at);
  const { owner, shelf, closing, reopening, chatter, repeats, late, lagging, setBack, returned, ...rest } =
    alarm.handling;
  const handling: AlarmHandling = {
    label: rest.label,
    trend: rest.trend,
    remark: rest.remark,
    isDated: rest.isDated,
    late: late && { ...late, receivedAt: present(late.receivedAt) },
    lagging: lagging && { ...lagging, receivedAt: present(lagging.receivedAt) },
    setBack: setBack && { ...setBack, receivedAt: present(setBack.receivedAt) },
    formerEndAt: presentOrNull(rest.formerEndAt),
    rise: rest.rise,
    acknowledgedAs: rest.acknowledgedAs,
    note: rest.note,
    worth: rest.worth && { ...rest.worth, askedAt: present(rest.worth.askedAt) },
    step: rest.step,
    steppedAt: present(rest.steppedAt),
    passedOn: rest.passedOn,
    takenBack: rest.takenBack,
    seenBy: rest.seenBy.map((one) => ({ ...one, at: present(one.at) })),
    returned: returned && { at: present(returned.at), isReminded: returned.isReminded },
    latchedAt: rest.latchedAt,
    starts: rest.starts.map(present),
    owner: owner && { userId: owner.userId, chatId: owner.chatId, remindedAt: presentOrNull(owner.remindedAt) },
    shelf: shelf && shelfClampedToNow(shelf, present),
    closing: closing && { by: closing.by, userId: closing.userId, reason: closing.reason, at: present(closing.at) },
    reopening: reopening && { by: reopening.by, userId: reopening.userId, at: present(reopening.at) },
    chatter: chatter && chatterClampedToNow(chatter, present),
    repeats: repeatsClampedToNow(repeats, present),
    ...heldClampedToNow(rest, now, present),
  };
  // These may be by the plant's clock, which may be ahead; if ours was when the newest came, they were noted by it, or with it.
  const wasAhead = alarm.lastReceivedAt > now;
  const after: Alarm = {
    ...alarm,
    handling,
    startedAt: wasAhead ? present(alarm.startedAt) : alarm.startedAt,
    lastAt: wasAhead ? present(alarm.lastAt) : alarm.lastAt,
    clearedAt: wasAhead ? presentOrNull(alarm.clearedAt) : alarm.clearedAt,
    lastReceivedAt: present(alarm.lastReceivedAt),
    acknowledgedAt: presentOrNull(alarm.acknowledgedAt),
    toldAt: presentOrNull(alarm.toldAt),
    heardAt: presentOrNull(alarm.heardAt),
    secondPathAt: presentOrNull(alarm.secondPathAt),
  };
  return isDeepStrictEqual(after, alarm) ? alarm : after;
}

function chatterClampedToNow(chatter: Chatter, present: FormerClock["happened"]): Chatter {
  return {
    count: chatter.count,
    since: present(chatter.since),
    lastAt: present(chatter.lastAt),
    clearedAt: chatter.clearedAt && present(chatter.clearedAt),
    endedAt: chatter.endedAt && present(chatter.endedAt),
    ...(chatter.isByRule && { isByRule: true }),
  };
}

const heldClampedToNow = (
  { heldBack, heldEnd, untold }: Pick<AlarmHandling, "heldBack" | "heldEnd" | "untold">,
  now: number,
  present: FormerClock["happened"],
): Pick<AlarmHandling, "heldBack" | "heldEnd" | "untold"> => ({
  heldBack: heldBack && heldBackClampedToNow(heldBack, now, present),
  heldEnd: heldEnd && { at: heldEnd.at, receivedAt: present(heldEnd.receivedAt) },
  untold: untold && { ...untold, since: present(untold.since), lastAt: present(untold.lastAt) },
});

/** Its times by the plant's clock may have been noted by ours, as those of the alarm. */
function heldBackClampedToNow(heldBack: HeldBack, now: number, present: FormerClock["happened"]): HeldBack {
  const { event, startedAt, receivedAt } = heldBack;
  const wasAhead = event.receivedAt > now;
  return {
    ...heldBack,
    event: { ...event, receivedAt: present(event.receivedAt) },
    startedAt: wasAhead ? present(startedAt) : startedAt,
    receivedAt: present(receivedAt),
  };
}

function repeatsClampedToNow({ times, told, quietUntil, isQuiet }: Repeats, present: FormerClock["happened"]): Repeats {
  return {
    times: times.map(present),
    told: told && { at: present(told.at), severity: told.severity },
    quietUntil: quietUntil && told && quietUntil - told.at + present(told.at),
    isQuiet,
  };
}

/** A shelf lasts as long as it was to. */
const shelfClampedToNow = (
  { at, untilAt, by, userId, severity, reason, isAnnounced }: NonNullable<AlarmHandling["shelf"]>,
  present: FormerClock["happened"],
): AlarmHandling["shelf"] => ({
  by,
  userId,
  severity,
  reason,
  isAnnounced,
  at: present(at),
  untilAt: untilAt && untilAt - at + present(at),
});
