import { Transform, type Duplex, type TransformCallback } from "node:stream";
import { MAX_PAYLOAD_BYTES, type PlantMessage } from "../alarms/plant-message.ts";

/**
 * MQTT lets a message have 256 MB, which mqtt.js would keep in memory until all of it is there. Here it is cut on its way, so that
 * such a message, which the broker would send again and again, keeps no other from coming. See MQTT 3.1.1, 2.2 and 3.3.
 */

/** Behind what is left of a payload stands how long it was. */
const LENGTH_BYTES = 4;
/** Far more than any other packet from a broker needs. */
const MAX_OTHER_BYTES = 1_000_000;
const PUBLISH = 3;

/** Reads a payload that came through a sieve with the same `maxBytes`. */
export function payloadOf(
  packet: { readonly payload: Buffer | string },
  maxBytes = MAX_PAYLOAD_BYTES,
): Pick<PlantMessage, "payload" | "cutFrom"> {
  const sifted = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
  if (sifted.length <= maxBytes) return { payload: sifted };
  return { payload: sifted.subarray(0, maxBytes), cutFrom: sifted.readUInt32BE(maxBytes) };
}

/**
 * Puts a sieve before whoever reads from a connection.
 * @param onEndless it announces so many bytes that are no message; nothing more comes through
 */
export function sieved<T extends Duplex>(stream: T, onEndless: (bytes: number) => void, maxBytes?: number): T {
  const pipe = stream.pipe.bind(stream);
  stream.pipe = (reader) => pipe(createSieve(onEndless, maxBytes)).pipe(reader);
  return stream;
}

/** The sieve itself: what a broker sends goes in, and comes out with each payload no longer than is kept of it. */
export function createSieve(onEndless: (bytes: number) => void, maxBytes = MAX_PAYLOAD_BYTES): Transform {
  /** The bytes of a header that has not come whole yet. */
  let begun: Buffer = Buffer.alloc(0);
  /** How many bytes are to be handed on, what is put in behind them, and how many are to be dropped, until the next header. */
  let passing = 0;
  let putIn: Buffer | null = null;
  let dropping = 0;

  function transform(this: Transform, chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    let at = 0;
    /** What stands from here on was not handed on yet. */
    let from = 0;
    const handOn = (): void => void (at > from && this.push(bytes.subarray(from, at)));

    for (;;) {
      const passed = Math.min(passing, bytes.length - at);
      passing -= passed;
      at += passed;
      if (passing === 0 && putIn !== null) {
        handOn();
        this.push(putIn);
        putIn = null;
        from = at;
      }
      if (passing === 0 && dropping > 0) {
        const dropped = Math.min(dropping, bytes.length - at);
        dropping -= dropped;
        from = at += dropped;
      }
      if (passing > 0 || dropping > 0) break;
      const header = readHeader(bytes, at, maxBytes);
      if (header === null) break;
      if (header.kind === "endless") return onEndless(header.bytes);
      passing = header.passing;
      if (header.kind === "whole") continue;
      handOn();
      this.push(header.replacement);
      from = at += header.length;
      putIn = Buffer.alloc(LENGTH_BYTES);
      putIn.writeUInt32BE(header.payload);
      dropping = header.payload - maxBytes;
    }
    handOn();
    begun = bytes.subarray(at);
    done();
  }
  return new Transform({ transform });
}

type PacketHeader =
  /** To be handed on with its packet, so many bytes in all; what is no header at all is for the parser to refuse. */
  | { readonly kind: "whole"; readonly passing: number }
  /** Of so many bytes, to be replaced by another one; `passing` more of its packet are handed on. */
  | {
      readonly kind: "cut";
      readonly length: number;
      readonly replacement: Buffer;
      readonly passing: number;
      readonly payload: number;
    }
  | { readonly kind: "endless"; readonly bytes: number };

/** `null`: it has not come whole yet. */
function readHeader(bytes: Buffer, at: number, maxBytes: number): PacketHeader | null {
  let remaining = 0;
  let length = 1;
  for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
    if (shift === 28) return { kind: "whole", passing: Number.POSITIVE_INFINITY };
    const next = bytes[at + length];
    if (next === undefined) return null;
    byte = next;
    remaining += (byte & 0x7f) * 2 ** shift;
    length += 1;
  }
  const whole: PacketHeader = { kind: "whole", passing: length + remaining };
  if (remaining <= maxBytes) return whole;

  const first = bytes[at] ?? 0;
  if (first >> 4 !== PUBLISH) return remaining <= MAX_OTHER_BYTES ? whole : { kind: "endless", bytes: remaining };
  if (bytes.length < at + length + 2) return null;
  const hasId = (first & 0b0110) !== 0;
  const payload = remaining - 2 - bytes.readUInt16BE(at + length) - (hasId ? 2 : 0);
  if (payload <= maxBytes) return whole;
  const passing = remaining - payload + maxBytes;
  const replacement = Buffer.from([first, ...lengthOf(passing + LENGTH_BYTES)]);
  return { kind: "cut", length, replacement, passing, payload };
}

/** A length as MQTT writes it: seven bits a byte, the lowest first. */
function lengthOf(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low | 0x80, ...lengthOf((value - low) / 128)];
}
