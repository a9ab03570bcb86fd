import { Document, isMap, isScalar, visit } from "yaml";
import type { AlarmRule } from "../alarms/lifecycle/alarm-rule.ts";

/** A rule for single alarms as a plants file has it, without the list's indent. */
export const writtenRule = (rule: AlarmRule): readonly string[] => linesOf([entryOf(rule)]);

/** Some of it, as lines of a rule that is there. */
export const writtenKeys = (part: Partial<AlarmRule>): readonly string[] => linesOf(entryOf(part));

function entryOf({ topics = [], sources = [], messages = [], ...effect }: Partial<AlarmRule>) {
  const { delayMs = null, hysteresis = null, limit = null, chatter = null } = effect;
  return {
    ...named("topic", topics),
    ...named("source", sources),
    ...named("message", messages),
    ...(delayMs !== null && { delay: lengthOf(delayMs) }),
    ...(hysteresis !== null && { hysteresis: "share" in hysteresis ? percentOf(hysteresis.share) : hysteresis.by }),
    ...(limit !== null && { [limit.side]: limit.value }),
    ...(chatter !== null && { chatter: chatterEntry(chatter) }),
  };
}

function linesOf(entries: ReturnType<typeof entryOf> | readonly ReturnType<typeof entryOf>[]): readonly string[] {
  const document = new Document(entries);
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && key.value === "chatter" && isMap(value)) value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split("\n");
}

const named = (key: string, all: readonly string[]): Readonly<Record<string, string | readonly string[]>> => {
  const [first] = all;
  return first === undefined ? {} : { [key]: all.length === 1 ? first : all };
};

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
] as const;

/** The shortest way to write a length of whole seconds. */
function lengthOf(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ["s", 1_000];
  return `${ms / size}${unit}`;
}

const percentOf = (share: number): string => `${Number((share * 100).toFixed(6))}%`;

const chatterEntry = ({
  count,
  withinMs,
  quietMs,
}: NonNullable<AlarmRule["chatter"]>): Readonly<Record<string, unknown>> => ({
  times: count,
  within: lengthOf(withinMs),
  ...(quietMs !== undefined && { quiet: lengthOf(quietMs) }),
});
