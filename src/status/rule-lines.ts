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
const MAX_NAME = 60;

/** How many rules for single alarms there are, and which of them no alarm is under that is known: their words may be others than its. */
export async function ruleLines({ rules, conditions }: RuleSources): Promise<StatusLine[]> {
  const all = rules();
  if (all.length === 0) return [];
  const known = await conditions(MAX_ALARMS);
  const used = new Set(known.map((alarm) => ruleOf(alarm, all)));
  const unused = all.filter((rule) => !used.has(rule));
  const count = `${all.length} for single alarms`;
  const detail =
    unused.length === 0 ? count : `${count}; no alarm so far is under ${unused.map(nameOf).join(", nor under ")}`;
  return [{ level: "ok", name: "Rules", detail }];
}

/** What a rule names, as its line in the plants file does. */
const nameOf = ({ topics, sources, messages }: AlarmRule): string =>
  shorten(`“${[...topics, ...sources, ...messages].join(", ")}”`, MAX_NAME);
