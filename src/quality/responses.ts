import { readingAt, dayOf } from "../lib/time/wall-clock.ts";
import { SEVERITIES, type Severity } from "../alarms/types.ts";
import type { Occasion } from "./course.ts";
import { lengthsOf } from "./lengths.ts";
import type { Quality, AnswerTimes } from "./types.ts";

const MINUTE_MS = 60_000;

interface Group {
  readonly severity: Severity;
  readonly shiftStart: number;
  rung: number;
  readonly toAcknowledge: number[];
  readonly toClear: number[];
}

/** How people answered what rang. */
export class Responses {
  readonly #shiftStarts: readonly number[];
  readonly #zone: string;
  readonly #groups = new Map<string, Group>();
  #escalated = 0;

  /** @param shiftStarts ascending, in minutes after midnight; at least one */
  constructor(shiftStarts: readonly number[], zone: string) {
    this.#shiftStarts = shiftStarts;
    this.#zone = zone;
  }

  settled({ isFormer, peak, rungAt, acknowledgedAt, to, isPassedOn }: Occasion): void {
    if (isFormer || rungAt === null) return;
    const group = this.#groupOf(peak, this.#shiftAt(rungAt));
    group.rung += 1;
    if (isPassedOn) this.#escalated += 1;
    if (acknowledgedAt === null) return;
    group.toAcknowledge.push(Math.max(0, acknowledgedAt - rungAt));
    if (to !== null) group.toClear.push(Math.max(0, to - acknowledgedAt));
  }

  found(): Pick<Quality, "response" | "unacknowledged" | "escalated"> {
    const response = [...this.#groups.values()]
      .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.shiftStart - b.shiftStart)
      .map(({ severity, shiftStart, rung, toAcknowledge, toClear }): AnswerTimes => ({
        severity,
        shiftStart,
        rung,
        unacknowledged: rung - toAcknowledge.length,
        toAcknowledge: lengthsOf(toAcknowledge),
        toClear: lengthsOf(toClear),
      }));
    const unacknowledged = response.reduce((sum, one) => sum + one.unacknowledged, 0);
    return { response, unacknowledged, escalated: this.#escalated };
  }

  /** The shift that began last; before the first of a day it is the last of the day before. */
  #shiftAt(at: number): number {
    const reading = readingAt(at, this.#zone);
    const minute = (reading - dayOf(reading)) / MINUTE_MS;
    return this.#shiftStarts.findLast((start) => start <= minute) ?? this.#shiftStarts.at(-1) ?? 0;
  }

  #groupOf(severity: Severity, shiftStart: number): Group {
    const name = `${severity} ${shiftStart}`;
    const known = this.#groups.get(name);
    if (known) return known;
    const group = { severity, shiftStart, rung: 0, toAcknowledge: [], toClear: [] };
    this.#groups.set(name, group);
    return group;
  }
}
