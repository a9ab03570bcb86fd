import type { Severity } from "../alarms/types.ts";

/** What is watched of a measurement. Units are its own. */
export type LimitRule = LevelRule | RateRule;

interface RuleBase {
  readonly severity: Severity;
  /** So long it is passed before that is an alarm, ms. */
  readonly holdMs: number;
  /** So far it has to come back before the alarm is over. */
  readonly hysteresis: number;
}

/** A value that is not to be passed. */
export interface LevelRule extends RuleBase {
  readonly kind: "level";
  readonly side: "above" | "below";
  readonly value: number;
  /** It is told before, if it is to be passed within this time at the present rate, ms; `null`: it is not. */
  readonly predictMs: number | null;
}

/** A change that is not to be quicker. */
interface RateRule extends RuleBase {
  readonly kind: "rate";
  readonly side: "rises" | "falls";
  /** By so much, above 0, … */
  readonly value: number;
  /** … within this time, ms. */
  readonly withinMs: number;
  /** As people say that time: `min`. */
  readonly per: string;
}

/** Times by which a rate is given. */
export const RATE_TIMES = { s: 1_000, min: 60_000, h: 3_600_000 } as const;

/** One name for each rule of a measurement; the same over restarts. */
export const ruleId = (rule: LimitRule): string =>
  rule.kind === "level"
    ? `${rule.side} ${rule.value} ${rule.severity}`
    : `${rule.side} ${rule.value}/${rule.per} ${rule.severity}`;
