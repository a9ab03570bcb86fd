import { matchesExactGlob } from "../../lib/text/glob.ts";
import { matchesFilter } from "../../lib/text/topic-filter.ts";
import { withoutMeasured } from "../payloads/measured.ts";
import { DRILL_SOURCE, OWN_TOPIC } from "../payloads/own.ts";
import type { Alarm } from "../types.ts";
import type { ChatterRule } from "./chatter.ts";

/** What an admin says of single alarms. A list that is empty takes all; what is `null` is as for every other alarm. */
export interface AlarmRule {
  /** MQTT topic filters. */
  readonly topics: readonly string[];
  /** Globs: `*` stands for any text, `\*` for a star. A source that is not known is the empty text. */
  readonly sources: readonly string[];
  /** Globs for the alarm's words, as `ruleWords` has them. */
  readonly messages: readonly string[];
  /** On-delay (ISA-18.2): it comes only once it has stood for so long. */
  readonly delayMs: number | null;
  /** Deadband: so far, as a share of the limit or as an amount, the value has to come back before the plant's "cleared" counts. */
  readonly hysteresis: { readonly share: number } | { readonly by: number } | null;
  /** Another limit than the plant's: a value that does not pass it is no alarm. */
  readonly limit: { readonly side: "above" | "below"; readonly value: number } | null;
  /** In the place of the program's rule of chatter. */
  readonly chatter: ChatterRule | null;
}

/** The words of an alarm by which a rule names it: without its measured value, and without what joins that to the rest. */
export const ruleWords = (message: string): string =>
  withoutMeasured(message)
    .replaceAll("#", " ")
    .replace(/\s+/g, " ")
    .replace(/[\s:=]+$/, "")
    .trim();

/** The first rule that takes an alarm, or an event; `null` if none does. Our own alarms and our tests are under none. */
export function ruleOf(
  alarm: Pick<Alarm, "topic" | "source" | "message">,
  rules: readonly AlarmRule[],
): AlarmRule | null {
  if (rules.length === 0 || alarm.topic.startsWith(OWN_TOPIC) || alarm.source === DRILL_SOURCE) return null;
  const answers = ANSWERS.get(rules) ?? new Map<string, AlarmRule | null>();
  const key = [alarm.topic, alarm.source ?? "", alarm.message].join("\0");
  const known = answers.get(key);
  if (known !== undefined) return known;
  let words: string | null = null;
  const answer = rules.find((rule) => takes(rule, alarm, () => (words ??= ruleWords(alarm.message)))) ?? null;
  if (answers.size >= MAX_ANSWERS) answers.clear();
  if (key.length <= MAX_KEY) ANSWERS.set(rules, answers.set(key, answer));
  return answer;
}

/** Of rules, for alarms that came lately: each is asked for several times an event, and fifty rules take longer than all else. */
const ANSWERS = new WeakMap<readonly AlarmRule[], Map<string, AlarmRule | null>>();
const MAX_ANSWERS = 1_000;
const MAX_KEY = 1_000;

function takes(
  { topics, sources, messages }: AlarmRule,
  { topic, source }: Pick<Alarm, "topic" | "source">,
  words: () => string,
): boolean {
  return (
    (topics.length === 0 || topics.some((filter) => matchesFilter(filter, topic))) &&
    (sources.length === 0 || sources.some((glob) => matchesExactGlob(glob, source ?? ""))) &&
    (messages.length === 0 || messages.some((glob) => matchesExactGlob(glob, words())))
  );
}
