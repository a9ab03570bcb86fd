import type { RingReason } from "../alarms/card.ts";
import type { Severity } from "../alarms/types.ts";

/** The stretch of time that is looked at: `startAt` belongs to it, `endAt` does not; epoch ms. */
export interface MeasuredSpan {
  readonly startAt: number;
  readonly endAt: number;
}

/** An alarm as it is known besides its events. */
export interface KnownAlarm {
  readonly id: number;
  /** What people call it: its machine and its words. */
  readonly name: string;
  /** The worst that it was lately. */
  readonly severity: Severity;
  /** A test of the way, and no alarm. */
  readonly isDrill: boolean;
  /** Since when it was active as the span began; `null`: it was not. */
  readonly activeSince: number | null;
  /** When it ended last, which need not be by an event; `null`: it is active now. */
  readonly endedAt: number | null;
  /** Whether it was told by the second path in the span, since no chat could be told. */
  readonly hasTakenSecondPath: boolean;
}

/** What an event says of its alarm's state. */
export type EventState = "active" | "cleared" | "unclear" | null;

/** What happened besides events, in the order of time. */
export type HistoryLine =
  /** A message that rang; `alarm` is `null` for a board, which stands for many. */
  | {
      readonly kind: "ring";
      readonly at: number;
      readonly alarm: number | null;
      readonly chat: number;
      readonly reason: RingReason | null;
    }
  /** A chat could not be called. */
  | { readonly kind: "unreached"; readonly at: number; readonly chat: number }
  | {
      readonly kind: "act";
      readonly at: number;
      readonly alarm: number;
      readonly action: string;
      readonly by: string;
      readonly words: string | null;
      /** Until when somebody put it aside; `UNTIL_CLEARED`, or `null`: not that, or nobody noted it. */
      readonly untilAt: number | null;
    };

/** How often something came. */
export interface Rate {
  readonly total: number;
  readonly perDay: number;
  readonly perHour: number;
  readonly perTenMinutes: number;
  readonly peakDay: number;
  readonly peakHour: number;
  /** In any ten minutes, wherever they begin. */
  readonly peakTenMinutes: number;
}

/** A time in which more came than anybody can read. */
export interface AlarmFlood extends MeasuredSpan {
  readonly size: number;
  /** The alarm that came first in it. */
  readonly firstOut: string;
}

/** One of the alarms that came most often, and what could be done about it. */
interface FrequentAlarm {
  readonly id: number;
  readonly name: string;
  readonly count: number;
  /** Of all that came; 0 to 1. */
  readonly share: number;
  readonly proposal: string;
}

/** An alarm that does something that none should do, and how often. */
export interface Nuisance {
  readonly name: string;
  readonly count: number;
}

/** An alarm that stood for more than a day. */
export interface StaleAlarm extends MeasuredSpan {
  readonly name: string;
}

/** An alarm that somebody put aside. */
export interface ShelvedAlarm {
  readonly name: string;
  readonly by: string;
  readonly at: number;
  /** When its time ran out or runs out, somebody took it back, or it was over; `null`: nobody knows yet. */
  readonly untilAt: number | null;
  readonly isTakenBack: boolean;
  readonly why: string | null;
}

/** The middle of some lengths of time, and what all but a few are within; ms, `null`: there were none. */
export interface Lengths {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** How people answered alarms of one severity in one shift. */
export interface AnswerTimes {
  readonly severity: Severity;
  /** When the shift begins, in minutes after midnight. */
  readonly shiftStart: number;
  /** Alarms that rang, and those of them that nobody acknowledged. */
  readonly rung: number;
  readonly unacknowledged: number;
  readonly toAcknowledge: Lengths;
  /** From then until it was over. */
  readonly toClear: Lengths;
}

/** How what came was told. */
export interface Deliveries {
  readonly told: number;
  readonly received: Lengths;
  readonly late: number;
  readonly secondPath: number;
  readonly unreached: readonly { readonly chat: number; readonly count: number }[];
  readonly drills: number;
}

/** What a span says of the alarms themselves: whether they are worth ringing for. */
export interface Quality extends MeasuredSpan {
  readonly timeZone: string;
  /** What came, for all. */
  readonly load: Rate;
  /** What rang, by chat, the busiest first: whoever reads a chat hears so much. */
  readonly rung: readonly { readonly chat: number; readonly rate: Rate }[];
  /** What came in each hour of each day, by the clocks of the zone: 24 numbers a day. */
  readonly days: readonly { readonly day: string; readonly hours: readonly number[] }[];
  readonly floods: readonly AlarmFlood[];
  /** Of the time; 0 to 1. */
  readonly floodShare: number;
  readonly worst: readonly FrequentAlarm[];
  readonly worstShare: number;
  readonly chattering: readonly Nuisance[];
  readonly fleeting: readonly Nuisance[];
  readonly stale: readonly StaleAlarm[];
  /** On the day with the most of them. */
  readonly staleAtMost: number;
  /** How many came, by the worst that each was. */
  readonly priorities: { readonly low: number; readonly medium: number; readonly high: number };
  readonly shelved: readonly ShelvedAlarm[];
  readonly response: readonly AnswerTimes[];
  readonly unacknowledged: number;
  /** Passed on, since nobody acknowledged them. */
  readonly escalated: number;
  readonly delivery: Deliveries;
  /** What those said who had acknowledged: whether something had to be done. */
  readonly worth: { readonly useful: number; readonly nothingToDo: number };
  /** In the busiest chat, for each time that an alarm came or got worse; `null`: none did. */
  readonly ringsPerChange: number | null;
}
