import { decode } from "../alarms/payloads/decode.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Severity } from "../alarms/types.ts";
import { formatValue } from "../measurements/measurement.ts";
import { formatInstant } from "../lib/time/time.ts";
import type { Transition } from "./level.ts";
import { ruleId, type LevelRule, type LimitRule } from "./rule.ts";

/** Where these alarms come from. No wildcard at the start of a filter takes a topic with a dollar, so no plant's message is taken for one. */
export const LIMITS_TOPIC = "$limits/";

/** A measurement as alarms name it. */
export interface NamedMeasurement {
  /** One for each measurement, the same over restarts: `field1`, or a device and its member. */
  readonly name: string;
  readonly label: string;
  readonly unit: string | null;
  readonly decimals: number | null;
  /** The number by which it is plotted: ThingSpeak field 1…8, or a device's member; `null`: it has no plot that is for everybody. */
  readonly field: number | null;
}

/** The topic of a measurement's alarms. */
export const topicOf = ({ name }: Pick<NamedMeasurement, "name">): string =>
  `${LIMITS_TOPIC}${name.replaceAll(/[#+\0]/g, "_")}`;

/** What tells the alarm that comes before the one of a rule, which has the rule's own id. */
export const predictionId = (rule: LimitRule): string => `${ruleId(rule)} predicted`;

/** What an alarm says. */
interface AlarmWords {
  readonly id: string;
  readonly message: string;
  readonly severity: Severity;
  readonly state: "active" | "cleared" | null;
  readonly value?: number | null;
  readonly limit?: number | null;
  readonly at: number;
}

/** An event in the form of a plant's message, so that it is read, named and shown like one. */
function eventOf(
  topic: string,
  named: Pick<NamedMeasurement, "label" | "unit" | "field"> | null,
  said: AlarmWords,
  now: number,
) {
  const { at, ...rest } = said;
  const measured = named && { source: named.label, unit: named.unit };
  const content = { ...rest, ...measured, timestamp: new Date(at).toISOString() };
  const [event] = decode({ topic, payload: Buffer.from(JSON.stringify(content)), isRetained: false, receivedAt: now });
  return { ...event, field: named?.field ?? null };
}

/** `Coil above 80 °C`, `Coil rises by more than 5 °C/min`. */
export function wordsOf(rule: LimitRule, named: NamedMeasurement): string {
  const amount = formatValue(rule.value, named);
  if (rule.kind === "level") return `${named.label} ${rule.side} ${amount}`;
  return `${named.label} ${rule.side} by more than ${amount}/${rule.per}`;
}

/** The event that a limit is passed, or is not passed any more. */
export function stateEvent(
  rule: LimitRule,
  named: NamedMeasurement,
  said: Pick<AlarmWords, "value" | "at"> & { readonly state: "active" | "cleared" },
  now: number,
): AlarmEvent {
  const limit = rule.kind === "level" ? rule.value : null;
  const whole = { ...said, id: ruleId(rule), message: wordsOf(rule, named), severity: rule.severity, limit };
  return eventOf(topicOf(named), named, whole, now);
}

/** The event that a limit was passed, read late: it is history, and rings nobody. */
export function pastEvent(
  rule: LimitRule,
  named: NamedMeasurement,
  { from, to, worst }: Transition,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): AlarmEvent {
  const [start, end] = [from, to].map((at) => formatInstant(at, timeZone, now));
  const reached = formatValue(worst, named);
  const most = rule.kind === "level" ? ` (${rule.side === "above" ? "up" : "down"} to ${reached})` : "";
  const message = `${wordsOf(rule, named)}${most} between ${start} and ${end}; read late`;
  // A limit may be passed again and again before anybody reads of it.
  const id = `${ruleId(rule)} at ${from}`;
  return eventOf(topicOf(named), named, { id, message, severity: "info", state: null, at: to }, now);
}

/** The event that a limit will be passed. @param inWords when, as `in 20 min`; `null`: it is not any more */
export function predictionEvent(
  rule: LevelRule,
  named: NamedMeasurement,
  inWords: string | null,
  now: number,
): AlarmEvent {
  const reaches = `${named.label}: at this rate it reaches ${formatValue(rule.value, named)}`;
  const message = inWords === null ? `${reaches} no more` : `${reaches} ${inWords}`;
  const state = inWords === null ? "cleared" : "active";
  const said = { id: predictionId(rule), message, severity: "warning", state, limit: rule.value, at: now } as const;
  return eventOf(topicOf(named), named, said, now);
}

/** The end of an alarm whose limit nobody watches any more. */
export const endEvent = ({ id, topic }: { readonly id: string; readonly topic: string }, now: number): AlarmEvent =>
  eventOf(
    topic,
    null,
    { id, message: `No longer watched: ${id}`, severity: "warning", state: "cleared", at: now },
    now,
  );
