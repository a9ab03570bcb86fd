import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import type { SecondPath } from "../alarms/second-path.ts";
import type { Clock } from "../lib/time/clock.ts";
import { createClockWatch, SET_BACK_MS } from "../lib/time/clock-watch.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import type { Engine } from "./engine.ts";
import type { Store } from "../store/store.ts";
import { VERSION } from "../lib/version.ts";

/** Applies what time does to alarms, and keeps their due instants right when the rules or the clock change. */
export interface Scheduler {
  /** Takes up what an earlier run left. */
  start(): Promise<void>;
  /** To be called about once a second. */
  tick(): Promise<void>;
  /** The rules are others now; cards show the escalations of before. */
  follow(former: AlarmRules["escalations"]): Promise<void>;
}

/** Names the rules in the store by which alarms were scheduled last. */
const RULES = "alarm rules";

/**
 * Looks once a second which alarms time changes, and anew at all of them when the rules or the clock were changed.
 * @param options.wake cards of these chats may be out of date
 */
export function createScheduler(options: {
  readonly engine: Pick<Engine, "elapse" | "reschedule" | "fallBack">;
  readonly store: Pick<Store, "keyValue">;
  readonly rules: AlarmRules;
  readonly secondPath: SecondPath;
  readonly wake: (chatIds: readonly number[]) => void;
  readonly clock: Pick<Clock, "now" | "elapsed">;
  /** By what the run before noted what it left. */
  readonly formerClock: FormerClock;
}): Scheduler {
  const { engine, store, rules, secondPath, wake, clock, formerClock } = options;
  const clockWatch = createClockWatch(clock);

  /** A new version may decide otherwise by the same rules. */
  const rulesNow = (): string => JSON.stringify([VERSION, rules]);

  async function reschedule(former: AlarmRules["escalations"] | null, before?: FormerClock): Promise<void> {
    wake(await engine.reschedule(former, before));
    await store.keyValue.write(RULES, rulesNow());
  }

  return {
    async start() {
      const isAhead = formerClock.aheadMs > SET_BACK_MS;
      // With many open alarms it takes a second, so only if it is needed.
      if (isAhead || (await store.keyValue.read(RULES)) !== rulesNow()) await reschedule(null, formerClock);
    },
    async tick() {
      const before = clockWatch.setBack();
      if (before !== null) await reschedule(null, before);
      wake(await engine.elapse());
      if (secondPath.topic !== null || secondPath.url !== null) wake(await engine.fallBack(secondPath));
    },
    follow: (former) => reschedule(former),
  };
}
