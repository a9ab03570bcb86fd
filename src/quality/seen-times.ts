import type { AlarmEvent } from "../alarms/event.ts";
import { ruleOf } from "../alarms/lifecycle/alarm-rule.ts";
import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import { LOST_END_MS } from "../alarms/lifecycle/lifecycle.ts";
import { type Alarm, rankOf } from "../alarms/types.ts";
import type { betterLimit, StoodRange } from "./better-limit.ts";
import type { AlarmTraits } from "./candidates.ts";
import { Courses, type Occasion } from "./course.ts";
import { lengthsOf } from "./lengths.ts";
import type { PastAct } from "./replay.ts";
import { isTrueAlarm, testify, type Testimony } from "./true-alarm.ts";
import type { MeasuredSpan } from "./types.ts";

/** Which alarm is looked at, and when. */
interface SeenOptions extends MeasuredSpan {
  readonly alarm: Pick<Alarm, "topic" | "source" | "message">;
  readonly rules: Pick<AlarmRules, "returnAfterMs" | "single">;
}

/** So long before a span an alarm is followed, as it may stand when that begins. */
export const WARM_UP_MS = LOST_END_MS;
/** There is one alarm. */
const ID = 1;
const UNSAID: Testimony = { isSeen: false, worth: null };

/** One time that an alarm stood, as its events have it. */
export interface SeenTime {
  readonly occasion: Occasion;
  readonly isTrue: boolean;
  readonly from: number;
  readonly to: number;
}

/** What the past itself says, whatever the rules. */
export class SeenTimes {
  readonly #options: SeenOptions;
  readonly #courses: Courses;
  readonly #occasions: Occasion[] = [];
  readonly #testimonies = new Map<Occasion, Testimony>();
  readonly #ranges = new Map<Occasion, Omit<StoodRange, "isTrue">>();
  readonly #endValues: number[] = [];
  #limit: number | null = null;
  #tellsEnd = false;

  constructor(options: SeenOptions) {
    const { rules, startAt } = options;
    this.#options = options;
    const known = { id: ID, name: "", severity: "info", isDrill: false, activeSince: null, endedAt: null } as const;
    this.#courses = new Courses(
      [{ ...known, hasTakenSecondPath: false }],
      { startAt: startAt - WARM_UP_MS, returnAfterMs: rules.returnAfterMs },
      {
        came: (occasion) => void this.#occasions.push(occasion),
        rose: () => undefined,
        settled: () => undefined,
      },
    );
  }

  event({ receivedAt, severity, state, value, limit }: AlarmEvent): void {
    this.#courses.event(ID, receivedAt, rankOf(severity), state);
    this.#limit = limit ?? this.#limit;
    if (state === "cleared") {
      this.#tellsEnd = true;
      if (value !== null) this.#endValues.push(value);
      return;
    }
    const occasion = this.#courses.newest(ID);
    if (occasion === null || value === null) return;
    const { first, least, most } = this.#ranges.get(occasion) ?? { first: value, least: value, most: value };
    this.#ranges.set(occasion, { first, least: Math.min(least, value), most: Math.max(most, value) });
  }

  act(act: PastAct): void {
    const occasion = this.#courses.newest(ID);
    if (occasion === null) return;
    this.#testimonies.set(occasion, testify(this.#testimonies.get(occasion) ?? UNSAID, occasion, act));
    if (act.action === "close" || act.action === "reset") this.#courses.end(ID, act.at);
  }

  elapse(): void {}

  finish(): { readonly traits: AlarmTraits; readonly times: readonly SeenTime[] } {
    const { alarm, rules, startAt, endAt } = this.#options;
    const occasions = this.#occasions;
    return {
      traits: {
        topic: alarm.topic,
        former: ruleOf(alarm, rules.single),
        isEverMilder: occasions.some(({ from, peak }) => from >= startAt && peak !== "critical"),
        tellsEnd: this.#tellsEnd,
        hasValues: this.#ranges.size > 0,
        hasEndValues: this.#endValues.length > 0,
        limit: this.#limit,
      },
      times: occasions.map((occasion) => ({
        occasion,
        isTrue: isTrueAlarm(occasion, this.#testimonies.get(occasion) ?? UNSAID, endAt),
        from: occasion.from,
        to: occasion.to ?? endAt,
      })),
    };
  }

  values(times: readonly SeenTime[]): Parameters<typeof betterLimit>[0] {
    const ranges = times.map(({ occasion, isTrue }): StoodRange | null => {
      const range = this.#ranges.get(occasion);
      return range ? { ...range, isTrue } : null;
    });
    return {
      ranges,
      isTold: times.every(({ isTrue }, i) => !isTrue || ranges[i] !== null),
      limit: this.#limit,
      endValue: lengthsOf(this.#endValues).p50,
    };
  }
}
