import { isObject, readJson, writeJson, type LenientJson } from "../../lib/text/lenient-json.ts";
import { textOf } from "../../lib/text/text-of-bytes.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeText } from "./decode-text.ts";
import { plain } from "../plain.ts";
import { decodeTwincat, inSlot, ringBufferOf } from "./decode-twincat.ts";
import { alarmKeyOf, dedupeKeyOf } from "./identity.ts";
import { severitySaid, worstOf, type SeverityWords } from "../severity.ts";
import { nameOfTopic, type TopicNames } from "../origin.ts";
import { shorten } from "../text.ts";
import type { PlantClock } from "./timestamp.ts";
import type { AlarmEvent, ReadMessage } from "../event.ts";
import { MAX_PAYLOAD_BYTES, type PlantMessage } from "../plant-message.ts";

const MAX_AHEAD_MS = 10 * 60_000;
/** How much of a payload that is too long is shown. */
const SHOWN_CHARACTERS = 500;
/** More alarms in one message are no message to read, but a program that went wrong; that there are more is an alarm as well. */
const MAX_ALARMS = 100;

/** What a site says of its plants' messages. */
export interface DecodeOptions {
  /** IANA name: what the clocks of TwinCAT PLCs show. */
  readonly plcTimeZone?: string;
  /** Its own words for severities. */
  readonly severities?: SeverityWords;
  /** Its names for the machines behind topics. */
  readonly names?: TopicNames;
}

type OneOrMore<T> = readonly [T, ...T[]];

/** One alarm of a message, and what of the message tells of it. */
interface AlarmPart {
  readonly reading: ReadMessage;
  readonly payload: Uint8Array;
}

/**
 * Reads a plant message in whatever form it came: JSON of ours, TwinCAT's, plain text, or anything else, which becomes a
 * plain warning with what could be read. An array is one alarm each. Never throws: an alarm is never dropped for its form.
 * This file and its `decode-*` neighbours are the only ones that know wire formats.
 * @returns one event at least; where a message holds many, each has its own part of the payload
 */
export function decode(message: PlantMessage, options: DecodeOptions = {}): OneOrMore<AlarmEvent> {
  const [first, ...others] = read(message, options);
  const label = options.names && nameOfTopic(options.names, message.topic);
  const named = (part: AlarmPart): AlarmEvent => ({ ...eventOf(message, part), ...(label ? { label } : {}) });
  return [named(first), ...others.map(named)];
}

function eventOf(message: PlantMessage, { reading: given, payload }: AlarmPart): AlarmEvent {
  const reading = withCredibleTime(given, message.receivedAt);
  const part = { ...message, payload };
  return { ...part, ...reading, alarmKey: alarmKeyOf(message.topic, reading), dedupeKey: dedupeKeyOf(part, reading) };
}

/** What is yet to happen cannot be reported: a clock that runs ahead so far is wrong, and ours is shown. */
function withCredibleTime(reading: ReadMessage, receivedAt: number): ReadMessage {
  const isAhead = reading.occurredAt !== null && reading.occurredAt > receivedAt + MAX_AHEAD_MS;
  return isAhead ? { ...reading, occurredAt: null } : reading;
}

function read(
  message: PlantMessage,
  { plcTimeZone = "UTC", severities = new Map() }: DecodeOptions,
): OneOrMore<AlarmPart> {
  const { topic, payload, cutFrom, receivedAt } = message;
  const ring = ringBufferOf(topic);
  const size = cutFrom ?? payload.byteLength;
  const isCut = size > MAX_PAYLOAD_BYTES;
  const text = textOf(payload);
  if (text === null) {
    const binary = { ...plain(`Binary, ${size} bytes: no text can be read`), name: "binary" };
    return [{ reading: ring ? inSlot(binary, ring, sizedPayload(message)) : binary, payload }];
  }
  if (ring) {
    const reading = decodeTwincat(text, ring, { timeZone: plcTimeZone, receivedAt }, severities);
    const { state, message: words } = reading;
    if (!isCut || state === "cleared") return [{ reading, payload }];
    return [{ reading: inSlot({ ...reading, message: cutText(words, size) }, ring, sizedPayload(message)), payload }];
  }
  const parts = readText(text, payload, { timeZone: "UTC", receivedAt }, severities);
  if (!isCut) return parts;
  const [first, ...others] = parts;
  return [cutPart(first, size), ...others.map((part) => cutPart(part, size))];
}

/** Of what is cut, the length may be all that tells two messages apart. */
const sizedPayload = ({ payload, cutFrom }: PlantMessage): Uint8Array =>
  cutFrom === undefined ? payload : Buffer.concat([Buffer.from(`${cutFrom}\n`), payload]);

const cutPart = (part: AlarmPart, size: number): AlarmPart => ({
  ...part,
  reading: { ...part.reading, message: cutText(part.reading.message, size) },
});

/** @param size how many bytes there were, more than in what was read */
function cutText(text: string, size: number): string {
  const shown = text.length > SHOWN_CHARACTERS ? shorten(text, SHOWN_CHARACTERS).replace(/ \(\+.*/, "") : text;
  return `${shown} (${size} bytes in all)`;
}

function readText(text: string, payload: Uint8Array, clock: PlantClock, own: SeverityWords): OneOrMore<AlarmPart> {
  const json = readJson(text);
  if (isNothing(text, json)) {
    return [{ reading: { ...plain("Nothing any more"), state: "cleared", isTopicEnd: true }, payload }];
  }
  const [first, ...others] = json === null ? [] : itemsOf(json.value, 0);
  if (json === null || first === undefined) return [{ reading: readValue(json, text, clock, own), payload }];
  const partOf = (item: unknown): AlarmPart => {
    const written = typeof item === "string" ? item : (writeJson(item) ?? "An alarm that is nested too deeply");
    const content = isObject(item) ? { value: item, isExact: json.isExact } : null;
    return { reading: readValue(content, written, clock, own), payload: Buffer.from(written) };
  };
  const parts: OneOrMore<AlarmPart> = [partOf(first), ...others.slice(0, MAX_ALARMS - 1).map(partOf)];
  const left = others.slice(MAX_ALARMS - 1);
  return left.length === 0 ? parts : [...parts, { reading: leftOut(left, others.length + 1, own), payload }];
}

/** MQTT's own way to say that something is not there any more is an empty message. */
const isNothing = (text: string, json: LenientJson | null): boolean =>
  text.trim() === "" ||
  (json !== null && (json.value === null || (typeof json.value === "string" && json.value.trim() === "")));

function readValue(json: LenientJson | null, text: string, clock: PlantClock, own: SeverityWords): ReadMessage {
  const value = json?.value;
  if (json !== null && isObject(value) && Object.keys(value).length > 0) {
    return decodeJson(value, { text, isExact: json.isExact }, clock, own);
  }
  return decodeText(typeof value === "string" ? value : text, own);
}

/** The alarms that a message holds, if it is a list of them, or an object that holds such a list and says nothing itself. */
function itemsOf(value: unknown, depth: number): readonly unknown[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] =
      depth < MAX_DEPTH ? value.flatMap((item) => listIn(item, depth) ?? [item]) : value;
    return items.filter((item) => isObject(item) || (typeof item === "string" && item !== ""));
  }
  if (!isObject(value) || SAYING.some((name) => typeof value[name] === "string")) return [];
  const [list] = Object.entries(value).flatMap(([name, held]) =>
    Array.isArray(held) && held.some(isAlarm) ? [{ name, items: held }] : [],
  );
  if (!list) return [];
  const { name: listName, items } = list;
  const around = Object.entries(value).filter(([name]) => name !== listName);
  return items.map((item) => (isObject(item) ? { ...Object.fromEntries(around), ...item } : item));
}

const listIn = (item: unknown, depth: number): readonly unknown[] | null =>
  Array.isArray(item) ? itemsOf(item, depth + 1) : null;

/** Lists within lists of a list. */
const MAX_DEPTH = 3;
const SAYING = ["message", "text", "msg", "severity", "state"];
const isAlarm = (item: unknown): boolean => isObject(item) && SAYING.some((name) => name in item);

/** Says that there are more alarms than are read, as bad as the worst of them. */
function leftOut(items: readonly unknown[], count: number, own: SeverityWords): ReadMessage {
  const severity = worstOf(items.map((item) => (isObject(item) ? severitySaid(item["severity"], own) : null)));
  const message = `${count} alarms in one message: the first ${MAX_ALARMS} are shown, the other ${items.length} are not`;
  return { ...plain(message), severity: worstOf(["warning", severity]) ?? "warning", name: "too many" };
}
