import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import type { Severity } from "../../../src/alarms/types.ts";
import { eventOf, NOW, TOPIC } from "../../support/alarms.ts";

const bytes = (payload: Uint8Array) => decode({ topic: TOPIC, payload, isRetained: false, receivedAt: NOW })[0];

describe("binary", () => {
  it("is one alarm a topic, whatever its bytes", () => {
    const [first, second] = [bytes(gzipSync("a")), bytes(gzipSync("something else"))];
    expect(first).toMatchObject({ message: `Binary, ${gzipSync("a").length} bytes: no text can be read`, state: null });
    expect(first.alarmKey).toBe(second.alarmKey);
    const slot = "p/AMB/TcIotCommunicator/Messages/7";
    const inSlot = decode({ topic: slot, payload: gzipSync("a"), isRetained: false, receivedAt: NOW })[0];
    expect(inSlot).toMatchObject({ source: "AMB", slot: { messageKey: expect.any(String) } });
  });
});

describe("severity", () => {
  it.each<[string | object, Severity]>([
    ["ERROR Feeder 3 blocked", "error"],
    ["Error 17 on axis 2", "error"],
    ["WARN\tfan slow", "warning"],
    ["*** CRITICAL *** rotor touches", "critical"],
    ["<ERROR> rotor touches", "error"],
    ["14:03:01.123 [main] ERROR Feeder 3", "error"],
    ["2026-11-25 14:03:01,123 - root - CRITICAL - Feeder 3", "critical"],
    ["[2026-11-25 14:03] [ERROR] Feeder 3", "error"],
    ["EMERG: no oil", "critical"],
    ["Störung: Pumpe 3", "error"],
    ["severity=critical; Pump 3", "critical"],
    ['<alarm sev="critical">Fire</alarm>', "critical"],
    ['{"sev":"critical","message":"Fire"}', "critical"],
    ["<8>all is lost", "critical"],
    [{ message: "x", severity: { name: "critical" } }, "critical"],
    [{ message: "x", severity: ["info", "error"] }, "error"],
    [{ message: "x", severity: "500" }, "error"],
    [{ message: "x", severity: "cleared" }, "warning"],
    [{ message: "x", level: "fatal" }, "critical"],
    [{ message: "x", type: "alarm" }, "error"],
    [{ message: "x", state: "CRITICAL" }, "critical"],
    [{ severity: "info", detail: { severity: "critical" }, message: "x" }, "critical"],
    ['{"severity":"critical","message":"x","severity":"info"}', "critical"],
    ['{"message":"say "stop", he said","severity":"critical"}', "critical"],
  ])("%j is read", (payload, severity) => expect(eventOf(payload).severity).toBe(severity));

  it.each([
    "No error on feeder 3",
    "Feeder 3 without error",
    "errors happened",
    "Critical speed crossed",
    "High temperature",
    "Alarm in hall 2",
    "INFO SYSTEM FAILED",
    "Information about pump 3",
    { message: "x", level: 3.5 },
    { message: "x", level: 3, unit: "m" },
    { message: "Tank at 87 %", level: 87 },
    { message: "x", meta: { severity: "info" } },
    { message: "x", type: "Pump" },
    { message: "x", severity: "" },
    { message: "x", severity: null },
  ])("%j names none, and is a warning", (payload) => expect(eventOf(payload).severity).toBe("warning"));

  it("that nobody knows is named", () => {
    expect(eventOf({ message: "x", severity: "Sev9" }).remark).toBe(
      "Severity “Sev9” is not known, so it counts as error.",
    );
    expect(eventOf({ message: "x", severity: "major" }).remark).toBeNull();
  });

  it("is by a site's own words in JSON and in text", () => {
    const severities = new Map<string, Severity>([
      ["sev1", "critical"],
      ["500", "info"],
    ]);
    const said = (payload: string) =>
      decode({ topic: TOPIC, payload: Buffer.from(payload), isRetained: false, receivedAt: NOW }, { severities })[0]
        .severity;
    expect([
      said('{"message":"x","severity":"SEV1"}'),
      said('{"message":"x","severity":500}'),
      said("Sev1: x"),
    ]).toEqual(["critical", "info", "critical"]);
  });
});

describe("state", () => {
  it.each<[object, string | null]>([
    [{ message: "x", state: "1" }, "active"],
    [{ message: "x", state: 1 }, "active"],
    [{ message: "x", state: 0 }, "cleared"],
    [{ message: "x", State: "Resolved" }, "cleared"],
    [{ message: "x", active: false }, "cleared"],
    [{ message: "x", status: "firing" }, "active"],
    [{ message: "x", status: "ok" }, null],
    [{ message: "x", severity: "cleared" }, "cleared"],
    [{ message: "x", severity: "cleared", state: "active" }, "active"],
    [{ message: "x", state: "" }, null],
    [{ message: "x", valve: { state: "off" } }, null],
    [{ message: "State OK" }, null],
    [{ message: "x", state: "latched" }, "unclear"],
  ])("%j", (payload, state) => expect(eventOf(payload).state).toBe(state));

  it("told twice is over only if both say so", () => {
    expect(eventOf('{"message":"x","state":"active","state":"cleared"}').state).toBe("active");
    expect(eventOf('{"message":"x","state":"cleared","state":"ok"}').state).toBe("cleared");
  });
});

describe("numbers", () => {
  it.each<[object, object]>([
    [{ value: "82.1 °C" }, { value: 82.1, unit: "°C", remark: null }],
    [
      { value: "1 234,5", unit: "rpm" },
      { value: 1234.5, unit: "rpm" },
    ],
    [{ value: "12,040 rpm" }, { value: null, unit: "rpm", remark: "Value “12,040 rpm”." }],
    [{ value: "hot" }, { value: null, remark: "Value “hot”." }],
    [{ value: "NaN" }, { value: null, remark: null }],
    [{ value: true }, { value: null, remark: "Value “true”." }],
    [{ limit: "80 °C" }, { limit: 80 }],
    [{ field: "1" }, { field: 1 }],
    [{ field: "field3" }, { field: 3 }],
    [{ field: "9" }, { field: null }],
    [{ value: 1e308 }, { value: 1e308 }],
  ])("%j", (members, read) => expect(eventOf({ message: "x", ...members })).toMatchObject(read));

  it("that are none are no value", () => {
    expect(eventOf('{"message":"x","value":1e999,"limit":NaN}')).toMatchObject({ value: null, limit: null });
  });
});

describe("time", () => {
  it.each<[unknown, string | null]>([
    [1_763_813_000_123_456, "2025-11-22T12:03:20.123Z"],
    [1_763_813_000_123_456_768, "2025-11-22T12:03:20.123Z"],
    ["2026-11-22 14:03:07 UTC", "2026-11-22T14:03:07.000Z"],
    ["2026-11-22T14:03:07+02", "2026-11-22T12:03:07.000Z"],
    ["2026-11-22 14:03:07 +0200", "2026-11-22T12:03:07.000Z"],
    ["22.11.2026 14:03:07", "2026-11-22T14:03:07.000Z"],
    ["2026-11-22T14:03:07.123456Z", "2026-11-22T14:03:07.123Z"],
    ["1970-01-01T00:05:00Z", null],
    ["2000-01-01 00:05", null],
    [86_400, null],
    [86_400_000, null],
    [1_100_000_000, null],
    [0, null],
    ["2026-02-30T14:03:07Z", null],
    ["2026-11-22T14:03:07 EET", null],
  ])("%j is %s", (timestamp, at) => {
    const { occurredAt } = eventOf({ message: "x", timestamp });
    expect(occurredAt === null ? null : new Date(occurredAt).toISOString()).toBe(at);
  });

  it("is read under the name that thin-edge gives it", () => {
    expect(eventOf({ text: "x", time: "2026-11-22T14:03:07Z" }).occurredAt).toBe(Date.UTC(2026, 10, 22, 14, 3, 7));
  });
});

describe("a text that is made of what is there", () => {
  const key = (payload: object) => eventOf(payload).alarmKey;
  it("names the same alarm whatever the numbers", () => {
    expect(key({ severity: "error", temp: 82 })).toBe(key({ severity: "warning", temp: 91 }));
    expect(key({ pump: "P3", temp: "82.1 °C" })).toBe(key({ pump: "P3", temp: "91 °C" }));
    expect(key({ pump: "P3" })).not.toBe(key({ pump: "P4" }));
    expect(key({ pump: "P3" })).not.toBe(key({ valve: "P3" }));
  });

  it("is that of the inner message where only that has one", () => {
    expect(eventOf({ message: '{"text":"Rotor touches","severity":"critical"}' })).toMatchObject({
      message: "Rotor touches",
      severity: "critical",
    });
    expect(eventOf({ data: { msg: "Rotor touches" }, source: "AMB 1" })).toMatchObject({
      message: "Rotor touches",
      source: "AMB 1",
    });
  });

  it("takes no id, value or unit from a part that only tells more", () => {
    expect(eventOf({ message: "x", device: { id: "plc7", value: 5, unit: "A" } })).toMatchObject({
      id: null,
      value: null,
      unit: null,
    });
  });

  it("is short, however much is there", () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`m${i}`, "x".repeat(15)]));
    expect(eventOf(wide).message).toMatch(/… and 980 more$/);
    expect(eventOf({ ["k".repeat(50_000)]: "v".repeat(10_000) }).message.length).toBeLessThan(400);
    expect(eventOf(`{"a":${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}}`).message).toBe("a.a.a.a: …");
  });
});
