import { type Notification, NEWS } from "../alarms/card.ts";
import { acknowledgersOf, type Route } from "../alarms/cards/route.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import { dueAt, elapse } from "../alarms/lifecycle/elapse.ts";
import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import * as handling from "../alarms/lifecycle/handling.ts";
import { advance } from "../alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../alarms/lifecycle/notification.ts";
import type { Alarm, Person } from "../alarms/types.ts";

/** What somebody did to an alarm. */
export interface PastAct {
  readonly at: number;
  readonly action: string;
  readonly by: Person;
  /** Until when it was put aside; `null`: until it cleared, or nobody noted it. */
  readonly untilAt: number | null;
}

/** A time in which people knew of an alarm: since it rang, until it was over. */
export interface KnownStretch {
  readonly toldAt: number;
  /** Infinity: it goes on. */
  endAt: number;
}

/** By what the past of an alarm is run through once more. */
export interface ReplayOptions {
  readonly rules: AlarmRules;
  /** Which may say how many people have to acknowledge it. */
  readonly routes: readonly Route[];
  /** Rings before that are not counted. */
  readonly startAt: number;
}

/**
 * Runs what happened to one alarm through the same functions that it went through, by whatever rules: what rings is what would ring. Each
 * ring counts as heard at once.
 */
export class AlarmReplay {
  readonly #options: ReplayOptions;
  #alarm: Alarm | null = null;
  #rings = 0;
  readonly #known: KnownStretch[] = [];

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  get rings(): number {
    return this.#rings;
  }

  /** In their order. */
  get known(): readonly KnownStretch[] {
    return this.#known;
  }

  event(event: AlarmEvent): void {
    const at = event.receivedAt;
    this.elapse(at);
    const moved = advance(this.#alarm, event, 1, this.#options.rules);
    const after = handling.acknowledgeAtPlant(moved, event, this.#acknowledgersOf(moved));
    this.#take(after, notificationOf(this.#alarm, after), at);
  }

  act({ at, action, by, untilAt }: PastAct): void {
    this.elapse(at);
    const before = this.#alarm;
    if (before === null) return;
    const actor = { ...by, chatId: by.userId === 0 ? null : by.userId };
    this.#alarm = acted(before, { action, at, untilAt, by: actor }, this.#acknowledgersOf(before));
    if (this.#alarm.state === "cleared") this.#end(at);
  }

  /** What time does until then. */
  elapse(until: number): void {
    const { rules } = this.#options;
    for (;;) {
      const due = this.#alarm && dueAt(this.#alarm, rules);
      if (this.#alarm === null || due === null || due > until) return;
      const elapsed = elapse(this.#alarm, due, rules);
      if (elapsed === null || elapsed.alarm === this.#alarm) return;
      this.#take(elapsed.alarm, elapsed.notification, due);
    }
  }

  #acknowledgersOf(alarm: Alarm): number {
    const { routes, rules } = this.#options;
    return acknowledgersOf(alarm, routes, rules.escalations);
  }

  #take(after: Alarm, { ring }: Notification, at: number): void {
    if (this.#alarm !== null && after.occurrence > this.#alarm.occurrence) this.#end(at);
    this.#alarm = after;
    if (ring !== null) {
      this.#alarm = { ...after, owedRing: null, heardAt: at, toldAt: after.toldAt ?? at };
      // Information comes without a sound.
      if (after.peakSeverity !== "info" && at >= this.#options.startAt) this.#rings += 1;
      const isKnown = this.#known.at(-1)?.endAt === Number.POSITIVE_INFINITY;
      if (NEWS.includes(ring) && !isKnown) this.#known.push({ toldAt: at, endAt: Number.POSITIVE_INFINITY });
    }
    if (after.state === "cleared") this.#end(at);
  }

  #end(at: number): void {
    const newest = this.#known.at(-1);
    if (newest?.endAt === Number.POSITIVE_INFINITY) newest.endAt = at;
  }
}

/** The alarm after somebody did something to it. */
function acted(
  alarm: Alarm,
  { action, at, untilAt, by }: PastAct & { readonly by: handling.Actor },
  acknowledgers: number,
): Alarm {
  switch (action) {
    case "acknowledge":
      return handling.acknowledge(alarm, by, at, acknowledgers);
    case "takeBack":
      return handling.takeBack(alarm, at);
    case "reset":
      return handling.reset(alarm, by, at, acknowledgers);
    case "shelve":
      return handling.shelve(alarm, by, at, { untilAt, reason: null });
    case "unshelve":
      return handling.unshelve(alarm, at);
    case "close":
      return handling.close(alarm, by, at, null);
    case "reopen":
      return handling.reopen(alarm, by, at);
    default:
      return alarm;
  }
}
