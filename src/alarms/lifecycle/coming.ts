import type { ToldEvent } from "../event.ts";
import type { Alarm } from "../types.ts";
import { beginChatter, recentStarts } from "./chatter.ts";
import type { AlarmRules } from "./escalation-plan.ts";
import { eventAt } from "./event-order.ts";
import { begin, messageOf } from "./occurrence.ts";
import { cameAgain, cameAside } from "./repeating.ts";
import { formerOf, isWorse } from "./rise.ts";

/** The alarm that comes once more. A shelf lasts its time: what comes and goes meanwhile, and is no worse, does not ring. */
export function comeAgain(before: Alarm, event: ToldEvent, rules: AlarmRules): Alarm {
  const { shelf } = before.handling;
  const { chatter, repeating } = rules;
  const isShelved = shelf !== null && !isWorse(event.severity, shelf.severity);
  const rise = { from: shelf?.severity ?? event.severity, to: event.severity, count: 1, former: formerOf(before) };
  const started = begin(event, recentStarts(before, event.receivedAt, chatter));
  const repeats = isShelved
    ? cameAside(before, event, repeating)
    : cameAgain(before, event, repeating, shelf !== null || wasEndedByHand(before, rules));
  const again: Alarm = {
    ...started,
    // Who has not heard of it yet will hear of this with it.
    owedRing: repeats.isQuiet ? before.owedRing : null,
    message: messageOf(before, event),
    id: before.id,
    key: before.key,
    occurrence: before.occurrence + 1,
    version: before.version + 1,
    handling: {
      ...started.handling,
      formerEndAt: before.clearedAt ?? before.handling.latchedAt,
      shelf: isShelved ? shelf : null,
      rise: shelf === null || isShelved ? null : rise,
      repeats,
      worth: before.handling.worth,
      untold: before.handling.untold,
    },
  };
  return again.state === "active" ? beginChatter(again, chatter) : again;
}

/** Whether somebody had closed it, or reset what latches: that it comes again is news. */
const wasEndedByHand = ({ state, peakSeverity, handling }: Alarm, { escalations }: AlarmRules): boolean =>
  handling.closing !== null || (state === "cleared" && escalations[peakSeverity].isLatched);

/** The alarm that was held back, and comes now: it began when the plant said so, and what follows counts from now. */
export function comeAfterHold(before: Alarm, now: number, rules: AlarmRules): Alarm {
  const { heldBack, setBack } = before.handling;
  if (heldBack === null) return before;
  const { event, startedAt, receivedAt, peakSeverity, count } = heldBack;
  const again = comeAgain(before, { ...event, severity: peakSeverity, receivedAt: now }, rules);
  const { formerEndAt } = again.handling;
  return {
    ...again,
    severity: event.severity,
    count,
    startedAt,
    lastAt: eventAt(event),
    lastReceivedAt: event.receivedAt,
    handling: {
      ...again.handling,
      // What never came before has no end either.
      formerEndAt: formerEndAt === null || formerEndAt >= startedAt ? null : formerEndAt,
      setBack: setBack !== null && setBack.receivedAt >= receivedAt ? setBack : null,
    },
  };
}
