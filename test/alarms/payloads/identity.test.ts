import { describe, expect, it } from "vitest";
import { firstMeasured, withoutMeasured } from "../../../src/alarms/payloads/measured.ts";
import { eventOf, NOW } from "../../support/alarms.ts";

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
    // When it happened is no part of what happened.
    ["Since 20.8.2018 off", "Since 21.8.2018 off"],
    ["2026-11-25 14:03:01 Feeder 3 blocked", "2026-11-25T15:04:02.123+02:00 Feeder 3 blocked"],
    ["[14:03:01] Feeder 3 blocked", "Feeder 3 blocked"],
    ["14:03 Feeder 3 blocked", "Feeder 3 blocked"],
    ["Feeder 3 stopped at 14:03", "Feeder 3 stopped at 15:04"],
    ["Feeder 3 stopped at 2:03 PM", "Feeder 3 stopped at 3:04 PM"],
    ["Nov 25 14:03:01 Feeder 3 blocked", "Nov  6 15:04:02 Feeder 3 blocked"],
    ["Wed, 25 Nov 2026 14:03:01 GMT Feeder 3", "Feeder 3"],
    ["Temperature:80.1°C", "Temperature: 81.2 °C"],
    ["T=80.1°C", "T = 81.2 °C"],
    ["Flow 12 l/s", "Flow 13 l/s"],
    ["Flow 5 m3/h", "Flow 7 m3/h"],
    ["Feed 5 t/h", "Feed 6 t/h"],
    ["Oil 3 barg", "Oil 2 barg"],
    ["Coil 82 degC", "Coil 83 degC"],
    ["Off for 12 min", "Off for 13 min"],
    ["Speed 12 345 rpm", "Speed 9 876 rpm"],
    ["Speed 12\u00a0345 rpm", "Speed 450 rpm"],
    ["Speed 12\u2009345 rpm", "Speed 12\u202f346 rpm"],
    ["Count 1,012,040", "Count 1,012,041"],
    ["Count 1.012.040 kWh", "Count 1.012.041 kWh"],
    ["Speed 12,040 rpm", "Speed 12,041 rpm"],
    ["Speed 4501/min", "Speed 4601/min"],
    ["Count 1'012'040", "Count 1'012'041"],
    ["Level 1.012,5 mm", "Level 1.013,5 mm"],
    ["Насос: 82,1 °C", "Насос: 83,2 °C"],
  ])("%s = %s", (a, b) => expect(isSame(a, b)).toBe(true));

  it.each([
    ["Pump 3 stopped", "Pump 4 stopped"],
    ["E0417", "E0418"],
    ["w0001", "w0002"],
    ["Line 3 A down", "Line 4 A down"],
    ["Firmware 1.2.3 fails", "Firmware 1.2.4 fails"],
    ["Host 10.0.0.1 down", "Host 10.0.0.2 down"],
    ["Slot 03:12 failed", "Slot 03:13 failed"],
    ["MAC 10:20:30:40:50:60 lost", "MAC 10:20:30:40:50:61 lost"],
    ["Tank 3 min level low", "Tank 4 min level low"],
    ["Pump 3 450 rpm", "Pump 4 450 rpm"],
    ["Coil 82.1 °C", "Rotor 82.1 °C"],
    ["Zone 12 Ab", "Zone 13 Ab"],
    ["Bearing A2.5x", "Bearing A3.5x"],
    ["Насос Ж82.1 °C", "Насос Ж83.1 °C"],
    ["Pump 3 1/mins", "Pump 4 1/mins"],
  ])("%s is another alarm than %s", (a, b) => expect(isSame(a, b)).toBe(false));

  it("is read once for all who ask", () => {
    const words = "Coil 17 is hot: 82.1 °C";
    expect(firstMeasured(words)).toEqual({ value: 82.1, unit: "°C" });
    expect(firstMeasured(words)).toBe(firstMeasured(words));
  });

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
