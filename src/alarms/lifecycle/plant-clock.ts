import { isHeldOpen } from "./chatter.ts";
import { eventAt } from "./event-order.ts";
import { isWorse, worse } from "./rise.ts";
import type { AlarmEvent } from "../event.ts";
import type { Lag, Lagging } from "../handling-parts.ts";
import type { Alarm } from "../types.ts";

/** What tells a plant's clock that was set back from what only comes late: such a clock goes on as fast as ours. */

/** So long it must have gone on. A backlog comes faster than it happened. */
const STEADY_MS = 10_000;
/** How far what comes over a network may be off, in any case and at most, for longer times in proportion. */
const LEAST_LEEWAY_MS = 2_500;
const MOST_LEEWAY_MS = 5_000;

/** Whether an event came as late as another one before it. */
function isAsLate(first: Lag, { at, receivedAt }: Lag): boolean {
  const passed = receivedAt - first.receivedAt;
  const leeway = Math.min(MOST_LEEWAY_MS, Math.max(LEAST_LEEWAY_MS, passed / 4));
  return passed >= 0 && Math.abs(at - first.at - passed) <= leeway;
}

const lagOf = (event: AlarmEvent): Lag => ({ at: eventAt(event), receivedAt: event.receivedAt });

/**
 * Whether an event that is older than what is known is so since its clock was set back.
 * @param believed how late the source of the event is, as another alarm of it has shown
 */
export function isSetBack({ handling }: Alarm, event: AlarmEvent, believed: Lag | null): boolean {
  if (believed !== null && isAsLate(believed, lagOf(event))) return true;
  const { lagging } = handling;
  return lagging !== null && event.receivedAt - lagging.receivedAt >= STEADY_MS && isAsLate(lagging, lagOf(event));
}

/** What is noted of what came late, one event more included. */
export function laggingWith({ state, severity, handling }: Alarm, event: AlarmEvent): Lagging {
  const { lagging, shelf } = handling;
  const isOne = lagging !== null && isAsLate(lagging, lagOf(event));
  const isOver = (isOne && lagging.isOver) || event.state === "cleared";
  const mayBeNew = state === "cleared" || handling.latchedAt !== null || isOver || isWorse(event.severity, severity);
  const isPutAside = shelf !== null && !isWorse(event.severity, shelf.severity);
  const known = lagging?.doubt ?? null;
  const doubt =
    event.state !== "cleared" && mayBeNew && !isPutAside ? worse(event.severity, known ?? event.severity) : known;
  return { ...(isOne ? { at: lagging.at, receivedAt: lagging.receivedAt } : lagOf(event)), isOver, doubt };
}

/** Whether the plant has said by the clock of an event, before that was believed, that an active alarm was over. */
export const wasOver = (alarm: Alarm, event: AlarmEvent): boolean =>
  alarm.state === "active" &&
  alarm.handling.latchedAt === null &&
  !isHeldOpen(alarm) &&
  alarm.handling.lagging?.isOver === true &&
  isAsLate(alarm.handling.lagging, lagOf(event));

/** The alarm of which something newer is known than what came late. */
export const undoubted = (alarm: Alarm): Alarm =>
  alarm.handling.lagging === null ? alarm : { ...alarm, handling: { ...alarm.handling, lagging: null } };

/** The alarm as an event left it whose clock is believed from now on. */
export function dated(alarm: Alarm, event: AlarmEvent): Alarm {
  const { formerEndAt } = alarm.handling;
  const setBack = lagOf(event);
  return {
    ...alarm,
    // What is held back has not begun.
    startedAt: alarm.handling.heldBack === null ? Math.min(alarm.startedAt, setBack.at) : alarm.startedAt,
    handling: { ...alarm.handling, setBack, formerEndAt: formerEndAt && Math.min(formerEndAt, setBack.at) },
  };
}
