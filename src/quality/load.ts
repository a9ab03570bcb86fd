import { dayOf, readingAt } from "../lib/time/wall-clock.ts";
import { DAY_MS, HOUR_MS, TEN_MINUTES_MS } from "./limits.ts";
import type { Quality, Rate, MeasuredSpan } from "./types.ts";
import { LatelyWindow } from "./window.ts";

/** No clock is put forward or back in the middle of these. */
const QUARTER_MS = HOUR_MS / 4;

/** Counts what came by the clocks of a zone; in order, as for `LatelyWindow`. */
export class Load {
  readonly #zone: string;
  readonly #hours = new Map<number, number>();
  readonly #window = new LatelyWindow(TEN_MINUTES_MS);
  #total = 0;
  #most = 0;
  #quarter = Number.NaN;
  #hour = 0;

  constructor(zone: string) {
    this.#zone = zone;
  }

  add(at: number): void {
    const quarter = Math.floor(at / QUARTER_MS);
    // Asking for a zone's offset takes longer than all the rest.
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#hour = Math.floor(readingAt(quarter * QUARTER_MS, this.#zone) / HOUR_MS);
    }
    this.#hours.set(this.#hour, (this.#hours.get(this.#hour) ?? 0) + 1);
    this.#window.add(at);
    this.#total += 1;
    this.#most = Math.max(this.#most, this.#window.size);
  }

  rate({ startAt, endAt }: MeasuredSpan): Rate {
    const per = (ms: number): number => (this.#total * ms) / (endAt - startAt);
    const byDay = new Map<number, number>();
    for (const [hour, count] of this.#hours) {
      const day = dayOf(hour * HOUR_MS);
      byDay.set(day, (byDay.get(day) ?? 0) + count);
    }
    return {
      total: this.#total,
      perDay: per(DAY_MS),
      perHour: per(HOUR_MS),
      perTenMinutes: per(TEN_MINUTES_MS),
      peakDay: Math.max(0, ...byDay.values()),
      peakHour: [...this.#hours.values()].reduce((most, count) => Math.max(most, count), 0),
      peakTenMinutes: this.#most,
    };
  }

  /** Each day that the span touches. */
  days({ startAt, endAt }: MeasuredSpan): Quality["days"] {
    const last = dayOf(readingAt(endAt - 1, this.#zone));
    const days: { day: string; hours: number[] }[] = [];
    for (let day = dayOf(readingAt(startAt, this.#zone)); day <= last; day += DAY_MS) {
      const hours = Array.from({ length: 24 }, (_, hour) => this.#hours.get(day / HOUR_MS + hour) ?? 0);
      days.push({ day: new Date(day).toISOString().slice(0, 10), hours });
    }
    return days;
  }
}
