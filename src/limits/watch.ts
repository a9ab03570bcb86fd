import type { FormerClock } from "../lib/time/former-clock.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import { look, take, NO_LEVEL, type LevelLimit, type LevelState, type LevelStep, type Transition } from "./level.ts";
import { createRateOfChange, type RateOfChange } from "./rate.ts";
import type { LevelRule, LimitRule } from "./rule.ts";
import type { WatchedSeries } from "./types.ts";
import { pastEvent, predictionEvent, stateEvent, wordsOf } from "./words.ts";

/** A rate that is not steady is no end of it. */
const MAX_MISSES = 5;

/** What the next run must know of a watch. */
export type KeptState = Omit<LevelState, "isActive">;

/** A rule that tells before its limit is passed. */
export type PredictedRule = LevelRule & { readonly predictMs: number };

/** What holds for all watches. */
export interface WatchSetting {
  /** What is older says how it was, not how it is. */
  readonly lateMs: number;
  readonly timeZone: string;
  readonly now: () => number;
}

/** One rule of one measurement, and its state. */
export class LimitWatch {
  readonly series: WatchedSeries;
  readonly rule: LimitRule;
  readonly #setting: WatchSetting;
  readonly #limit: LevelLimit;
  readonly #rise: RateOfChange | null;
  #state: LevelState = NO_LEVEL;
  /** The newest value of the measurement itself. */
  #value: number | null = null;
  /** What its alarm says of it. */
  #toldValue: number | null = null;
  /** Whether it is told that the limit will be passed, and how often in turn nothing said so since. */
  #isPredicted = false;
  #misses = 0;

  /** @param former the same rule as it was watched until now */
  constructor(series: WatchedSeries, rule: LimitRule, setting: WatchSetting, former: LimitWatch | undefined) {
    const { value, holdMs, hysteresis } = rule;
    this.series = series;
    this.rule = rule;
    this.#setting = setting;
    this.#limit = { isAbove: rule.side !== "below", value, holdMs, hysteresis, lateMs: setting.lateMs };
    this.#rise = former ? former.#rise : riseOf(rule);
    if (former === undefined) return;
    this.#state = former.#state;
    this.#value = former.#value;
    this.#toldValue = former.#toldValue;
    this.#isPredicted = former.#isPredicted;
    this.#misses = former.#misses;
  }

  /** Whether the limit is passed, and held so. */
  get isActive(): boolean {
    return this.#state.isActive;
  }

  get newestAt(): number | null {
    return this.#state.newest?.at ?? null;
  }

  /** The rule, if it tells before its limit is passed. */
  get predicted(): PredictedRule | null {
    const { rule } = this;
    return rule.kind === "level" && rule.predictMs !== null ? { ...rule, predictMs: rule.predictMs } : null;
  }

  /** What it watches, in words. */
  get words(): string {
    return wordsOf(this.rule, this.series);
  }

  /** Takes a value; quick. @returns what became of it */
  take(at: number, value: number): AlarmEvent | null {
    const now = this.#setting.now();
    const newestAt = this.newestAt ?? at;
    if (at < newestAt && newestAt <= now) return null;
    const measured = this.#rise ? this.#rise.take(at, value) : value;
    this.#value = value;
    return this.#follow(take(this.#state, this.#limit, { at, value: measured }, now));
  }

  /** @returns what becomes of it as time goes on */
  look(): AlarmEvent | null {
    return this.#follow(look(this.#state, this.#limit, this.#setting.now()));
  }

  /** The newest number of what is passed, as an event, if its alarm does not say it. */
  newValue(): AlarmEvent | null {
    const { newest } = this.#state;
    const value = this.#value;
    if (!this.isActive || value === null || value === this.#toldValue || newest === null) return null;
    this.#toldValue = value;
    return stateEvent(this.rule, this.series, { state: "active", value, at: newest.at }, this.#setting.now());
  }

  /**
   * The limit will be passed.
   * @param inWords when
   * @param isActive whether the alarm of an event is active: one that somebody closed stays closed while it goes on
   */
  async foretell(
    rule: PredictedRule,
    inWords: string,
    isActive: (event: AlarmEvent) => Promise<boolean>,
  ): Promise<AlarmEvent | null> {
    this.#misses = 0;
    const event = predictionEvent(rule, this.series, inWords, this.#setting.now());
    if (this.#isPredicted && !(await isActive(event))) return null;
    this.#isPredicted = true;
    return event;
  }

  /** Nothing says that the limit will be passed. @returns the end of what was foretold, if that is over now */
  foretellNothing(rule: PredictedRule): AlarmEvent | null {
    // It is there, and not for long enough yet.
    const isPassed = this.#state.since !== null && !this.isActive;
    if (!this.#isPredicted || isPassed) return null;
    if (!this.isActive && ++this.#misses < MAX_MISSES) return null;
    this.#isPredicted = false;
    this.#misses = 0;
    return predictionEvent(rule, this.series, null, this.#setting.now());
  }

  /** Its alarm is active already. */
  recognize(): void {
    this.#state = { ...this.#state, isActive: true };
  }

  /** It is foretold already. */
  recognizePrediction(): void {
    this.#isPredicted = true;
  }

  /** `null`: there was no value yet. */
  kept(): KeptState | null {
    const { since, worst, newest, isToldLate } = this.#state;
    return newest === null ? null : { since, worst, newest, isToldLate };
  }

  restore({ since, newest, ...kept }: KeptState, { happened }: Pick<FormerClock, "happened">): void {
    this.#state = {
      ...NO_LEVEL,
      ...kept,
      since: since === null ? null : happened(since),
      newest: newest && { ...newest, at: happened(newest.at) },
    };
  }

  #follow({ state, transition }: LevelStep): AlarmEvent | null {
    this.#state = state;
    return transition && this.#eventOf(transition);
  }

  #eventOf(transition: Transition): AlarmEvent {
    const { now, timeZone } = this.#setting;
    if (transition.kind === "past") return pastEvent(this.rule, this.series, transition, { now: now(), timeZone });
    this.#toldValue = this.#value;
    const state = transition.kind === "raised" ? "active" : "cleared";
    return stateEvent(this.rule, this.series, { state, value: this.#value, at: transition.to }, now());
  }
}

const riseOf = (rule: LimitRule): RateOfChange | null =>
  rule.kind === "rate" ? createRateOfChange({ withinMs: rule.withinMs, isFall: rule.side === "falls" }) : null;
