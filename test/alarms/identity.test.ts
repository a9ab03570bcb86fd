import { describe, expect, it } from "vitest";
import { withoutMeasured } from "../../src/alarms/measured.ts";
import { eventOf, NOW } from "../support/alarms.ts";

const isSame = (a: string | object, b: string | object) => eventOf(a).alarmKey === eventOf(b).alarmKey;

describe("two texts are the same alarm when only measured values differ", () => {
  it.each([
    ["Coil 82.1 °C", "Coil 91.7 °C"],
    ["Coil 82 °C", "Coil 101 °C"],
    ["Coil 82,1°C", "Coil 82,2°C"],
    ["Speed 450 rpm", "Speed 12000 rpm"],
    ["Speed 450rpm", "Speed 451rpm"],
    ["Current 12 A", "Current 13 A"],
    ["Current 2.5 A", "Current 3.5 A"],
    ["Load 5 %", "Load 97 %"],
    ["Offset -0.25 too far", "Offset 0.31 too far"],
    ["Temperature 82.1.", "Temperature 82.2."],
    ["at 1.5e-3 bar", "at 2.5e-4 bar"],
    ["[warn] Coil 82.1 °C", "Coil 83.1 °C"],
  ])("%s = %s", (a, b) => expect(isSame(a, b)).toBe(true));

  it.each([
    ["Pump 3 stopped", "Pump 4 stopped"],
    ["E0417", "E0418"],
    ["w0001", "w0002"],
    ["Line 3 A down", "Line 4 A down"],
    ["Firmware 1.2.3 fails", "Firmware 1.2.4 fails"],
    ["Host 10.0.0.1 down", "Host 10.0.0.2 down"],
    ["Since 20.8.2018 off", "Since 21.8.2018 off"],
    ["Coil 82.1 °C", "Rotor 82.1 °C"],
    ["Zone 12 Ab", "Zone 13 Ab"],
    ["Bearing A2.5x", "Bearing A3.5x"],
  ])("%s is another alarm than %s", (a, b) => expect(isSame(a, b)).toBe(false));

  it("leaves the rest of the text alone", () => {
    expect(withoutMeasured("Pump 3: 82.1 °C (limit 80 °C) at 450 rpm")).toBe("Pump 3: # (limit #) at #");
  });
});

describe("the plant's own names come first", () => {
  it("same id, other text", () => expect(isSame({ id: "a", message: "x" }, { id: "a", message: "y" })).toBe(true));
  it("other id, same text", () => expect(isSame({ id: "a", message: "x" }, { id: "b", message: "x" })).toBe(false));
  it("same id from another source, or without one", () => {
    expect(isSame({ id: "a", source: "1", field: 1, message: "x" }, { id: "a", message: "ok" })).toBe(true);
  });
  it("other source", () => expect(isSame({ source: "1", message: "x" }, { source: "2", message: "x" })).toBe(false));
  it("other field", () => expect(isSame({ field: 1, message: "x" }, { field: 2, message: "x" })).toBe(false));
  it("other topic", () => {
    expect(eventOf("x", { topic: "a" }).alarmKey).not.toBe(eventOf("x", { topic: "b" }).alarmKey);
  });
});

describe("copies of one message", () => {
  const timed = (timestamp: string) => ({ message: "x", timestamp });
  it("are known by their content when they carry a time", () => {
    const message = timed("2026-11-22T23:59:00Z");
    expect(eventOf(message, { at: NOW }).dedupeKey).toBe(eventOf(message, { at: NOW + 1 }).dedupeKey);
    expect(eventOf(message).dedupeKey).not.toBe(eventOf({ ...message, value: 2 }).dedupeKey);
    expect(eventOf(message).dedupeKey).not.toBeNull();
  });
  it("are not known by a clock that is not set: it stamps different alarms alike", () => {
    expect(eventOf(timed("2000-01-01T00:00:00Z")).dedupeKey).toBeNull();
    expect(eventOf(timed("2026-11-22")).dedupeKey).toBeNull();
  });
  it("are not guessed when they carry none: the alarm could rightly have come twice", () => {
    expect(eventOf("Coil hot").dedupeKey).toBeNull();
  });
});
