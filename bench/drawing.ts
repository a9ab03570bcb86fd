import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { createPlotter, type PlotterOptions } from "../src/plots/plotter.ts";
import { viewOf } from "../src/plots/view.ts";
import { PAGE_ENTRIES, readPeriod } from "../src/thingspeak/read-period.ts";
import { createWorker, type WorkerPool } from "../src/worker/pool.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";

const CADENCE_MS = 15_000;
const END_AT = Date.UTC(2026, 10, 23, 3);
const WARM_UP = 5;
const SMALL_RUNS = 20;
const LARGE_RUNS = 3;

/** What drawing costs, in total and of the thread that also serves chats and broker. */
interface Cost {
  readonly totalMs: number;
  /** For how long the main thread was not idle: an upper bound, as it contains the time in which it waits for a processor. */
  readonly mainMs: number;
  /** The longest that the main thread was busy without a pause. */
  readonly blockedMs: number;
}

/**
 * From CSV as ThingSpeak sends it, in pages of 8,000 rows, to the PNG of 1280 × 720: all that the program does but the
 * download, with this process's main thread in the place of the program's.
 */
export const drawing: Bench = {
  name: "drawing",
  async run(defer) {
    const worker = createWorker();
    defer(() => worker.stop());
    const small = csvPages(PAGE_ENTRIES);
    for (let run = 0; run < WARM_UP; run++) await draw(worker, small);
    const smallCosts: Cost[] = [];
    for (let run = 0; run < SMALL_RUNS; run++) smallCosts.push(await draw(worker, small));

    const large = csvPages(1_000_000);
    const largeCosts: Cost[] = [];
    for (let run = 0; run < LARGE_RUNS; run++) largeCosts.push(await draw(worker, large));

    const median = (costs: readonly Cost[], part: keyof Cost) =>
      percentile(
        costs.map((cost) => cost[part]),
        0.5,
      );
    const worst = Math.max(...largeCosts.map(({ blockedMs }) => blockedMs));
    return [
      atMost("8,000-row CSV → PNG 1280×720, warm", 50, median(smallCosts, "totalMs"), "ms"),
      atMost("… of it on the main thread", 20, median(smallCosts, "mainMs"), "ms"),
      atMost("1,000,000 rows of CSV, already fetched → PNG", 1_000, median(largeCosts, "totalMs"), "ms"),
      atMost("… main thread blocked at most", 50, worst, "ms"),
    ];
  },
};

/** Draws all that the pages hold, and measures it. */
async function draw(worker: WorkerPool, pages: Pages): Promise<Cost> {
  const fetched = new Map([...pages.byEnd].map(([endAt, csv]) => [endAt, csv.slice()]));
  const plotter = createPlotter({
    feed: feedOf(worker, fetched),
    worker,
    settings: () => [],
    alarmTimes: async () => [],
    now: () => END_AT + 1,
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = performance.eventLoopUtilization();
  const beganAt = performance.now();
  const plot = await plotter.plot(
    viewOf([1], { startAt: pages.startAt - 1_000, endAt: END_AT + 1, goesOn: "whole" }),
    "Europe/Helsinki",
  );
  const totalMs = performance.now() - beganAt;
  const { active } = performance.eventLoopUtilization(before);
  delay.disable();
  if (!plot.caption.some((fact) => fact.startsWith(pages.count.toLocaleString("en"))))
    throw new Error("not all rows were drawn");
  return { totalMs, mainMs: active, blockedMs: delay.max / 1e6 };
}

/** CSV as the server would answer page by page, backwards from the newest entry. */
interface Pages {
  readonly count: number;
  /** Of the oldest entry; epoch ms. */
  readonly startAt: number;
  /** By the end that is asked for; each page begins with the entry with which the next one ends. */
  readonly byEnd: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
}

function csvPages(count: number): Pages {
  const byEnd = new Map<number, Uint8Array<ArrayBuffer>>();
  const timeOf = (entry: number) => END_AT - (count - 1 - entry) * CADENCE_MS;
  let rows = PAGE_ENTRIES;
  for (let last = count - 1; rows === PAGE_ENTRIES; last -= rows - 1) {
    rows = Math.min(PAGE_ENTRIES, last + 1);
    const lines = Array.from({ length: rows }, (_, i) => csvRow(last - rows + 1 + i, timeOf(last - rows + 1 + i)));
    byEnd.set(timeOf(last), new TextEncoder().encode(`created_at,entry_id,field1\n${lines.join("")}`));
  }
  return { count, startAt: timeOf(0), byEnd };
}

function csvRow(entry: number, at: number): string {
  const value = 60 + 15 * Math.sin(entry / 900) + 3 * Math.sin(entry * 12.9898);
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC,${entry + 1},${value.toFixed(2)}\n`;
}

/** The program's way to read a period, over pages that were fetched before. */
function feedOf(worker: WorkerPool, fetched: Map<number, Uint8Array<ArrayBuffer>>): PlotterOptions["feed"] {
  async function fetchPage(_: number, pageEndAt: number) {
    const csv = fetched.get(pageEndAt);
    if (!csv) throw new Error(`there is no page that ends at ${pageEndAt}`);
    const { entryIds, times, fields } = await worker.run({ kind: "parse", csv });
    return { entryIds, times, values: fields[1] ?? new Float64Array(0) };
  }
  return {
    channel: async () => ({ name: "Bench", createdAt: null, fields: [{ number: 1, label: "Coil temperature (°C)" }] }),
    read: ({ startAt, endAt }) => readPeriod({ startAt, endAt, maxEntries: Number.POSITIVE_INFINITY, fetchPage }),
  };
}
