import { describe, expect, it } from "vitest";
import { formatAverage, formatEntry, formatValue, measurementOf } from "../../src/measurements/measurement.ts";

const bare = measurementOf({ number: 1, label: "Coil (°C)" }, []);

describe("an average", () => {
  it.each([
    [43.6339, [24.62, 93.37, 47.3], "43.63 °C"],
    [8398.472, [0, 8997, 8886], "8,398.5 °C"],
    [-0.0444194, [-19.1, 18.9, -0.7], "−0.044 °C"],
    [61, [60, 62, 61], "61 °C"],
    [2.512345e-6, [2.1e-6, 2.9e-6], "0.0000025 °C"],
    [0, [0, 0], "0 °C"],
    [1_763_902_096.5, [1_763_900_000, 1_763_904_193, 1_763_904_193], "1,763,902,096.5 °C"],
    [101_325.012_6, [101_325.004, 101_325.021, 101_325.01], "101,325.013 °C"],
    [82.123_456_789_123, [80.099_998_474_121_1, 85.199_996_948_242_2, 82.099_998_474_121_1], "82.123 °C"],
  ])("%j of %j is written as %j", (value, values, text) => {
    expect(formatAverage(value, values, bare)).toBe(text);
  });

  it("has the decimals of the plants file, if that says some", () => {
    const settings = [{ field: 1, unit: null, decimals: 1, limits: [] }];
    expect(formatAverage(43.6339, [24.62], measurementOf({ number: 1, label: "Coil (°C)" }, settings))).toBe("43.6 °C");
  });
});

describe("what stands in a field", () => {
  it.each([
    ["1234567.8", "1,234,567.8 °C"],
    [" 21,5 ", "21.5 °C"],
    ["-0.00", "0 °C"],
    ["18446744073709551615", "18,446,744,073,709,551,615 °C"],
    ["-0.12345678901234567", "−0.12345678901234567 °C"],
    ["9".repeat(255), `${"999,".repeat(10)}… (+299 characters) °C`],
    ["-9.9e-7", "−9.9×10⁻⁷ °C"],
    ["1.2345678901234567e-7", "1.2345678901234567×10⁻⁷ °C"],
    ["0000000000000000021.50", "21.5 °C"],
    ["0x10", "“0x10”"],
    ["()", "“()”"],
    ["nan", "“nan”"],
    ["x".repeat(255), `“${"x".repeat(40)}… (+215 characters)”`],
  ])("%.12s is shown as %.12s", (text, shown) => {
    expect(formatEntry(text, bare)).toBe(shown);
  });

  it("keeps the digits of a counter that no number holds, whatever decimals the plants file wants", () => {
    expect(formatEntry("9007199254740993", { unit: null, decimals: 1 })).toBe("9,007,199,254,740,993");
    expect(formatEntry("1e21", { unit: null, decimals: 1 })).toBe("1×10²¹");
  });

  it("never is a zero with a sign, whatever decimals the plants file wants", () => {
    expect(formatValue(-0.001, { unit: "mm", decimals: 2 })).toBe("0.00 mm");
  });
});
