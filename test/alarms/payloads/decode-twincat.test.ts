import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import { decodeTwincat, inSlot, ringBufferOf, type SlotMessage } from "../../../src/alarms/payloads/decode-twincat.ts";
import { withoutMeasured } from "../../../src/alarms/payloads/measured.ts";
import { NOW } from "../../support/alarms.ts";

const TOPIC = "plants/Building 12.3/TcIotCommunicator/Messages/7";
/** A wire object as `SendMessageEx` publishes it. */
const WIRE = { Timestamp: "2026-11-22T07:15:06.176", Message: "Coil 82.1 °C", Type: "Error" };

function ringAt(topic: string): NonNullable<ReturnType<typeof ringBufferOf>> {
  const ring = ringBufferOf(topic);
  if (ring === null) throw new Error(`${topic} is no slot`);
  return ring;
}

function read(payload: string | object, more: { topic?: string; timeZone?: string; at?: number } = {}): SlotMessage {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const { topic = TOPIC, timeZone = "UTC", at = NOW } = more;
  return decodeTwincat(text, ringAt(topic), { timeZone, receivedAt: at });
}

describe("the topic of a slot", () => {
  it.each([
    [TOPIC, "Building 12.3", "plants/Building 12.3/TcIotCommunicator/Messages"],
    ["a/b/c/AMB/TcIotCommunicator/Messages/1", "AMB", "a/b/c/AMB/TcIotCommunicator/Messages"],
    ["//AMB/TcIotCommunicator/Messages/255", "AMB", "//AMB/TcIotCommunicator/Messages"],
    ["p/Halle\u202E\n2/TcIotCommunicator/Messages/1", "Halle \n2", "p/Halle\u202E\n2/TcIotCommunicator/Messages"],
    ["p/ /TcIotCommunicator/Messages/1", null, "p/ /TcIotCommunicator/Messages"],
  ])("%j names the device %j", (topic, device, ring) => {
    expect(ringBufferOf(topic)).toEqual({ topic: ring, device });
  });

  it.each([
    "p/AMB/TcIotCommunicator/Messages/0",
    "p/AMB/TcIotCommunicator/Messages/256",
    "p/AMB/TcIotCommunicator/Messages/01",
    "p/AMB/TcIotCommunicator/Messages/1/ack",
    "p/AMB/TcIotCommunicator/Messages",
    "p/AMB/TcIotCommunicator/Json/Tx/Data",
    "p/AMB/XTcIotCommunicator/Messages/1",
    "p//TcIotCommunicator/Messages/1",
    "TcIotCommunicator/Messages/1",
  ])("%j is none", (topic) => expect(ringBufferOf(topic)).toBeNull());

  it("shortens a device name that is none", () => {
    expect(ringAt(`${"d".repeat(5_000)}/TcIotCommunicator/Messages/1`).device?.length).toBeLessThan(240);
  });
});

describe("a message", () => {
  it("is read like plain text, with its device and its time", () => {
    expect(read(WIRE)).toMatchObject({
      message: "Coil 82.1 °C",
      severity: "error",
      source: "Building 12.3",
      state: null,
      value: 82.1,
      unit: "°C",
      id: null,
      occurredAt: Date.UTC(2026, 10, 22, 7, 15, 6, 176),
      slot: { ringBuffer: "plants/Building 12.3/TcIotCommunicator/Messages", isTimed: true, acknowledgedBy: null },
    });
  });

  it.each([
    ["Info", "Coil warm", "info"],
    ["Warning", "Coil warm", "warning"],
    ["Error", "Coil warm", "error"],
    ["Critical", "Coil warm", "critical"],
    ["Default", "Coil warm", "warning"],
    [undefined, "Coil warm", "warning"],
    ["Maintenance", "Coil warm", "error"],
    ["constructor", "Coil warm", "error"],
    ["Maintenance", "CRITICAL: Coil warm", "critical"],
    ["MAJOR", "Coil warm", "error"],
    [3, "Coil warm", "error"],
    // SendMessage cannot tell a type, so programmers write it into the text.
    [undefined, "CRITICAL: Coil warm", "critical"],
    ["Default", "[info] Coil warm", "info"],
    ["Error", "[info] Coil warm", "error"],
  ])("of type %j that says %j is %s", (Type, Message, severity) => {
    expect(read({ ...WIRE, Type, Message })).toMatchObject({ severity, message: "Coil warm" });
  });

  it("names a type that nobody knows, unless it is a site's own", () => {
    expect(read({ ...WIRE, Type: "Wartung" }).remark).toBe("Type “Wartung” is not known, so it counts as error.");
    const own = new Map([["wartung", "info" as const]]);
    const clock = { timeZone: "UTC", receivedAt: NOW };
    expect(decodeTwincat(JSON.stringify({ ...WIRE, Type: "Wartung" }), ringAt(TOPIC), clock, own)).toMatchObject({
      severity: "info",
      remark: null,
    });
  });

  it("is shown safely, whatever its text", () => {
    expect(read({ ...WIRE, Message: "a\u0000b\u202Ec" }).message).toBe("a b c");
    expect(read('{"Message":"a\\ud800b"}').message).toBe("a\uFFFDb");
    expect(read({ Message: "" }).message).toBe("(no text)");
    expect(read({ Message: 42 }).message).toBe("42");
  });

  it("is the same text in another slot and with another value, for the name of its alarm", () => {
    const other = read({ ...WIRE, Message: "Coil 91.7 °C" }, { topic: TOPIC.replace("/7", "/8") });
    expect(withoutMeasured(other.message)).toBe(withoutMeasured(read(WIRE).message));
    expect(other.slot.ringBuffer).toBe(read(WIRE).slot.ringBuffer);
  });
});

describe("the time of a message", () => {
  const at = (Timestamp: unknown, timeZone = "UTC", receivedAt = NOW) => {
    const { occurredAt, slot } = read({ ...WIRE, Timestamp }, { timeZone, at: receivedAt });
    expect(slot.isTimed).toBe(occurredAt !== null);
    return occurredAt === null ? null : new Date(occurredAt).toISOString();
  };

  it.each([
    ["2026-11-22T07:15:06.176", "2026-11-22T05:15:06.176Z"],
    ["2026-07-22T07:15:06.176", "2026-07-22T04:15:06.176Z"],
    ["2026-11-22 07:15:06", "2026-11-22T05:15:06.000Z"],
    ["2026-11-22T07:15:06.1", "2026-11-22T05:15:06.100Z"],
    ["2026-11-22T07:15:06.123456", "2026-11-22T05:15:06.123Z"],
    ["2026-11-22T07:15:06,123999999", "2026-11-22T05:15:06.123Z"],
    ["2026-11-22T07:15:06Z", "2026-11-22T07:15:06.000Z"],
    ["2026-11-22 07:15:06 UTC", "2026-11-22T07:15:06.000Z"],
    ["2026-11-22T07:15:06.5+05:30", "2026-11-22T01:45:06.500Z"],
    ["2026-11-22 07:15:06 -0800", "2026-11-22T15:15:06.000Z"],
  ])("%j in Helsinki", (text, expected) => expect(at(text, "Europe/Helsinki")).toBe(expected));

  it.each([
    ["nothing", undefined],
    ["words", "yesterday"],
    ["a day", "2026-11-22"],
    ["no seconds", "2026-11-22T07:15"],
    ["30 February", "2026-02-30T07:15:06"],
    ["hour 24", "2026-11-22T24:00:00"],
    ["second 60", "2026-11-22T07:15:60"],
    ["an impossible zone", "2026-11-22T07:15:06+99:99"],
    ["a name of a zone", "2026-11-22T07:15:06 EET"],
    ["a clock that was never set", "1970-01-01T00:00:05.000"],
    ["EtherCAT's zero", "2000-01-01T00:00:00.000"],
  ])("is none for %s", (_, timestamp) => expect(at(timestamp)).toBeNull());

  it("in the hour that summer time skips is none", () => {
    expect(at("2026-03-29T03:30:00", "Europe/Helsinki")).toBeNull();
    expect(at("2026-03-29T04:00:00", "Europe/Helsinki")).toBe("2026-03-29T01:00:00.000Z");
  });

  it("in the hour that comes twice is the one in which it was received", () => {
    const received = (time: string) => at("2026-10-25T03:30:00", "Europe/Helsinki", Date.parse(time));
    expect(received("2026-10-25T00:30:01Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(received("2026-10-25T01:30:01Z")).toBe("2026-10-25T01:30:00.000Z");
  });

  it("is the one that the PLC's clock shows, on every minute of a year with two changes of the clocks", () => {
    const zone = "America/St_Johns";
    const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    const minutes = fc.integer({ min: Date.UTC(2026, 0) / 60_000, max: Date.UTC(2027, 0) / 60_000 });
    fc.assert(
      fc.property(minutes, (minute) => {
        const instant = minute * 60_000;
        expect(at(clock.format(instant), zone, instant + 1_000)).toBe(new Date(instant).toISOString());
      }),
    );
  });
});

describe("an empty slot", () => {
  it.each(["", "  \n", '""', "null", '"x"', "42", "true", "[]", '[{"Message":"x"}]'])("%j is one", (payload) => {
    const { state, source, occurredAt, slot } = read(payload);
    expect({ state, source, occurredAt }).toEqual({ state: "cleared", source: "Building 12.3", occurredAt: null });
    expect(slot).toEqual({ ringBuffer: ringAt(TOPIC).topic, messageKey: null, isTimed: false, acknowledgedBy: null });
  });
});

describe("what is no message of TwinCAT's is read as any other", () => {
  it.each([
    ['{"Message":"Coil', "Coil"],
    ["{}", "{}"],
    ['{"message":"Coil warm"}', "Coil warm"],
    ['{"message":"Coil warm","state":"cleared"}', "Coil warm"],
    ['{"Message":null}', '{"Message":null}'],
    ['{"Message":{}}', '{"Message":{}}'],
    ["Coil warm", "Coil warm"],
    ["Cleared: Coil warm", "Cleared: Coil warm"],
    ["Offline", "Offline"],
  ])("%s", (payload, message) => {
    expect(read(payload)).toMatchObject({
      message,
      severity: "warning",
      source: "Building 12.3",
      state: null,
      occurredAt: null,
      slot: { messageKey: expect.any(String), isTimed: false },
    });
  });
});

describe("copies of one message in a slot", () => {
  const key = (payload: string | object) => read(payload).slot.messageKey;

  it("share a key, acknowledged or not, whatever else changes", () => {
    expect(key({ ...WIRE, sent: false, Acknowledgement: "Seen" })).toBe(key(WIRE));
    expect(key({ Type: "Error", Message: WIRE.Message, Timestamp: WIRE.Timestamp })).toBe(key(WIRE));
  });

  it("share a key whoever wrote them: the PLC into a longer buffer in its code page, another program in UTF-8", () => {
    const bytesKey = (payload: Buffer) =>
      decode({ topic: TOPIC, payload, isRetained: false, receivedAt: NOW })[0].slot?.messageKey;
    const json = JSON.stringify(WIRE);
    expect(bytesKey(Buffer.concat([Buffer.from(json, "latin1"), Buffer.alloc(200)]))).toBe(key(WIRE));
    expect(bytesKey(Buffer.from(json.replace('C"', 'C\0\0"')))).toBe(key(WIRE));
    expect(key({ ...WIRE, Message: `${WIRE.Message}\0\0` })).toBe(key(WIRE));
    expect(key(json.replace("°", "\\u00b0"))).toBe(key(WIRE));
  });

  it("do not share it with another message", () => {
    expect(key({ ...WIRE, Timestamp: "2026-11-22T07:15:06.177" })).not.toBe(key(WIRE));
    expect(key({ ...WIRE, Message: "Coil 82.2 °C" })).not.toBe(key(WIRE));
    expect(key({ Timestamp: "a", Message: "b" })).not.toBe(key({ Timestamp: "", Message: "ab" }));
    expect(key('{"Mess')).not.toBe(key('{"Mes'));
  });

  it("are known by their bytes when they cannot be read at all", () => {
    const reading = read(WIRE);
    const unreadable = (...bytes: number[]) => inSlot(reading, ringAt(TOPIC), Uint8Array.from(bytes)).slot;
    expect(unreadable(0xff, 1)).toEqual(unreadable(0xff, 1));
    expect(unreadable(0xff, 1)).not.toEqual(unreadable(0xff, 2));
    expect(unreadable(0xff, 1)).toMatchObject({ isTimed: false, acknowledgedBy: null });
  });
});

describe("an acknowledgement at the plant", () => {
  const by = (Acknowledgement: unknown) =>
    read({ ...WIRE, sent: false, Acknowledgement }).slot.acknowledgedBy?.name ?? null;

  it("is told with what was written, safe and on one line", () => {
    expect(by("Valve replaced")).toBe("IoT Communicator: “Valve replaced”");
    expect(by(" Valve\u202E\nreplaced ")).toBe("IoT Communicator: “Valve replaced”");
    expect(by("x".repeat(1_000))?.length).toBeLessThan(120);
  });

  it.each([[undefined], [null], [""], [" "], [true], [7]])("%j is none", (value) => expect(by(value)).toBeNull());
});

it("never throws, whatever is published in a slot, and always has something to show", () => {
  const wire = fc.record(
    {
      Timestamp: fc.oneof(
        fc.string(),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        fc.anything(),
      ),
      Message: fc.oneof(fc.string({ unit: "binary" }), fc.anything()),
      Type: fc.oneof(fc.constantFrom("Default", "Info", "Critical"), fc.anything()),
      Acknowledgement: fc.oneof(fc.string(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder().decode(bytes)),
    fc.string({ unit: "binary" }),
    fc.json(),
    wire.map((value) => fc.stringify(value)),
    wire.map((value) => JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? null : member))),
  );
  fc.assert(
    fc.property(payload, fc.constantFrom("UTC", "Europe/Helsinki", "Nowhere/At_All"), (text, timeZone) => {
      const { message, occurredAt, state, slot } = read(text, { timeZone });
      expect(message.length).toBeGreaterThan(0);
      expect(message.isWellFormed()).toBe(true);
      expect(message).not.toContain("\0");
      expect(occurredAt === null || Number.isInteger(occurredAt)).toBe(true);
      expect(slot.messageKey === null).toBe(state === "cleared");
    }),
    { numRuns: 2_000 },
  );
});
