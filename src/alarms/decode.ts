import { PayloadError } from "../errors.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeText } from "./decode-text.ts";
import { decodeTwincat, inSlot, ringOf } from "./decode-twincat.ts";
import { alarmKeyOf, dedupeKeyOf } from "./identity.ts";
import { clean, shorten } from "./text.ts";
import { MAX_PAYLOAD_BYTES, type AlarmEvent, type PlantMessage, type Reading } from "./types.ts";

const MAX_AHEAD_MS = 10 * 60_000;
/** How much of an unreadable payload is shown. */
const SHOWN_CHARACTERS = 500;

/**
 * Reads a plant message in whatever form it came: JSON of ours, TwinCAT's, plain text, or anything else, which becomes a
 * plain warning with what could be read. Never throws: an alarm is never dropped for its form.
 * This file and its `decode-*` neighbours are the only ones that know wire formats.
 * @param plcTimeZone IANA name: what the clocks of TwinCAT PLCs show
 */
export function decode(message: PlantMessage, plcTimeZone = "UTC"): AlarmEvent {
  const reading = withCredibleTime(read(message, plcTimeZone), message.receivedAt);
  return {
    ...message,
    ...reading,
    alarmKey: alarmKeyOf(message.topic, reading),
    dedupeKey: dedupeKeyOf(message, reading),
  };
}

/** What is yet to happen cannot be reported: a clock that runs ahead so far is wrong, and ours is shown. */
function withCredibleTime(reading: Reading, receivedAt: number): Reading {
  const isAhead = reading.occurredAt !== null && reading.occurredAt > receivedAt + MAX_AHEAD_MS;
  return isAhead ? { ...reading, occurredAt: null } : reading;
}

function read({ topic, payload, cutFrom, receivedAt }: PlantMessage, plcTimeZone: string): Reading {
  const ring = ringOf(topic);
  const size = cutFrom ?? payload.byteLength;
  try {
    if (size > MAX_PAYLOAD_BYTES) throw new PayloadError(`longer than ${MAX_PAYLOAD_BYTES} bytes`);
    const text = decodeUtf8(payload);
    if (ring) return decodeTwincat(text, ring, { timeZone: plcTimeZone, receivedAt });
    return /^\s*\{/.test(text) ? decodeJson(text) : decodeText(text);
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    const reading = unreadable(payload, size);
    // Of what is cut, the length may be all that tells two messages apart.
    return ring
      ? inSlot(reading, ring, cutFrom === undefined ? payload : Buffer.concat([Buffer.from(`${cutFrom}\n`), payload]))
      : reading;
  }
}

function decodeUtf8(payload: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    throw new PayloadError("not UTF-8");
  }
}

/** @param size how many bytes there were, more than in `payload` if it was cut */
function unreadable(payload: Uint8Array, size: number): Reading {
  const head = clean(new TextDecoder().decode(payload.subarray(0, 4 * SHOWN_CHARACTERS)));
  const shown = head.length > SHOWN_CHARACTERS ? shorten(head, SHOWN_CHARACTERS).replace(/ \(\+.*/, "") : head;
  const rest = size > SHOWN_CHARACTERS ? ` (${size} bytes in all)` : "";
  return decodeText(shown === "" ? `Unreadable message of ${size} bytes` : `${shown}${rest}`);
}
