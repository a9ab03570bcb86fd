import { hash } from "node:crypto";
import { z } from "zod";
import { isObject, readJson, type LenientJson } from "../../lib/text/lenient-json.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeText } from "./decode-text.ts";
import { severitySaid, worstOf, type SeverityWords } from "../severity.ts";
import { clean, shorten } from "../text.ts";
import { instantOf, type PlantClock } from "./timestamp.ts";
import type { ReadMessage, Slot } from "../event.ts";
import type { Person } from "../types.ts";

/**
 * Beckhoff's TwinCAT IoT Communicator (TF6730) keeps the newest 255 messages of a device in a ring of slots. Each slot is a
 * topic with one retained message, where anybody may acknowledge or remove it. The wire level is not published by Beckhoff;
 * this is what other programs that speak it agree on.
 */

/** A device's ring of slots, as the topic of one slot names it. */
interface RingBuffer {
  /** The topic of all its slots, without the slot's number: one for each device. */
  readonly topic: string;
  /** The device's name, safe to show; `null` if nothing of it can be shown. */
  readonly device: string | null;
}

/** A reading of a slot; see `Slot`. */
export interface SlotMessage extends ReadMessage {
  readonly slot: Slot;
}

const SLOT_TOPIC = /^(?<topic>(?:.*\/)?(?<device>[^/]+)\/TcIotCommunicator\/Messages)\/(?<number>[1-9]\d{0,2})$/s;
const SLOTS = 255;
/** Far more than device names have, and than fits beside a card's time. */
const MAX_DEVICE = 200;
const MAX_ACKNOWLEDGEMENT = 60;
const MAX_TYPE = 40;

/** What a PLC writes; `Type` is absent for `SendMessage`, and any text with `SendMessageEx`. */
const schema = z.object({
  Message: z.union([z.string(), z.number()]).transform(String),
  Timestamp: z.string().catch(""),
  Type: z.union([z.string(), z.number()]).transform(String).catch(""),
  Acknowledgement: z.string().transform(clean).catch(""),
});

/** The ring that a topic is a slot of: `<anything>/<device>/TcIotCommunicator/Messages/<1…255>`; `null` for any other topic. */
export function ringBufferOf(topic: string): RingBuffer | null {
  const { topic: ring, device, number } = SLOT_TOPIC.exec(topic)?.groups ?? {};
  if (ring === undefined || device === undefined || Number(number) > SLOTS) return null;
  return { topic: ring, device: shorten(clean(device), MAX_DEVICE) || null };
}

/**
 * Reads what is published in a slot. Never throws: what is no message is read as any other message is, and what is not a JSON object, or
 * nothing at all, says that the slot is empty.
 *
 * `Type` decides the severity if it names one. `Default` and none leave it to the text, as for plain text: a warning, unless its first
 * word says otherwise. A message says that something happened, not that it lasts, so `state` is `null`; only an empty slot says
 * "cleared".
 * @param clock what the PLC's clock shows
 * @param own a site's own words for severities
 */
export function decodeTwincat(
  text: string,
  ring: RingBuffer,
  clock: PlantClock,
  own: SeverityWords = new Map(),
): SlotMessage {
  const content = parse(text);
  if (content === null) return inSlot({ ...decodeText("[info] Removed at the plant"), state: "cleared" }, ring, null);
  const message = isObject(content.value) ? schema.safeParse(content.value) : null;
  if (!message?.success) return inSlot(decodeOther(content, text, clock, own), ring, text);

  const { Message, Timestamp, Type, Acknowledgement } = message.data;
  const reading = decodeText(Message, own);
  const occurredAt = WITH_SECONDS.test(Timestamp) ? instantOf(Timestamp, clock) : null;
  return inSlot(
    { ...standing(reading, Message), ...severityOfType(Type, reading, own), occurredAt },
    ring,
    // Who writes it again may have left out what fills the PLC's buffer.
    JSON.stringify([clean(Timestamp), clean(Message)]),
    { isTimed: occurredAt !== null, acknowledgedBy: Acknowledgement === "" ? null : acknowledger(Acknowledgement) },
  );
}

/** Two messages of one minute may be two. */
const WITH_SECONDS = /:\d\d:\d\d/;

/** A type that is not known counts as an error and is named, unless the text says how bad it is. */
function severityOfType(
  type: string,
  reading: ReadMessage,
  own: SeverityWords,
): Pick<ReadMessage, "severity" | "remark"> {
  const severity = severitySaid(type, own);
  const isKnown = severity !== null || /^\s*(?:default)?\s*$/i.test(type);
  if (isKnown) return { severity: severity ?? reading.severity, remark: null };
  const remark = `Type “${shorten(clean(type).replace(/\s+/g, " "), MAX_TYPE)}” is not known, so it counts as error.`;
  return { severity: worstOf([reading.severity, "error"]) ?? "error", remark };
}

/** What TwinCAT did not write. It is the message of the slot, which only an empty slot ends. */
function decodeOther(
  { value, isExact }: LenientJson,
  text: string,
  clock: PlantClock,
  own: SeverityWords,
): ReadMessage {
  const reading =
    isObject(value) && Object.keys(value).length > 0
      ? { ...decodeJson(value, { text, isExact }, clock, own), state: null }
      : standing(decodeText(text, own), text);
  return { ...reading, occurredAt: null, id: null };
}

/** What stands in a slot is there, whatever it says: only an empty slot ends it. */
const standing = (reading: ReadMessage, text: string): ReadMessage =>
  reading.state === null ? reading : { ...reading, message: clean(text), state: null, name: null };

/**
 * Puts a reading in its slot.
 * @param content what tells it from others that may stand there; `null`: nothing does any more
 * @param about what else is known of the message
 */
export function inSlot(
  reading: ReadMessage,
  ring: RingBuffer,
  content: string | Uint8Array | null,
  about: Pick<Slot, "isTimed" | "acknowledgedBy"> = { isTimed: false, acknowledgedBy: null },
): SlotMessage {
  const messageKey = content === null ? null : hash("sha256", content, "base64url");
  return { ...reading, source: ring.device, slot: { ringBuffer: ring.topic, messageKey, ...about } };
}

/** What stands in a slot: an object, or a text that is not JSON; `null` if the slot is empty. */
function parse(text: string): LenientJson | null {
  if (text.trim() === "") return null;
  const content = readJson(text);
  if (content === null) return EMPTY_JSON.test(text) ? null : { value: text, isExact: false };
  return isObject(content.value) ? content : null;
}

/** What JSON is besides objects, arrays, and texts: a slot with such is empty as well. */
const EMPTY_JSON = /^\s*(?:-?\d+(?:\.\d+)?|true|false)\s*$/;

/** The app tells what was written, not who wrote it: nobody that a chat knows. */
const acknowledger = (words: string): Person => ({ userId: 0, name: acknowledgerName(words) });

/** What cards call somebody who acknowledged at the plant, by the words that stand in the slot. */
export const acknowledgerName = (words: string): string =>
  `IoT Communicator: “${shorten(words.replace(/\s+/g, " "), MAX_ACKNOWLEDGEMENT)}”`;
