import { expect, it } from "vitest";
import { withBeginning } from "../../src/sources/beginning.ts";
import type { Source } from "../../src/measurements/source.ts";

const [MINUTE, DAY] = [60_000, 86_400_000];
/** Entries a minute from a day on; counts how often it is asked whether there is more. */
function begunAt(beginsAt: number) {
  const asked: number[] = [];
  const read: Source["read"] = async ({ startAt, endAt }) => {
    const from = Math.max(startAt, beginsAt);
    const times = Float64Array.from({ length: Math.max(0, (endAt - from) / MINUTE) }, (_, i) => from + i * MINUTE);
    return { times, values: times.slice() };
  };
  const hasBefore: Source["hasBefore"] = async ({ at }) => {
    asked.push(at);
    return beginsAt < at;
  };
  return { source: withBeginning<Pick<Source, "read" | "hasBefore">>({ read, hasBefore }), asked };
}

it("says of readings that the first entry ever is among them, and asks for it once", async () => {
  const { source, asked } = begunAt(2 * DAY);
  for (let i = 0; i < 3; i++) {
    expect((await source.read({ field: 1, startAt: 0, endAt: 5 * DAY })).isFromStart).toBe(true);
    expect((await source.read({ field: 1, startAt: 3 * DAY, endAt: 5 * DAY })).isFromStart).toBeUndefined();
    expect((await source.read({ field: 1, startAt: 0, endAt: DAY })).isFromStart).toBeUndefined();
  }
  expect(asked).toEqual([2 * DAY]);
});

it("takes an outage at the start of a period for one", async () => {
  const asked: number[] = [];
  const source = withBeginning<Pick<Source, "read" | "hasBefore">>({
    read: async () => ({ times: Float64Array.of(DAY), values: Float64Array.of(1) }),
    hasBefore: async ({ at }) => asked.push(at) > 0,
  });
  for (let i = 0; i < 2; i++) {
    expect((await source.read({ field: 1, startAt: 0, endAt: 2 * DAY })).isFromStart).toBeUndefined();
  }
  expect(asked).toEqual([DAY]);
});

it("takes what cannot be told for an outage, and asks again", async () => {
  let asked = 0;
  const source = withBeginning<Pick<Source, "read" | "hasBefore">>({
    read: async () => ({ times: Float64Array.of(DAY), values: Float64Array.of(1) }),
    hasBefore: async () => {
      asked++;
      throw new Error("away");
    },
  });
  for (let i = 0; i < 2; i++) {
    expect((await source.read({ field: 1, startAt: 0, endAt: 2 * DAY })).isFromStart).toBeUndefined();
  }
  expect(asked).toBe(2);
});
