import * as fc from "fast-check";
import { generate, parser, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { MAX_PAYLOAD_BYTES } from "../../src/alarms/plant-message.ts";
import { createSieve, payloadOf } from "../../src/mqtt/sieve.ts";
import { messageOf } from "../mqtt/crude-broker.ts";
import { check, inTime } from "./cases.ts";

const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(200) },
  fc.integer({ min: MAX_PAYLOAD_BYTES - 3, max: MAX_PAYLOAD_BYTES + 3 }),
  fc.integer({ min: 0, max: 200_000 }),
);
const packet = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      topic: fc.string({ minLength: 1, maxLength: 300 }),
      size,
      messageId: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    }),
  },
  fc.constantFrom<Packet>(
    { cmd: "pingresp" },
    { cmd: "puback", messageId: 7 },
    { cmd: "suback", messageId: 9, granted: [1, 0, 128] },
  ),
);

/** Puts bytes through a sieve, in pieces; tells what comes out, and what it says. */
function sieve(bytes: Buffer, pieces: readonly number[]) {
  const [out, endless]: [Buffer[], number[]] = [[], []];
  const sifting = createSieve((length) => endless.push(length));
  sifting.on("data", (part: Buffer) => out.push(part));
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = at + (pieces[i % pieces.length] ?? 1);
    sifting.write(bytes.subarray(at, end));
    at = end;
  }
  // Whoever pipes from it reads all at once, too.
  for (let rest = sifting.read() as Buffer | null; rest; rest = sifting.read() as Buffer | null) out.push(rest);
  return { out: Buffer.concat(out), endless };
}

function parse(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on("packet", (one: Packet) => packets.push(one));
  reader.parse(bytes);
  return packets;
}

describe("what comes from a broker", () => {
  const pieces = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 70_000 })), {
    minLength: 1,
    maxLength: 8,
  });

  it("comes out of the sieve as it was, but for payloads that are too long, however it is cut into pieces", () => {
    check(fc.tuple(fc.array(packet, { maxLength: 8 }), pieces), ([packets, pieces]) => {
      const encoded = packets.map((one) =>
        "cmd" in one ? generate(one) : messageOf(one.topic, Buffer.alloc(one.size, "x"), one.messageId),
      );
      // One byte at a time is for what is short.
      const steps = Buffer.concat(encoded).length > 20_000 ? [...pieces, 70_000] : pieces;
      const { out, endless } = sieve(Buffer.concat(encoded), steps);
      const expected = encoded.map((bytes) => parse(bytes)[0]);
      const actual = parse(out);
      expect(actual.length).toBe(expected.length);
      for (const [i, one] of actual.entries()) {
        const given = expected[i];
        if (one.cmd !== "publish" || given?.cmd !== "publish") expect({ ...one }).toEqual({ ...given });
        else {
          expect([one.topic, one.messageId, one.qos]).toEqual([given.topic, given.messageId, given.qos]);
          const { payload, cutFrom } = payloadOf(one);
          expect(cutFrom ?? payload.byteLength).toBe(given.payload.length);
          expect(Buffer.compare(payload, Buffer.from(given.payload).subarray(0, MAX_PAYLOAD_BYTES))).toBe(0);
        }
      }
      expect(endless).toEqual([]);
    });
  });

  it("may be anything at all: nothing is thrown, and nothing grows", () => {
    const header = fc
      .tuple(fc.nat(255), fc.array(fc.nat(255), { maxLength: 8 }))
      .map(([first, rest]) => Buffer.from([first, ...rest]));
    const rubbish = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      header,
    );
    check(fc.tuple(fc.array(rubbish, { maxLength: 5 }), pieces), ([parts, pieces]) => {
      const bytes = Buffer.concat(parts);
      const { out } = inTime(() => sieve(bytes, pieces));
      expect(out.length).toBeLessThanOrEqual(bytes.length + 5);
    });
  });
});
