import type { AlarmEvent } from "../alarms/event.ts";
import type { Series } from "../measurements/series.ts";
import { createTurns } from "../lib/in-turn.ts";
import type { Logger } from "../lib/log.ts";
import { forecast, whenWords } from "../measurements/forecast.ts";
import { look, take, UNKNOWN, type LevelLimit, type LevelState, type Step, type Transition } from "./level.ts";
import { createRise, type Rise } from "./rate.ts";
import { ruleId, type LevelRule, type LimitRule } from "./rule.ts";
import type { Limits, WatchedSeries } from "./types.ts";
import { endEvent, pastEvent, predictionEvent, predictionId, stateEvent, topicOf, wordsOf } from "./words.ts";

/** One rule, and how it is with it. */
interface Watch {
  readonly series: WatchedSeries;
  readonly rule: LimitRule;
  readonly limit: LevelLimit;
  readonly rise: Rise | null;
  state: LevelState;
  /** The newest value of the measurement itself. */
  value: number | null;
  /** What its alarm says of it. */
  toldValue: number | null;
  /** Whether it is told that the limit will be passed, and how often in turn nothing said so since. */
  isPredicted: boolean;
  misses: number;
}

/** The name of what is kept for the next run. */
const FACT = "limits";
const SAVE_MS = 60_000;
/** A rate that is not steady is no end of it. */
const MAX_MISSES = 5;
const MIN_TREND_MS = 900_000;

/** What the next run must know. */
interface Kept {
  readonly [watch: string]: Pick<LevelState, "since" | "worst" | "newest" | "isToldLate">;
}

/**
 * Creates the watch; nothing is told before `start`.
 * @param options.series as they are now
 * @param options.read what was measured lately, for how it will go on
 * @param options.report records events; what it rejects is tried again
 * @param options.lateMs what is older says how it was, not how it is
 */
export function createLimits(options: {
  readonly series: () => readonly WatchedSeries[];
  readonly read: (series: WatchedSeries, startAt: number, endAt: number) => Promise<Series>;
  readonly report: (events: readonly AlarmEvent[]) => Promise<void>;
  readonly isActive: (event: AlarmEvent) => Promise<boolean>;
  readonly active: () => Promise<readonly { readonly id: string; readonly topic: string }[]>;
  readonly facts: { read(name: string): Promise<unknown>; write(name: string, content: unknown): Promise<void> };
  readonly lateMs: number;
  readonly timeZone: string;
  readonly now: () => number;
  readonly log: Logger;
}): Limits {
  const { read, report, isActive, active, facts, lateMs, timeZone, now, log } = options;
  /** By what tells the alarm. */
  let watches = new Map<string, Watch>();
  /** By device, then member. */
  let byKey = new Map<string, Map<string, Watch[]>>();
  /** What is not told yet, in order. */
  let untold: AlarmEvent[] = [];
  let hasChanged = false;
  let savedAt = 0;

  const nameOf = (topic: string, id: string): string => `${topic}\n${id}`;

  function arrange(): void {
    const former = watches;
    watches = new Map();
    byKey = new Map();
    for (const series of options.series()) {
      for (const rule of series.rules) {
        const name = nameOf(topicOf(series), ruleId(rule));
        const watch = watchOf(series, rule, former.get(name));
        watches.set(name, watch);
        for (const { device, member } of series.keys) {
          const members = byKey.get(device) ?? new Map<string, Watch[]>();
          byKey.set(device, members.set(member, [...(members.get(member) ?? []), watch]));
        }
      }
    }
  }

  function watchOf(series: WatchedSeries, rule: LimitRule, former: Watch | undefined): Watch {
    const { value, holdMs, hysteresis } = rule;
    const isAbove = rule.side !== "below";
    const rise = rule.kind === "rate" ? createRise({ withinMs: rule.withinMs, isFall: rule.side === "falls" }) : null;
    const { state = UNKNOWN, value: newest = null, toldValue = null, isPredicted = false, misses = 0 } = former ?? {};
    const limit = { isAbove, value, holdMs, hysteresis, lateMs };
    return { series, rule, limit, rise: former?.rise ?? rise, state, value: newest, toldValue, isPredicted, misses };
  }

  function follow(watch: Watch, { state, transition }: Step): void {
    watch.state = state;
    if (transition === null) return;
    hasChanged = true;
    untold.push(eventOf(watch, transition));
  }

  function eventOf(watch: Watch, transition: Transition): AlarmEvent {
    const { rule, series, value } = watch;
    if (transition.kind === "past") return pastEvent(rule, series, transition, { now: now(), timeZone });
    watch.toldValue = value;
    const state = transition.kind === "raised" ? "active" : "cleared";
    return stateEvent(rule, series, { state, value, at: transition.to }, now());
  }

  /** In turn: what one tells, another must not tell once more. */
  const inTurn = createTurns();
  const flush = (): Promise<void> => inTurn(tell);

  async function tell(): Promise<void> {
    const events = untold;
    if (events.length > 0) {
      await report(events);
      untold = untold.slice(events.length);
    }
    if (!hasChanged && now() - savedAt < SAVE_MS && now() >= savedAt) return;
    hasChanged = false;
    savedAt = now();
    const kept = [...watches].flatMap(([name, { state }]) => {
      const { since, worst, newest, isToldLate } = state;
      return newest === null ? [] : [[name, { since, worst, newest, isToldLate }] as const];
    });
    await facts.write(FACT, Object.fromEntries(kept));
  }

  /** The store knows what is active: what we watch goes on, and the rest is over. */
  async function recognize(): Promise<void> {
    for (const alarm of await active()) {
      const predicted = [...watches.values()].find(
        ({ rule, series }) => topicOf(series) === alarm.topic && predictionId(rule) === alarm.id,
      );
      const watch = watches.get(nameOf(alarm.topic, alarm.id));
      if (watch) watch.state = { ...watch.state, isActive: true };
      else if (predicted && predicted.rule.kind === "level" && predicted.rule.predictMs !== null)
        predicted.isPredicted = true;
      else untold.push(endEvent(alarm, now()));
    }
  }

  /** The newest number of what is passed, unless somebody closed the alarm. */
  async function tellValue(watch: Watch): Promise<void> {
    const { rule, series, value, toldValue, state } = watch;
    if (!state.isActive || value === null || value === toldValue || state.newest === null) return;
    const event = stateEvent(rule, series, { state: "active", value, at: state.newest.at }, now());
    watch.toldValue = value;
    if (await isActive(event)) untold.push(event);
  }

  async function predict(watch: Watch, rule: LevelRule & { readonly predictMs: number }): Promise<void> {
    const spanMs = Math.max(MIN_TREND_MS, rule.predictMs);
    const reaches = watch.state.isActive
      ? null
      : (forecast(await read(watch.series, now() - spanMs, now()), [rule], now(), true)?.reaches ?? null);
    if (reaches !== null && reaches.inMs <= rule.predictMs) {
      watch.misses = 0;
      const event = predictionEvent(rule, watch.series, whenWords(reaches), now());
      // One that somebody closed stays closed while it goes on.
      if (watch.isPredicted && !(await isActive(event))) return;
      watch.isPredicted = true;
      untold.push(event);
      return;
    }
    // It is there, and not for long enough yet.
    const isPassed = watch.state.since !== null && !watch.state.isActive;
    if (!watch.isPredicted || isPassed || (!watch.state.isActive && ++watch.misses < MAX_MISSES)) return;
    watch.isPredicted = false;
    watch.misses = 0;
    untold.push(predictionEvent(rule, watch.series, null, now()));
  }

  return {
    async start() {
      arrange();
      const kept = ((await facts.read(FACT)) ?? {}) as Kept;
      for (const [name, watch] of watches) {
        const state = kept[name];
        if (state) watch.state = { ...UNKNOWN, ...state };
      }
      await recognize();
    },
    take({ device, member }, at, value) {
      const found = byKey.get(device)?.get(member);
      if (found === undefined) return;
      for (const watch of found) {
        const newest = watch.state.newest?.at ?? at;
        if (at < newest && newest <= now()) continue;
        const measured = watch.rise ? watch.rise.take(at, value) : value;
        watch.value = value;
        follow(watch, take(watch.state, watch.limit, { at, value: measured }, now()));
      }
    },
    async tick() {
      for (const watch of watches.values()) follow(watch, look(watch.state, watch.limit, now()));
      await flush();
    },
    async tellTrends() {
      for (const watch of watches.values()) {
        await tellValue(watch);
        const { rule } = watch;
        if (rule.kind !== "level" || rule.predictMs === null) continue;
        await predict(watch, { ...rule, predictMs: rule.predictMs }).catch((error: unknown) =>
          log.warn({ err: error, limit: ruleId(rule) }, "cannot tell how it goes on"),
        );
      }
      await flush();
    },
    async follow() {
      arrange();
      await recognize();
      await flush();
    },
    status: () => ({
      watched: watches.size,
      passed: [...watches.values()].flatMap(({ rule, series, state }) =>
        state.isActive ? [wordsOf(rule, series)] : [],
      ),
    }),
    newestAt(name) {
      const all = [...watches.values()].filter(({ series }) => series.name === name);
      const times = all.flatMap(({ state }) => (state.newest === null ? [] : [state.newest.at]));
      return times.length === 0 ? null : Math.max(...times);
    },
  };
}
