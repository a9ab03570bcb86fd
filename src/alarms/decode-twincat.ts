import { hash } from "node:crypto";
import { z } from "zod";
import { instantsOf } from "../wall-clock.ts";
import { decodeText } from "./decode-text.ts";
import { severityOf } from "./severity.ts";
import { clean, shorten } from "./text.ts";
import type { Person, Reading, Slot } from "./types.ts";

/**
 * Beckhoff's TwinCAT IoT Communicator (TF6730) keeps the newest 255 messages of a device in a ring of slots. Each slot is a
 * topic with one retained message, where anybody may acknowledge or remove it. The wire level is not published by Beckhoff;
 * this is what other programs that speak it agree on.
 */

/** A device's ring of slots, as the topic of one slot names it. */
interface Ring {
  /** The topic of all its slots, without the slot's number: one for each device. */
  readonly topic: string;
  /** The device's name, safe to show; `null` if nothing of it can be shown. */
  readonly device: string | null;
}

/** A reading of a slot; see `Slot`. */
export interface SlotReading extends Reading {
  readonly slot: Slot;
}

const SLOT_TOPIC = /^(?<topic>(?:.*\/)?(?<device>[^/]+)\/TcIotCommunicator\/Messages)\/(?<number>[1-9]\d{0,2})$/s;
const SLOTS = 255;
/** Far more than device names have, and than fits beside a card's time. */
const MAX_DEVICE = 200;
const MAX_ACKNOWLEDGEMENT = 60;

/** What a PLC writes; `Type` is absent for `SendMessage`, and any text with `SendMessageEx`. */
const schema = z.object({
  Message: z.union([z.string(), z.number()]).transform(String),
  Timestamp: z.string().catch(""),
  Type: z.string().catch(""),
  Acknowledgement: z.string().transform(clean).catch(""),
});

/** The ring that a topic is a slot of: `<anything>/<device>/TcIotCommunicator/Messages/<1…255>`; `null` for any other topic. */
export function ringOf(topic: string): Ring | null {
  const { topic: ring, device, number } = SLOT_TOPIC.exec(topic)?.groups ?? {};
  if (ring === undefined || device === undefined || Number(number) > SLOTS) return null;
  return { topic: ring, device: shorten(clean(device), MAX_DEVICE) || null };
}

/**
 * Reads what is published in a slot. Never throws: what is no message is shown as it is, and what is no JSON object, or
 * nothing at all, says that the slot is empty.
 *
 * `Type` decides the severity if it names one. `Default`, none and unknown ones leave it to the text, as for plain text: a
 * warning, unless its first word says otherwise. A message says that something happened, not that it lasts, so `state` is
 * `null`; only an empty slot says "cleared".
 * @param when.timeZone IANA name: what the PLC's clock shows, if its timestamps do not say
 * @param when.receivedAt epoch ms: tells the two hours apart that a clock shows alike when summer time ends
 */
export function decodeTwincat(
  text: string,
  ring: Ring,
  when: { readonly timeZone: string; readonly receivedAt: number },
): SlotReading {
  const content = parse(text);
  if (content === null) return inSlot({ ...decodeText("[info] Removed at the plant"), state: "cleared" }, ring, null);
  const message = schema.safeParse(content);
  if (!message.success) return inSlot(decodeText(text), ring, text);

  const { Message, Timestamp, Type, Acknowledgement } = message.data;
  const reading = decodeText(Message);
  const occurredAt = parseTimestamp(Timestamp, when);
  return inSlot(
    { ...reading, severity: severityOf(Type) ?? reading.severity, occurredAt },
    ring,
    JSON.stringify([Timestamp, Message]),
    { isTimed: occurredAt !== null, acknowledgedBy: Acknowledgement === "" ? null : acknowledger(Acknowledgement) },
  );
}

/**
 * Puts a reading in its slot.
 * @param content what tells it from others that may stand there; `null`: nothing does any more
 * @param about what else is known of the message
 */
export function inSlot(
  reading: Reading,
  ring: Ring,
  content: string | Uint8Array | null,
  about: Pick<Slot, "isTimed" | "acknowledgedBy"> = { isTimed: false, acknowledgedBy: null },
): SlotReading {
  const messageKey = content === null ? null : hash("sha256", content, "base64url");
  return { ...reading, source: ring.device, slot: { ring: ring.topic, messageKey, ...about } };
}

/** The JSON object in a slot, `null` if the slot is empty, or the text itself if it is no JSON. */
function parse(text: string): object | string | null {
  if (text.trim() === "") return null;
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === "object" && !Array.isArray(content) ? content : null;
  } catch {
    return text;
  }
}

/** The app tells what was written, not who wrote it: nobody that a chat knows. */
const acknowledger = (words: string): Person => ({
  userId: 0,
  name: `IoT Communicator: “${shorten(words.replace(/\s+/g, " "), MAX_ACKNOWLEDGEMENT)}”`,
});

const TIMESTAMP =
  /^(?<day>\d{4}-\d\d-\d\d)[T ](?<clock>\d\d:\d\d:\d\d)(?:[.,](?<fraction>\d+))?\s?(?<zone>Z|UTC|[+-][01]\d:?[0-5]\d)?$/;
/** A clock that was never set starts in 1601, in 1970, or in 2000 as EtherCAT's does. */
const FIRST_YEAR = 2001;

/** Epoch ms; `null` for what no clock shows, or only one that was never set. */
function parseTimestamp(text: string, when: { readonly timeZone: string; readonly receivedAt: number }): number | null {
  const { day, clock, fraction, zone } = TIMESTAMP.exec(text.trim())?.groups ?? {};
  if (day === undefined || clock === undefined) return null;
  const shown = `${day}T${clock}.${(fraction ?? "").slice(0, 3).padEnd(3, "0")}`;
  const reading = Date.parse(`${shown}Z`);
  // `Date.parse` takes the 30th of February for the 2nd of March.
  if (Number.isNaN(reading) || new Date(reading).toISOString() !== `${shown}Z`) return null;
  if (new Date(reading).getUTCFullYear() < FIRST_YEAR) return null;
  if (zone !== undefined) return reading - zoneOffsetMs(zone);
  return nearest(instantsOf(reading, when.timeZone), when.receivedAt);
}

function zoneOffsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}

function nearest(instants: readonly number[], at: number): number | null {
  return instants.toSorted((a, b) => Math.abs(a - at) - Math.abs(b - at))[0] ?? null;
}
