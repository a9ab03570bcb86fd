import { severityOf } from "./severity.ts";
import { presenceOfWord, stateOfWord } from "./state-word.ts";
import { inOneLine } from "./text.ts";
import type { Alarm } from "./types.ts";
import { inAnyScript } from "../lib/text/any-script.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";

/** What a site calls the machines behind topics: an MQTT topic filter and a name; the first that takes a topic counts. */
export type TopicNames = ReadonlyMap<string, string>;

const expressionsFor = inAnyScript((make) => ({
  /** A name at the start of a text that is set apart from what follows: `pump-7: hot`, `Pump 7 - hot`, `[P-101] hot`. */
  machine: make(
    String.raw`^(?:\[\s?([^\]\n]{1,40}?)\s?\]:?\s+|([\p{L}\p{N}][\p{L}\p{N}_./-]{0,39}(?: [\p{L}\p{N}_.-]{1,20})?)(?::\s+|\s+[-–—]\s+))\S`,
    "u",
  ),
  /** A machine is called by a number, a tag in capitals, or words that are joined; `Temperature too high: 82` calls none. */
  tag: make(String.raw`[\p{N}]|^[\p{Lu}]{2,}\b|[\p{L}][_-][\p{L}]`, "u"),
  /** `field1:`, `Code 17:` and times are no machines. */
  count: make(
    String.raw`^(?:code|id|nr|no|number|count|value|limit|line|step|phase|field|time|date|event|message)\b|^[\p{N}.:/-]+$`,
    "iu",
  ),
  name: make(String.raw`[\p{L}\p{N}]`, "u"),
  number: make(String.raw`^[\p{N}]+$`, "u"),
}));

/** Levels of a topic that say what is sent, and not by whom. */
const KINDS = new Set(
  (
    "chatbot bot telegram chat notification notifications notify message messages msg msgs text log logs event events state states " +
    "status data value values telemetry measurement measurements json tx rx in out mqtt cmd command report reports " +
    "warnings alarms alerts errors faults infos trips stat tele tciotcommunicator"
  ).split(" "),
);

/** What a person reads as where an alarm comes from, and whether that is its topic as it stands. */
export function originOfAlarm({ source, topic, message, handling }: Origin): { name: string; isTopic: boolean } {
  const named = source ?? machineIn(message) ?? handling.label ?? tellingPart(topic);
  return { name: inOneLine(named ?? topic), isTopic: named === null };
}

type Origin = Pick<Alarm, "source" | "topic" | "message"> & { readonly handling: Pick<Alarm["handling"], "label"> };

/** The machine that a text begins with; `null`: it begins with none. */
export function machineIn(message: string): string | null {
  const { machine, tag, count } = expressionsFor(message);
  const found = machine.exec(message);
  const name = found?.[1] ?? found?.[2];
  if (name === undefined || !tag.test(name) || count.test(name)) return null;
  const [word = ""] = name.split(/[\s_-]/);
  return isKind(word) ? null : name;
}

/** What a site calls the machine behind a topic; `null`: it has no name for it. */
export function nameOfTopic(names: TopicNames, topic: string): string | null {
  for (const [filter, name] of names) if (matchesFilter(filter, topic)) return name;
  return null;
}

/** The last level of a topic that tells machines apart, a number with the level before it: `pump/7`; `null`: none does. */
export function tellingPart(topic: string): string | null {
  const expressions = expressionsFor(topic);
  const levels = topic.split("/").filter((level) => expressions.name.test(level));
  const at = levels.findLastIndex((level) => !isKind(level));
  const level = levels[at];
  if (level === undefined) return null;
  const before = levels[at - 1];
  return expressions.number.test(level) && before !== undefined ? `${before}/${level}` : level;
}

function isKind(level: string): boolean {
  const word = level.trim().toLowerCase();
  return KINDS.has(word) || severityOf(word) !== null || stateOfWord(word) !== null || presenceOfWord(word) !== null;
}
