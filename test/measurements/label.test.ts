import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutInMiddle, shortLabels, splitLabel } from "../../src/measurements/label.ts";

const fieldsOf = (...labels: readonly string[]) => labels.map((label, i) => ({ number: i + 1, label }));

describe("the unit in a label", () => {
  it.each([
    ["Coil temperature (°C)", "Coil temperature", "°C"],
    ["Speed [rpm]", "Speed", "rpm"],
    ["Flow {l/min}", "Flow", "l/min"],
    ["Temperature (C)", "Temperature", "°C"],
    ["Temperature °C", "Temperature", "°C"],
    ["Temperature, °C", "Temperature", "°C"],
    ["Temperature in C", "Temperature", "°C"],
    ["Temp degC", "Temp", "°C"],
    ["temp_degC", "temp", "°C"],
    ["Humidity %", "Humidity", "%"],
    ["Humidity%", "Humidity", "%"],
    ["Humidity (%RH)", "Humidity", "%RH"],
    ["pressure_hPa", "pressure", "hPa"],
    ["Pressure - hPa", "Pressure", "hPa"],
    ["Pressure: hPa", "Pressure", "hPa"],
    ["Current / A", "Current", "A"],
    ["Current, A", "Current", "A"],
    ["Wind, m/s", "Wind", "m/s"],
    ["Wind m/s", "Wind", "m/s"],
    ["Flow/l/min", "Flow", "l/min"],
    ["PM2.5 µg/m³", "PM2.5", "µg/m³"],
    ["Price (€/kWh)", "Price", "€/kWh"],
    ["Flow (m^3/h)", "Flow", "m^3/h"],
    ["Flow (Nm³/h)", "Flow", "Nm³/h"],
    ["Gain [1/K]", "Gain", "1/K"],
    ["Inertia (kg·m²)", "Inertia", "kg·m²"],
    ["Density (kg/m3)", "Density", "kg/m3"],
    ["Use (l/100 km)", "Use", "l/100 km"],
    ["Length (inch)", "Length", "inch"],
    ["Encoder (counts)", "Encoder", "counts"],
    ["Supply (VDC)", "Supply", "VDC"],
    ["Temperature (inside) (°C)", "Temperature (inside)", "°C"],
    ["Temperature (inside) °C", "Temperature (inside)", "°C"],
  ])("is found in %s", (text, label, unit) => {
    expect(splitLabel(text)).toEqual({ label, unit });
  });

  it.each([
    "Coil A",
    "Pump C",
    "Tank 1",
    "Phase V",
    "%",
    "rpm",
    "Level max",
    "On/off",
    "Hall 6, left",
    "Field 3",
    "A",
    "T-1 m",
    "Temperature (inside)",
    "Temperature (in)",
    "Pressure (top)",
    "Coil (AMB 1)",
    "Coil (1)",
    "Bearing (L/R)",
    "Bearing (A/B)",
    "Spare (N/A)",
    "Pump [old]",
    "Line (constructor)",
    "Heater (on/off)",
  ])("is not guessed from a name: %s", (text) => {
    expect(splitLabel(text)).toEqual({ label: text, unit: null });
  });
});

describe("a long label", () => {
  it("is cut in the middle, between characters", () => {
    expect(cutInMiddle("Bearing temperature upper left", 18)).toBe("Bearing t…per left");
    expect(cutInMiddle("😀".repeat(30), 5)).toBe("😀😀…😀😀");
    expect(cutInMiddle("Coil temperature", 16)).toBe("Coil temperature");
  });

  it.each([
    [
      ["Bearing temperature left", "Bearing temperature right"],
      ["Bearing t…ure left", "Bearing t…re right"],
    ],
    [
      [
        "Hall number 6 upper bearing temperature",
        "Hall number 6 lower bearing temperature",
        "Hall number 6 inner bearing temperature",
      ],
      ["…upper…", "…lower…", "…inner…"],
    ],
    [
      ["Temperature of a coil", "Temperature of a coil"],
      ["1 Temperat…a coil", "2 Temperat…a coil"],
    ],
    [
      ["Coil", "Speed"],
      ["Coil", "Speed"],
    ],
  ])("is told apart from the others: %j", (labels, short) => {
    expect(shortLabels(fieldsOf(...labels), 18)).toEqual(short);
  });

  it("never is like another, nor longer than there is room", () => {
    const word = fc.constantFrom("Hall", "bearing", "temperature", "upper", "1", "2", "°C", "😀", "");
    const label = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 9 }).map((words) => words.join(" ")),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), fc.integer({ min: 8, max: 40 }), (labels, limit) => {
        const short = shortLabels(fieldsOf(...labels), limit);
        expect(new Set(short).size).toBe(labels.length);
        for (const text of short) expect(Array.from(text).length).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 2_000 },
    );
  });
});
