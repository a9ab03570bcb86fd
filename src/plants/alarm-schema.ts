import { isDeepStrictEqual } from "node:util";
import { type AlarmRule, ruleWords } from "../alarms/lifecycle/alarm-rule.ts";
import { OWN_TOPIC } from "../alarms/payloads/own.ts";
import { hysteresis } from "./limit-schema.ts";
import { duration, finite, list, oneOrMore, section, text, topicFilter, whole } from "./schema-parts.ts";

/** The form of what holds for single alarms. */

/** What stands for longer, and is told to nobody, is no alarm. */
const MAX_DELAY_MS = 3_600_000;
const MAX_TIMES = 100;

const topic = topicFilter.refine(
  (filter) => !filter.startsWith(OWN_TOPIC),
  "names Valvomo's own alarms, which are under no rule",
);
const words = text
  .transform(ruleWords)
  .refine((message) => message !== "", "has no words besides a measured value: write the alarm's text without that");
const chatter = section({
  times: whole(1, MAX_TIMES),
  within: duration,
  quiet: duration.optional(),
}).transform(({ times, within, quiet }) => ({
  count: times,
  withinMs: within,
  ...(quiet !== undefined && { quietMs: quiet }),
}));

/** One of `alarms`. */
const alarmRule = section({
  topic: oneOrMore(topic).optional(),
  source: oneOrMore(text).optional(),
  message: oneOrMore(words).optional(),
  delay: duration
    .refine((ms) => ms <= MAX_DELAY_MS, "is longer than an hour: what stands for so long is an alarm")
    .optional(),
  hysteresis: hysteresis
    .refine((back) => ("share" in back ? back.share : back.by) > 0, "is 0, which changes nothing")
    .optional(),
  above: finite.optional(),
  below: finite.optional(),
  chatter: chatter.optional(),
})
  .refine((given) => given.topic ?? given.source ?? given.message, {
    error: "names no alarm: it needs a topic, a source or a message",
    abort: true,
  })
  .refine((given) => given.above === undefined || given.below === undefined, {
    error: "has above and below: an alarm has one limit",
    abort: true,
  })
  .transform((given): AlarmRule => ({
    topics: given.topic ?? [],
    sources: given.source ?? [],
    messages: given.message ?? [],
    delayMs: given.delay ?? null,
    hysteresis: given.hysteresis ?? null,
    limit:
      given.above !== undefined
        ? { side: "above", value: given.above }
        : given.below === undefined
          ? null
          : { side: "below", value: given.below },
    chatter: given.chatter ?? null,
  }))
  .refine(
    (rule) => rule.delayMs ?? rule.hysteresis ?? rule.limit ?? rule.chatter,
    "changes nothing: it needs delay, hysteresis, above, below or chatter",
  )
  .refine(
    ({ limit, hysteresis: back }) => limit?.value !== 0 || back === null || "by" in back,
    "has a hysteresis that is a share of 0, which is nothing: write an amount",
  );

/** Which alarms a rule names. */
const namesOf = ({ topics, sources, messages }: AlarmRule) => ({ topics, sources, messages });

/** `alarms`: the first rule that takes an alarm counts, so a second one for the same would never count. */
export const alarmRules = list(alarmRule).superRefine((rules, context) => {
  for (const [i, rule] of rules.entries()) {
    const first = rules.findIndex((other) => isDeepStrictEqual(namesOf(other), namesOf(rule)));
    if (first < i)
      context.addIssue({
        code: "custom",
        path: [i],
        message: `names the same alarms as ${first + 1}: put both into one`,
      });
  }
});
