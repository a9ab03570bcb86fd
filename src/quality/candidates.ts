import { type AlarmRule, ruleOf, ruleWords } from "../alarms/lifecycle/alarm-rule.ts";
import { ringBufferOf } from "../alarms/payloads/decode-twincat.ts";
import { OWN_TOPIC } from "../alarms/payloads/own.ts";
import type { Alarm } from "../alarms/types.ts";
import { exactGlob } from "../lib/text/glob.ts";
import { formatDuration } from "../lib/time/time.ts";

/** What may be done about an alarm that rings too often. */
export type RemedyKind = "delay" | "hysteresis" | "limit" | "chatter";

/** What a remedy changes of the rule of its alarm. */
export type Remedy = Partial<Pick<AlarmRule, "delayMs" | "hysteresis" | "limit" | "chatter">>;

/** The remedies that are the same for each alarm; another limit depends on its values. */
export const REMEDIES = {
  delay: { delayMs: 10_000 },
  hysteresis: { hysteresis: { share: 0.02 } },
  chatter: { chatter: { count: 3, withinMs: 60_000, quietMs: 300_000 } },
} as const satisfies Readonly<Record<string, Remedy>>;

/** What it is called. */
export function remedyWords({ delayMs, hysteresis, limit, chatter }: Remedy): string {
  const words = [
    delayMs == null ? null : `delay of ${formatDuration(delayMs)}`,
    hysteresis == null
      ? null
      : `hysteresis of ${"share" in hysteresis ? `${hysteresis.share * 100} %` : hysteresis.by}`,
    limit == null ? null : `limit ${limit.side} ${limit.value}`,
    chatter == null ? null : `chatter of ${chatter.count} in ${formatDuration(chatter.withinMs)}`,
  ];
  return words.filter((part) => part !== null).join(", ");
}

/** The rule for one alarm alone: what is said of it by now, and the remedy. */
export function ruleWith(
  alarm: Pick<Alarm, "topic" | "source" | "message">,
  remedy: Remedy,
  rules: readonly AlarmRule[],
): AlarmRule {
  const former = ruleOf(alarm, rules);
  const words = ruleWords(alarm.message);
  const ring = ringBufferOf(alarm.topic);
  return {
    delayMs: former?.delayMs ?? null,
    hysteresis: former?.hysteresis ?? null,
    limit: former?.limit ?? null,
    chatter: former?.chatter ?? null,
    ...remedy,
    // Its messages go from slot to slot.
    topics: [ring === null ? alarm.topic : `${ring.topic}/+`],
    sources: alarm.source === null ? [] : [exactGlob(alarm.source)],
    messages: words === "" ? [] : [exactGlob(words)],
  };
}

/** What is known of an alarm that says whether a remedy makes sense. */
export interface AlarmTraits {
  readonly topic: string;
  /** What is said of it by now; `null`: nothing. */
  readonly former: AlarmRule | null;
  /** Whether it was anything but critical. */
  readonly isEverMilder: boolean;
  readonly tellsEnd: boolean;
  readonly hasValues: boolean;
  /** Also with its end. */
  readonly hasEndValues: boolean;
  readonly limit: number | null;
}

const EFFECTS = { delay: "delayMs", hysteresis: "hysteresis", limit: "limit", chatter: "chatter" } as const;

/** Why a remedy makes no sense for an alarm, in a few words; `null`: it does. */
export function hindrance(kind: RemedyKind, traits: AlarmTraits): string | null {
  const { topic, former, isEverMilder, tellsEnd, hasValues, hasEndValues, limit } = traits;
  if (topic.startsWith(OWN_TOPIC)) return "Valvomo's own alarm";
  if (!isEverMilder) return "it is critical";
  if (former !== null && former[EFFECTS[kind]] !== null) return "its rule has one";
  if (!tellsEnd && kind !== "limit") return "it never tells its end";
  if (kind === "delay" || kind === "chatter") return null;
  if (!hasValues) return "it tells no values";
  if (kind === "limit") return null;
  if (limit === null) return "it tells no limit";
  return hasEndValues ? null : "its end tells no value";
}
