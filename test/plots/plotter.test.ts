import { expect, it } from "vitest";
import type { ChartRequest } from "../../src/charts/request.ts";
import { createPlotter } from "../../src/plots/plotter.ts";
import { parsePeriod } from "../../src/plots/period.ts";
import { viewOf } from "../../src/plots/view.ts";
import { formatMinute } from "../../src/time.ts";
import type { WorkerPool } from "../../src/worker/pool.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const QUARTER = 900_000;

/** The hours of a day, beside those of the day before, as they are drawn: by the clock on the wall. */
async function compared(day: string): Promise<{ readonly shown: readonly string[]; readonly of: readonly string[] }> {
  let request: ChartRequest | null = null;
  const asked: { startAt: number; endAt: number }[] = [];
  const statistics = { entries: 0, numbers: 0, min: null, minAt: null, max: null, maxAt: null, mean: null, last: null };
  const worker = {
    run: async (job: { request: ChartRequest }) => {
      request = job.request;
      return { png: new Uint8Array(), statistics: [{ ...statistics, lastAt: null, expected: null, forecast: null }] };
    },
  } as unknown as WorkerPool;
  const plotter = createPlotter({
    feed: {
      channel: async () => ({ name: "", createdAt: null, fields: [{ number: 1, label: "Coil" }] }),
      async read({ startAt, endAt }) {
        asked.push({ startAt, endAt });
        const first = Math.ceil(startAt / QUARTER) * QUARTER;
        const times = Float64Array.from(
          { length: Math.floor((endAt - first) / QUARTER) + 1 },
          (_, i) => first + i * QUARTER,
        );
        return { times, values: times.slice() };
      },
    },
    worker,
    settings: () => [],
    alarmTimes: async () => [],
    now: () => NOW,
  });
  const period = parsePeriod(day, ZONE, NOW);
  if (!period.ok) throw new Error(period.problem);
  await plotter.plot({ ...viewOf([1], period), compared: "yesterday" }, ZONE);
  const { times, values } = request!.lines[0]!.earlier!;
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
