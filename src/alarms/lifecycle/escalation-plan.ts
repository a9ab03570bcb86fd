import type { AlarmRule } from "./alarm-rule.ts";
import type { ChatterRule } from "./chatter.ts";
import type { RepeatRule } from "./repeating.ts";
import type { Destination, Severity } from "../types.ts";
/** What happens while nobody acknowledges an alarm, and while it stays active after somebody did. */
export interface Escalation<To = Destination> {
  /** After so long without an acknowledgement its chats are reminded; `null`: never. */
  readonly remindAfterMs: number | null;
  /** Who is told then, one after the other. */
  readonly steps: readonly {
    /** Counted from the step before, the first from the reminder, or from the start if there is none. */
    readonly afterMs: number;
    readonly to: To;
  }[];
  /** So long after it returned to normal without an acknowledgement its chats are reminded of that, once; `null`: never. */
  readonly returnedAfterMs: number | null;
  /** Whether it is held when the plant says that it is over, until somebody resets it. */
  readonly isLatched: boolean;
  /** How many people have to acknowledge it. */
  readonly acknowledgers: 1 | 2;
  /** Whoever acknowledged it is reminded after each such time in which it stayed active; `null`: never. */
  readonly ownerAfterMs: number | null;
}

/** One for each severity. */
export type Escalations<To = Destination> = Readonly<Record<Severity, Escalation<To>>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Nobody is reminded, and nobody else told. */
export const NO_ESCALATION: Escalation = {
  remindAfterMs: null,
  steps: [],
  ownerAfterMs: null,
  returnedAfterMs: null,
  isLatched: false,
  acknowledgers: 1,
};

/** All that decides what events and time do to an alarm. */
export interface AlarmRules {
  /** A warning that never says "cleared" counts as new when it was away for this long. */
  readonly returnAfterMs: number;
  readonly chatter: ChatterRule;
  readonly repeating: RepeatRule;
  readonly escalations: Escalations;
  /** What holds for single alarms: see `ruleOf`. */
  readonly single: readonly AlarmRule[];
  /** The one of the alarm in question, which `rulesFor` found; left out: it has none. */
  readonly own?: AlarmRule;
}

/** What holds where the plants file says nothing. */
export const DEFAULT_ESCALATIONS: Escalations = {
  info: NO_ESCALATION,
  warning: NO_ESCALATION,
  error: { ...NO_ESCALATION, remindAfterMs: 15 * MINUTE, ownerAfterMs: 4 * HOUR },
  critical: { ...NO_ESCALATION, remindAfterMs: 5 * MINUTE, ownerAfterMs: HOUR, returnedAfterMs: 5 * MINUTE },
};
