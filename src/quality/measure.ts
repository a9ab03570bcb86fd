import { Courses, type Occasion } from "./course.ts";
import { Floods } from "./floods.ts";
import { WORST } from "./limits.ts";
import { Load } from "./load.ts";
import { Nuisances } from "./nuisances.ts";
import { proposalFor } from "./proposal.ts";
import { Responses } from "./responses.ts";
import { Telling } from "./telling.ts";
import { Shelves } from "./shelves.ts";
import type { HistoryLine, KnownAlarm, Quality, MeasuredSpan, EventState } from "./types.ts";

/** What is measured, and by whose clocks and rules. */
export interface MeasureOptions extends MeasuredSpan {
  readonly timeZone: string;
  /** Ascending, in minutes after midnight; at least one. */
  readonly shiftStarts: readonly number[];
  /** An alarm of which the plant tells no end is a new one after so long a silence. */
  readonly returnAfterMs: number;
  readonly alarms: readonly KnownAlarm[];
}

/** Works out the quality of alarms in one pass over what happened, in the order in which it did. */
export class QualityMeasure {
  readonly #options: MeasureOptions;
  readonly #courses: Courses;
  readonly #drills: ReadonlySet<number>;
  readonly #load: Load;
  readonly #floods = new Floods();
  readonly #nuisances: Nuisances;
  readonly #responses: Responses;
  readonly #telling: Telling;
  readonly #shelves = new Shelves();
  readonly #priorities = { low: 0, medium: 0, high: 0 };
  readonly #worth = { useful: 0, nothingToDo: 0 };
  /** Times that an alarm came or got worse. */
  #changes = 0;

  constructor(options: MeasureOptions) {
    const { timeZone, shiftStarts, alarms } = options;
    this.#options = options;
    this.#load = new Load(timeZone);
    this.#nuisances = new Nuisances(options, timeZone);
    this.#responses = new Responses(shiftStarts, timeZone);
    this.#telling = new Telling(timeZone);
    this.#drills = new Set(alarms.filter(({ isDrill }) => isDrill).map(({ id }) => id));
    this.#courses = new Courses(
      alarms.filter(({ isDrill }) => !isDrill),
      options,
      {
        came: (occasion) => this.#came(occasion),
        rose: () => void (this.#changes += 1),
        settled: (occasion, before, next) => this.#settled(occasion, before, next),
      },
    );
  }

  /** @param rank of its severity: see `SEVERITIES` */
  event(alarm: number, at: number, rank: number, state: EventState): void {
    if (this.#courses.event(alarm, at, rank, state)) return;
    if (state !== "cleared" && this.#drills.has(alarm)) this.#telling.drilled(at);
  }

  line(line: HistoryLine): void {
    if (line.kind === "unreached") this.#telling.unreached(line.chat);
    else if (line.kind === "act") this.#act(line);
    else if (line.alarm === null) this.#telling.ring(line, null);
    else {
      // Information comes without a sound, and is no alarm here.
      const occasion = this.#courses.newest(line.alarm);
      if (occasion) this.#telling.ring(line, occasion);
      // Its time ran out, or it got worse than what was put aside.
      if (line.reason === "unshelved" || line.reason === "escalated") this.#shelves.end(line.alarm, line.at);
    }
  }

  finish(): Quality {
    const { startAt, endAt, timeZone, alarms } = this.#options;
    const span = { startAt, endAt };
    this.#courses.finish(span);
    const load = this.#load.rate(span);
    const { rung, delivery } = this.#telling.found(span, alarms);
    const floods = this.#floods.finish(span);
    const worst = this.#nuisances.habits().slice(0, WORST);
    const shareOf = (count: number): number => (load.total === 0 ? 0 : count / load.total);
    const busiest = rung[0]?.rate.total ?? 0;
    return {
      ...span,
      timeZone,
      load,
      rung,
      days: this.#load.days(span),
      floods,
      floodShare: floods.reduce((sum, flood) => sum + flood.endAt - flood.startAt, 0) / (endAt - startAt),
      worst: worst.map((habit) => ({
        id: habit.id,
        name: habit.name,
        count: habit.count,
        share: shareOf(habit.count),
        proposal: proposalFor(habit),
      })),
      worstShare: shareOf(worst.reduce((sum, { count }) => sum + count, 0)),
      ...this.#nuisances.found(),
      priorities: this.#priorities,
      shelved: this.#shelves.finish(),
      ...this.#responses.found(),
      delivery,
      worth: this.#worth,
      ringsPerChange: this.#changes === 0 ? null : busiest / this.#changes,
    };
  }

  #came(occasion: Occasion): void {
    this.#changes += 1;
    this.#load.add(occasion.from);
    this.#floods.add(occasion.from, occasion.alarm.name);
    this.#nuisances.came(occasion);
  }

  #settled(occasion: Occasion, before: number | null, next: number | null): void {
    this.#nuisances.settled(occasion, before, next);
    this.#responses.settled(occasion);
    if (occasion.to !== null) this.#shelves.cleared(occasion.alarm.id, occasion.to);
    if (occasion.isFormer) return;
    const { peak } = occasion;
    this.#priorities[peak === "critical" ? "high" : peak === "error" ? "medium" : "low"] += 1;
  }

  #act({ alarm, at, action, by, words, untilAt }: HistoryLine & { readonly kind: "act" }): void {
    const name = this.#courses.nameOf(alarm);
    if (name === null) return;
    const occasion = this.#courses.newest(alarm);
    if (action === "useful" || action === "nothingToDo") this.#worth[action] += 1;
    if (action === "acknowledge" && occasion) occasion.acknowledgedAt ??= at;
    if (action === "takeBack" && occasion) occasion.acknowledgedAt = null;
    if (action === "close" || action === "reset") {
      this.#courses.end(alarm, at);
      this.#shelves.end(alarm, at);
    }
    if (action === "shelve") this.#shelves.begin(alarm, { name, by, at, why: words }, untilAt);
    if (action === "unshelve") this.#shelves.end(alarm, at, true);
  }
}
