import { dayOf, readingAt } from "../lib/time/wall-clock.ts";
import type { Occasion } from "./course.ts";
import { CHATTER_COUNT, CHATTER_MS, DAY_MS, FLEETING_MS, STALE_MS } from "./limits.ts";
import type { KnownAlarm, Nuisance, Quality, MeasuredSpan, StaleAlarm } from "./types.ts";

/** How an alarm behaved. */
export interface Habit {
  count: number;
  /** The newest times that it came, as many as make chatter. */
  readonly starts: number[];
  chatterUntil: number;
  /** Times of chatter, each however long it lasted. */
  chatter: number;
  /** Times that it was critical at its worst. */
  critical: number;
  fleeting: number;
  stale: number;
  rung: number;
  unacknowledged: number;
}

/** The same, and whose it is. */
type HabitOf = Habit & Pick<KnownAlarm, "id" | "name">;

/** Alarms that come when none should, or stay. */
export class Nuisances {
  readonly #span: MeasuredSpan;
  readonly #zone: string;
  readonly #habits = new Map<number, HabitOf>();
  readonly #stale: StaleAlarm[] = [];
  readonly #staleByDay = new Map<number, Set<number>>();

  constructor(span: MeasuredSpan, zone: string) {
    this.#span = span;
    this.#zone = zone;
  }

  came({ alarm, from }: Occasion): void {
    const habit = this.#habitOf(alarm);
    habit.count += 1;
    habit.starts.push(from);
    if (habit.starts.length > CHATTER_COUNT) habit.starts.shift();
    const [first = from] = habit.starts;
    if (habit.starts.length < CHATTER_COUNT || from - first > CHATTER_MS) return;
    if (from > habit.chatterUntil) habit.chatter += 1;
    habit.chatterUntil = from + CHATTER_MS;
  }

  settled(occasion: Occasion, before: number | null, next: number | null): void {
    const { alarm, from, to, isFormer, peak, rungAt, acknowledgedAt } = occasion;
    const habit = this.#habitOf(alarm);
    if (peak === "critical") habit.critical += 1;
    const isAlone = (before === null || from - before > CHATTER_MS) && (next === null || next - from > CHATTER_MS);
    if (!isFormer && to !== null && to - from <= FLEETING_MS && isAlone) habit.fleeting += 1;
    if (!isFormer && rungAt !== null) habit.rung += 1;
    if (!isFormer && rungAt !== null && acknowledgedAt === null) habit.unacknowledged += 1;
    const untilAt = Math.min(to ?? this.#span.endAt, this.#span.endAt);
    const staleAt = Math.max(from + STALE_MS, this.#span.startAt);
    if (staleAt >= untilAt) return;
    habit.stale += 1;
    this.#stale.push({ name: alarm.name, startAt: from, endAt: untilAt });
    const last = dayOf(readingAt(untilAt - 1, this.#zone));
    for (let day = dayOf(readingAt(staleAt, this.#zone)); day <= last; day += DAY_MS) {
      const ids = this.#staleByDay.get(day) ?? new Set();
      this.#staleByDay.set(day, ids.add(alarm.id));
    }
  }

  /** Those that came, the most frequent first. */
  habits(): readonly HabitOf[] {
    return [...this.#habits.values()].filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  }

  found(): Pick<Quality, "chattering" | "fleeting" | "stale" | "staleAtMost"> {
    return {
      chattering: this.#mostOf("chatter"),
      fleeting: this.#mostOf("fleeting"),
      stale: this.#stale.toSorted((a, b) => b.endAt - b.startAt - (a.endAt - a.startAt)),
      staleAtMost: Math.max(0, ...[...this.#staleByDay.values()].map((ids) => ids.size)),
    };
  }

  #mostOf(what: "chatter" | "fleeting"): readonly Nuisance[] {
    return [...this.#habits.values()]
      .map((habit) => ({ name: habit.name, count: habit[what] }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
  }

  #habitOf({ id, name }: Occasion["alarm"]): Habit {
    const known = this.#habits.get(id);
    if (known) return known;
    const habit = {
      id,
      name,
      count: 0,
      starts: [],
      chatterUntil: Number.NEGATIVE_INFINITY,
      chatter: 0,
      critical: 0,
      fleeting: 0,
      stale: 0,
      rung: 0,
      unacknowledged: 0,
    };
    this.#habits.set(id, habit);
    return habit;
  }
}
