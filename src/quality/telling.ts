import type { Occasion } from "./course.ts";
import { lengthsOf } from "./lengths.ts";
import { LATE_MS } from "./limits.ts";
import { Load } from "./load.ts";
import type { Deliveries, HistoryLine, KnownAlarm, Quality, MeasuredSpan } from "./types.ts";

/** What rang where, and how soon. */
export class Telling {
  readonly #zone: string;
  readonly #rung = new Map<number, Load>();
  readonly #received: number[] = [];
  readonly #unreached = new Map<number, number>();
  #drills = 0;
  #drilledAt = Number.NEGATIVE_INFINITY;

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** @param occasion the time that its alarm stands, or stood last; `null`: a board rang */
  ring({ at, chat, reason }: HistoryLine & { readonly kind: "ring" }, occasion: Occasion | null): void {
    const load = this.#rung.get(chat) ?? new Load(this.#zone);
    this.#rung.set(chat, load);
    load.add(at);
    if (occasion === null) return;
    occasion.rungAt ??= at;
    if (reason === "passedOn") occasion.isPassedOn = true;
    const isNews = reason === "first" || reason === "returned";
    if (isNews && !occasion.isFormer) this.#received.push(Math.max(0, at - occasion.from));
  }

  unreached(chat: number): void {
    this.#unreached.set(chat, (this.#unreached.get(chat) ?? 0) + 1);
  }

  /** A test alarm: of one drill there are as many as ways by which alarms come, all at once. */
  drilled(at: number): void {
    if (at - this.#drilledAt > LATE_MS) this.#drills += 1;
    this.#drilledAt = at;
  }

  found(span: MeasuredSpan, alarms: readonly KnownAlarm[]): Pick<Quality, "rung"> & { readonly delivery: Deliveries } {
    const rung = [...this.#rung].map(([chat, load]) => ({ chat, rate: load.rate(span) }));
    return {
      rung: rung.sort((a, b) => b.rate.total - a.rate.total),
      delivery: {
        told: this.#received.length,
        received: lengthsOf(this.#received),
        late: this.#received.filter((ms) => ms > LATE_MS).length,
        secondPath: alarms.filter((alarm) => alarm.hasTakenSecondPath).length,
        unreached: [...this.#unreached].map(([chat, count]) => ({ chat, count })),
        drills: this.#drills,
      },
    };
  }
}
