import { setImmediate as breathe } from "node:timers/promises";
import { type AlarmRule, ruleOf } from "../alarms/lifecycle/alarm-rule.ts";
import { shorten } from "../alarms/text.ts";
import type { StatusLine } from "../lib/status-line.ts";
import type { Alarms } from "../store/alarms/alarms.ts";

/** What is known of rules for single alarms, and of the alarms that they are for. */
export interface RuleSources {
  readonly rules: () => readonly AlarmRule[];
  readonly conditions: Alarms["newestConditions"];
}

/** Enough to know what comes at all. */
const MAX_ALARMS = 5_000;
/** For fifty rules some milliseconds. */
const AT_ONCE = 100;
const MAX_NAME = 60;

/** How many rules for single alarms there are, and which of them no alarm is under that is known: their words may be others than its. */
export async function ruleLines({ rules, conditions }: RuleSources): Promise<StatusLine[]> {
  const all = rules();
  if (all.length === 0) return [];
  const unused = await unusedOf(all, await conditions(MAX_ALARMS));
  const count = `${all.length} for single alarms`;
  const detail =
    unused.length === 0 ? count : `${count}; no alarm so far is under ${unused.map(nameOf).join(", nor under ")}`;
  return [{ level: "ok", name: "Rules", detail }];
}

/** The rules that none of these alarms is under. */
async function unusedOf(
  rules: readonly AlarmRule[],
  alarms: Awaited<ReturnType<Alarms["newestConditions"]>>,
): Promise<readonly AlarmRule[]> {
  const unused = new Set(rules);
  for (let from = 0; from < alarms.length && unused.size > 0; from += AT_ONCE) {
    for (const alarm of alarms.slice(from, from + AT_ONCE)) {
      const rule = ruleOf(alarm, rules);
      if (rule !== null) unused.delete(rule);
    }
    await breathe();
  }
  return [...unused];
}

/** What a rule names, as its line in the plants file does. */
const nameOf = ({ topics, sources, messages }: AlarmRule): string =>
  shorten(`“${[...topics, ...sources, ...messages].join(", ")}”`, MAX_NAME);
