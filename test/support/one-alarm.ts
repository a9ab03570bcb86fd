import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import { dueAt, elapse } from "../../src/alarms/lifecycle/elapse.ts";
import type { AlarmRules } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { advance } from "../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../src/alarms/lifecycle/notification.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { eventOf, NOW } from "./alarms.ts";
import { RULES } from "./rules.ts";

/** A rule that takes every alarm, and changes nothing. */
export const NO_RULE: AlarmRule = {
  topics: [],
  sources: [],
  messages: [],
  delayMs: null,
  hysteresis: null,
  limit: null,
  chatter: null,
};

/** One alarm as events and time move it on, and what it rang for, or said with a sound. Times are in seconds from its beginning. */
export class OneAlarm {
  readonly rings: (readonly [seconds: number, reason: string])[] = [];
  readonly rules: AlarmRules;
  alarm: Alarm | null = null;
  #now = 0;

  constructor(rule: Partial<AlarmRule> | null, more: Partial<AlarmRules> = {}) {
    this.rules = { ...RULES, repeating: null, ...more, single: rule === null ? [] : [{ ...NO_RULE, ...rule }] };
  }

  /** Lets time pass, and do what it does. */
  pass(to: number): this {
    for (let alarm = this.alarm; alarm !== null; alarm = this.alarm) {
      const due = dueAt(alarm, this.rules);
      if (due === null || due > NOW + to * 1_000) break;
      const at = Math.max(due, NOW + this.#now * 1_000);
      const elapsed = elapse(alarm, at, this.rules);
      if (elapsed === null) break;
      this.#note(elapsed.alarm, (at - NOW) / 1_000, elapsed.notification.ring);
    }
    this.#now = Math.max(this.#now, to);
    return this;
  }

  /** What the plant says then, of a warning unless it says otherwise. */
  say(state: string | null, at: number, more: object = {}, how: Partial<AlarmEvent> = {}): this {
    const said = { id: "a", message: "Hot", severity: "warning", ...(state !== null && { state }), ...more };
    return this.take({ ...eventOf(said, { at: NOW + at * 1_000 }), ...how }, at);
  }

  take(event: AlarmEvent, at: number): this {
    this.pass(at);
    const after = advance(this.alarm, event, 7, this.rules);
    const { ring, followUp } = notificationOf(this.alarm, after);
    this.#note(after, at, followUp === "late" ? followUp : ring);
    return this;
  }

  /** How it is kept: what a crash leaves of it. */
  get kept(): Alarm {
    if (this.alarm === null) throw new Error("nothing was said");
    return this.alarm;
  }

  #note(after: Alarm, at: number, ring: string | null): void {
    // As a restart finds it.
    this.alarm = JSON.parse(JSON.stringify(after)) as Alarm;
    if (ring !== null) this.rings.push([at, ring]);
  }
}
