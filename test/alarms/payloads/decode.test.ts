import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import { eventOf, NOW, TOPIC } from "../../support/alarms.ts";

const raw = (payload: Uint8Array) => decode({ topic: TOPIC, payload, isRetained: false, receivedAt: NOW })[0];

describe("JSON of ours", () => {
  it("reads every member", () => {
    const event = eventOf({
      message: "Coil too hot",
      severity: "critical",
      source: "AMB 1",
      state: "active",
      value: 82.1,
      unit: "°C",
      limit: 80,
      field: 1,
      timestamp: "2026-11-22T14:03:07.250+02:00",
      id: "coil-hot",
      extra: "kept in the payload",
    });
    expect(event).toMatchObject({
      message: "Coil too hot",
      severity: "critical",
      source: "AMB 1",
      state: "active",
      value: 82.1,
      unit: "°C",
      limit: 80,
      field: 1,
      occurredAt: Date.UTC(2026, 10, 22, 12, 3, 7, 250),
      id: "coil-hot",
    });
    expect(Buffer.from(event.payload).toString()).toContain("kept in the payload");
  });

  it("takes text for message and needs nothing else", () => {
    expect(eventOf({ text: "Pump 3 stopped" })).toMatchObject({
      message: "Pump 3 stopped",
      severity: "warning",
      source: null,
      state: null,
      value: null,
      occurredAt: null,
    });
  });

  it.each([
    ["epoch seconds", 1_763_813_000, 1_763_813_000_000],
    ["epoch milliseconds", 1_763_813_000_123, 1_763_813_000_123],
    ["epoch as text", "1763813000", 1_763_813_000_000],
    ["ISO in UTC", "2026-11-22T12:00:00Z", Date.UTC(2026, 10, 22, 12)],
    ["ISO without offset, which is UTC", "2026-11-22 12:00:00", Date.UTC(2026, 10, 22, 12)],
    ["a day, which is no instant", "2026-11-22", null],
    ["what is yet to come", "2026-11-23T00:11:00Z", null],
    ["a clock a little ahead", "2026-11-23T00:09:00Z", NOW + 540_000],
    ["words", "yesterday", null],
    ["the impossible", "2026-13-45T99:00:00Z", null],
    ["a negative number", -5, null],
  ])("reads a timestamp given as %s", (_, timestamp, expected) => {
    expect(eventOf({ message: "x", timestamp }).occurredAt).toBe(expected);
  });

  it("shortens names and units that are none", () => {
    const { source, unit } = eventOf({ message: "x", source: "s".repeat(5_000), unit: "u".repeat(5_000) });
    expect({ source, unit }).toEqual({
      source: `${"s".repeat(200)}… (+4800 characters)`,
      unit: `${"u".repeat(20)}… (+4980 characters)`,
    });
  });

  it("keeps a warning whose members have wrong types, without them", () => {
    expect(
      eventOf({
        message: "x",
        severity: {},
        value: "hot",
        limit: {},
        field: 99,
        state: "maybe",
        unit: ["°C"],
        id: null,
      }),
    ).toMatchObject({
      message: "x",
      // What says how bad it is and is not understood is not taken for the milder.
      severity: "error",
      value: null,
      limit: null,
      field: null,
      state: "unclear",
      unit: null,
      remark: "Severity “{}” is not known, so it counts as error. State “maybe” is not known. Value “hot”.",
    });
  });

  it.each([
    ["warn", "warning"],
    ["CRIT", "critical"],
    ["Information", "info"],
    ["constructor", "error"],
  ])("reads severity %s as %s", (severity, expected) => {
    expect(eventOf({ message: "x", severity }).severity).toBe(expected);
  });

  it("reads a number given as text, also with a decimal comma", () => {
    expect(eventOf({ message: "x", value: "82,5", limit: " 80 " })).toMatchObject({ value: 82.5, limit: 80 });
  });
});

describe("plain text", () => {
  it.each([
    ["CRITICAL: rotor touches", "critical", "rotor touches"],
    ["[warn] coil warm", "warning", "coil warm"],
    ["(Error) no current", "error", "no current"],
    ["info - run-up done", "info", "run-up done"],
    ["Attention: coil warm", "warning", "Attention: coil warm"],
    ["errors happened", "warning", "errors happened"],
  ])("reads %s", (text, severity, message) => {
    expect(eventOf(text)).toMatchObject({ severity, message });
  });

  it("takes the first measured value", () => {
    expect(eventOf("Coil 82,1 °C, limit 80 °C")).toMatchObject({ value: 82.1, unit: "°C" });
  });
});

describe("a TwinCAT IoT Communicator message", () => {
  const topic = "plants/AMB/TcIotCommunicator/Messages/7";
  const slot = (payload: Uint8Array, zone?: string) =>
    decode({ topic, payload, isRetained: false, receivedAt: NOW }, zone === undefined ? {} : { plcTimeZone: zone })[0];

  it("is read by its topic, in the zone of the PLC's clock", () => {
    const payload = Buffer.from('{"Timestamp":"2026-11-22T07:15:06.176","Message":"Coil hot","Type":"Error"}');
    const event = slot(payload, "Europe/Helsinki");
    expect(event).toMatchObject({ message: "Coil hot", severity: "error", source: "AMB" });
    expect(event.occurredAt).toBe(Date.UTC(2026, 10, 22, 5, 15, 6, 176));
    expect(slot(payload).occurredAt).toBe(Date.UTC(2026, 10, 22, 7, 15, 6, 176));
  });

  it("that cannot be read stands in its slot all the same", () => {
    expect(slot(Uint8Array.of(72, 105, 255))).toMatchObject({ message: "Hiÿ", source: "AMB", state: null });
    expect(slot(Buffer.from(`{"Message":"${"x".repeat(100_000)}"}`)).slot?.messageKey).toEqual(expect.any(String));
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
        expect(slot(payload).message.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("anything else is shown as a plain warning", () => {
  it.each([
    ["broken JSON", Buffer.from('{"message": "x"'), "x"],
    ["bytes that are not UTF-8", Buffer.from([0x48, 0x69, 0xff, 0xfe]), "Hiÿþ"],
    ["only control characters", Buffer.from([1, 6, 5]), "Binary, 3 bytes: no text can be read"],
    ["JSON that holds nothing", Buffer.from("{}"), "{}"],
    ["an empty list", Buffer.from("[]"), "[]"],
  ])("%s", (_, payload, message) => {
    expect(raw(payload)).toMatchObject({ message, severity: "warning", state: null });
  });

  it("over 64 KiB: its beginning and its size", () => {
    const { message } = raw(Buffer.from(`boom ${"x".repeat(100_000)}`));
    expect(message).toMatch(/^boom x+… \(100005 bytes in all\)$/);
    expect(message.length).toBeLessThan(600);
  });

  it("removes control characters and characters that reorder text, and mends lone surrogates", () => {
    expect(eventOf({ message: "a\u0000b\u202Ec\nd" }).message).toBe("a b c\nd");
    expect(eventOf('{"message":"a\\ud800b"}').message).toBe("a\uFFFDb");
  });

  it("never throws, and always has something to show", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.oneof(fc.json(), fc.string()).map((text) => Buffer.from(text)),
        ),
        (payload) => {
          const event = raw(payload);
          expect(event.message.length).toBeGreaterThan(0);
          expect(event.message.isWellFormed()).toBe(true);
          expect(event.message).not.toContain("\0");
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
