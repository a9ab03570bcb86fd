import { describe, expect, it } from "vitest";
import { sparklineOf } from "../../src/queries/sparkline.ts";

const PERIOD = { startAt: 1_000, endAt: 13_000 };
/** Two entries in each twelfth. */
const curve = (valueAt: (twelfth: number) => number): string =>
  sparklineOf(
    {
      times: Float64Array.from({ length: 24 }, (_, i) => 1_000 + i * 500),
      values: Float64Array.from({ length: 24 }, (_, i) => valueAt(Math.floor(i / 2))),
    },
    PERIOD,
  );

describe("sparklineOf", () => {
  it("goes from the lowest to the highest", () => {
    expect(curve((i) => i)).toBe("▁▂▂▃▄▄▅▅▆▇▇█");
    expect(curve((i) => -i)).toBe("█▇▇▆▅▅▄▄▃▂▂▁");
    expect(curve((i) => (i === 5 ? 1e6 : 0))).toBe("▁▁▁▁▁█▁▁▁▁▁▁");
  });

  it("keeps the place of what is missing", () => {
    expect(curve((i) => (i < 2 || i === 6 ? Number.NaN : 1))).toBe("\u2007\u2007▅▅▅▅\u2007▅▅▅▅▅");
  });

  it("is empty without numbers", () => {
    expect(curve(() => Number.NaN)).toBe("");
    expect(sparklineOf({ times: new Float64Array(0), values: new Float64Array(0) }, PERIOD)).toBe("");
  });

  it("passes over what is outside of the period", () => {
    const series = { times: Float64Array.of(999, 1_000, 13_000), values: Float64Array.of(9, 5, 9) };
    expect(sparklineOf(series, PERIOD)).toBe(`▅${"\u2007".repeat(11)}`);
  });
});
