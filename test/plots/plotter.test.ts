import { expect, it } from "vitest";
import type { ChartRequest } from "../../src/charts/request.ts";
import { UpstreamError } from "../../src/lib/errors.ts";
import { createPlotter, type Plotter } from "../../src/plots/plotter.ts";
import { parsePeriod } from "../../src/queries/period.ts";
import { viewOf } from "../../src/plots/view.ts";
import { formatMinute } from "../../src/lib/time/time.ts";
import type { Source } from "../../src/measurements/source.ts";
import type { WorkerPool } from "../../src/worker/pool.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const QUARTER = 900_000;

/** A plotter over a feed, and what its worker was told to draw last. */
function plotterOf(read: Source["read"]): { readonly plotter: Plotter; readonly drawn: () => ChartRequest } {
  let request: ChartRequest | null = null;
  const none = { min: null, minAt: null, max: null, maxAt: null, mean: null, last: null, lastAt: null };
  const worker = {
    run: async (job: { request: ChartRequest }) => {
      request = job.request;
      const line = { entries: 1, numbers: 0, ...none, expected: null, forecast: null };
      return { png: new Uint8Array(), statistics: job.request.lines.map(() => line) };
    },
  } as unknown as WorkerPool;
  const fields = [
    { number: 1, label: "Coil" },
    { number: 4, label: "Speed" },
  ];
  const plotter = createPlotter({
    feed: { channel: async () => ({ name: "", createdAt: null, fields }), read },
    worker,
    settings: () => [],
    alarmTimes: async () => [],
    now: () => NOW,
  });
  return { plotter, drawn: () => request! };
}

/** The hours of a day, beside those of the day before, as they are drawn: by the clock on the wall. */
async function compared(day: string): Promise<{ readonly shown: readonly string[]; readonly of: readonly string[] }> {
  const { plotter, drawn } = plotterOf(async ({ startAt, endAt }) => {
    const first = Math.ceil(startAt / QUARTER) * QUARTER;
    const length = Math.floor((endAt - first) / QUARTER) + 1;
    const times = Float64Array.from({ length }, (_, i) => first + i * QUARTER);
    return { times, values: times.slice() };
  });
  const period = parsePeriod(day, ZONE, NOW);
  if ("problem" in period) throw new Error(period.problem);
  await plotter.plot({ ...viewOf([1], period.value), compared: "yesterday" }, ZONE);
  const { times, values } = drawn().lines[0]!.earlier!;
  return {
    shown: Array.from(times, (at) => formatMinute(at, ZONE).slice(11)),
    of: Array.from(values, (at) => formatMinute(at, ZONE).slice(11)),
  };
}

it("compares hours with the same hours of the day before, also where one of the days has 23 or 25", async () => {
  for (const day of ["2018-10-28", "2018-10-29", "2018-03-26"]) {
    const { shown, of } = await compared(day);
    expect(shown).toEqual(of);
    expect([of[0], of.at(-1)]).toEqual(["00:00", "23:45"]);
  }
  // From three to four there was no time on that day: what was measured then the day before stands where the clocks went on.
  const { shown, of } = await compared("2018-03-25");
  expect(shown.filter((_, i) => !of[i]!.startsWith("03:"))).toEqual(of.filter((time) => !time.startsWith("03:")));
});

it("compares the same hours of the wall over two months as well, in which clocks change", async () => {
  const { plotter, drawn } = plotterOf(async ({ startAt, endAt }) => {
    const times = Float64Array.from({ length: (endAt - startAt) / QUARTER }, (_, i) => startAt + i * QUARTER);
    return { times, values: times.slice() };
  });
  const period = parsePeriod("2018-10-01 2018-11-30", ZONE, NOW);
  if ("problem" in period) throw new Error(period.problem);
  await plotter.plot({ ...viewOf([1], period.value), compared: "last week" }, ZONE);
  const { times, values } = drawn().lines[0]!.earlier!;
  expect(times.length).toBeGreaterThan(5_000);
  const clockOf = (at: number): string => formatMinute(at, ZONE).slice(11);
  // Of the night in which three o'clock comes twice, one of the two.
  for (const [i, at] of times.entries()) expect(clockOf(at)).toBe(clockOf(values[i]!));
});

it("draws the fields that can be read, and says of the others why they are not there", async () => {
  const { plotter, drawn } = plotterOf(async ({ field }) => {
    if (field === 4) throw new UpstreamError("broken", "502");
    return { times: Float64Array.of(NOW - 1_000), values: Float64Array.of(60) };
  });
  const view = viewOf([1, 4], { startAt: NOW - QUARTER, endAt: NOW, goesOn: "whole" });
  const { caption } = await plotter.plot({ ...view, compared: "last week" }, ZONE);
  expect(drawn().lines.map(({ measurement }) => measurement.number)).toEqual([1]);
  expect(caption.at(-1)).toBe("Speed: ThingSpeak has a problem of its own. Try again in a few minutes.");
  await expect(plotter.plot(viewOf([4], { startAt: NOW - QUARTER, endAt: NOW }), ZONE)).rejects.toThrow("502");
});

it("reads for three pictures at once, lets forty wait, and refuses more before anything is read", async () => {
  let underWay = 0;
  let most = 0;
  let reads = 0;
  const { plotter } = plotterOf(async () => {
    [underWay, reads] = [underWay + 1, reads + 1];
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return { times: Float64Array.of(NOW - 1_000), values: Float64Array.of(60) };
  });
  const view = viewOf([1], { startAt: NOW - QUARTER, endAt: NOW, goesOn: "whole" });
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => plotter.plot(view, ZONE)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(43);
  expect(results.at(-1)).toMatchObject({ reason: { name: "WorkerError", reason: "full" } });
  expect([most, reads]).toEqual([3, 43]);
});
