import type { Destination, Severity } from "./types.ts";
/** What happens while nobody acknowledges an alarm, and while it stays active after somebody did. */
export interface Escalation {
  /** After so long without an acknowledgement its chats are reminded; `null`: never. */
  readonly remindAfterMs: number | null;
  /** Who is told then, one after the other. */
  readonly steps: readonly {
    /** Counted from the step before, the first from the reminder, or from the start if there is none. */
    readonly afterMs: number;
    readonly to: Destination;
  }[];
  /** Whoever acknowledged it is reminded after each such time in which it stayed active; `null`: never. */
  readonly ownerAfterMs: number | null;
}

/** One for each severity. */
export type Escalations = Readonly<Record<Severity, Escalation>>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NONE: Escalation = { remindAfterMs: null, steps: [], ownerAfterMs: null };

/** What holds where the plants file says nothing. */
export const DEFAULT_ESCALATIONS: Escalations = {
  info: NONE,
  warning: NONE,
  error: { remindAfterMs: 15 * MINUTE, steps: [], ownerAfterMs: 4 * HOUR },
  critical: { remindAfterMs: 5 * MINUTE, steps: [], ownerAfterMs: HOUR },
};
