import { describe, expect, it } from "vitest";
import { formatAverage, measurementOf } from "../../src/plots/measurement.ts";

const bare = measurementOf({ number: 1, label: "Coil (°C)" }, []);

describe("an average", () => {
  it.each([
    [43.6339, [24.62, 93.37, 47.3], "43.63 °C"],
    [8398.472, [0, 8997, 8886], "8398.5 °C"],
    [-0.0444194, [-19.1, 18.9, -0.7], "−0.044 °C"],
    [61, [60, 62, 61], "61 °C"],
    [2.512345e-6, [2.1e-6, 2.9e-6], "0.0000025 °C"],
    [0, [0, 0], "0 °C"],
  ])("%j of %j is written as %j", (value, values, text) => {
    expect(formatAverage(value, values, bare)).toBe(text);
  });

  it("has the decimals of the plants file, if that says some", () => {
    const settings = [{ field: 1, unit: null, decimals: 1, limits: [] }];
    expect(formatAverage(43.6339, [24.62], measurementOf({ number: 1, label: "Coil (°C)" }, settings))).toBe("43.6 °C");
  });
});
