import { describe, expect, it } from "vitest";
import { summarizeFields } from "../../src/plots/field-summary.ts";

describe("what fields did", () => {
  it("is worked out in parts, and others get their turn between them", async () => {
    const measurements = [1, 2].map((number) => ({
      number,
      label: `Field ${number}`,
      unit: null,
      decimals: null,
      limits: [],
    }));
    const series = { times: Float64Array.of(0, 60_000), values: Float64Array.of(1, 2) };
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    const found = await summarizeFields(async () => series, { measurements, startAt: 0, endAt: 120_000 }, 120_000);
    clearImmediate(next);
    expect(found).toMatchObject([{ statistics: { mean: 1.5 } }, { statistics: { mean: 1.5 } }]);
    expect(turns).toBeGreaterThanOrEqual(4);
  });
});
