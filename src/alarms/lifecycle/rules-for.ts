import type { Alarm, Severity } from "../types.ts";
import { ruleOf } from "./alarm-rule.ts";
import type { AlarmRules } from "./escalation-plan.ts";

/**
 * The rules as they are for one alarm. Nothing critical is under a rule of chatter of its own: it might be told less often.
 * @param severity how bad it is, or was this time
 */
export function rulesFor(
  alarm: Pick<Alarm, "topic" | "source" | "message">,
  severity: Severity,
  rules: AlarmRules,
): AlarmRules {
  const own = ruleOf(alarm, rules.single);
  if (own === null) return rules;
  const chatter = own.chatter === null || severity === "critical" ? rules.chatter : { ...own.chatter, isByRule: true };
  return { ...rules, chatter, own };
}
