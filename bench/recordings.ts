import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../src/lib/log.ts";
import { createPlotter } from "../src/plots/plotter.ts";
import { viewOf } from "../src/plots/view.ts";
import { Recorder } from "../src/recorder/recorder.ts";
import { createRecordedSource, LIVE_DEVICE } from "../src/sources/recorded-source.ts";
import { openRecordings } from "../src/store/recordings/store.ts";
import { migrate } from "../src/store/schema.ts";
import { openSqlite } from "../src/store/sqlite/sqlite.ts";
import { createWorker } from "../src/worker/pool.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench } from "./support/figure.ts";

const SECOND = 1_000;
const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const ENTRIES = 10_000_000;
const SENSORS = 100;
const HOURS = 2;
const PLOTS = 9;
const log = createLogger({ level: "error", redact: (text) => text });

/** What is recorded here: what a hundred values a second cost, and a plot of a year of ten million values. */
export const recordings: Bench = {
  name: "recordings",
  async run(defer) {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-bench-"));
    defer(async () => rmSync(folder, { recursive: true }));
    let now = Date.UTC(2026, 0, 1);
    async function open(name: string): Promise<Recorder> {
      const database = openSqlite(join(folder, name));
      defer(() => database.close());
      await migrate(database);
      const store = await openRecordings(database);
      return Recorder.open({ store, limits: { rawMs: 30 * DAY_MS, keepMs: 400 * DAY_MS }, now: () => now, log });
    }

    const quick = await open("quick.db");
    const before = process.cpuUsage();
    for (let second = 1; second <= HOURS * 3_600; second++) {
      now += SECOND;
      for (let i = 0; i < SENSORS; i++) quick.record({ device: "plant", member: `m${i}` }, now, valueAt(now, i));
      if (second % 10 === 0) await quick.save();
    }
    now += 2 * DAY_MS;
    await quick.save();
    await quick.tidy(1e9);
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1e6 / (HOURS * 3_600);
    const { bytes } = await quick.size();

    const year = await open("year.db");
    const endAt = now + YEAR_MS;
    for (let i = 0; now < endAt; i++) {
      now += YEAR_MS / ENTRIES;
      year.record({ device: LIVE_DEVICE, member: "field1" }, now, valueAt(now, 0));
      if (i % 2_000 === 0) await year.save();
      if (i % 500_000 === 0) await year.tidy(1e9);
    }
    await year.tidy(1e9);
    const worker = createWorker({ log });
    defer(() => worker.stop());
    const plotter = createPlotter({
      feed: createRecordedSource({ recorder: year, liveFields: () => [1], channelId: null }),
      worker,
      settings: () => [],
      alarmTimes: async () => [],
      now: () => now,
    });
    const times: number[] = [];
    for (let i = 0; i < PLOTS; i++) {
      const askedAt = monotonicMs();
      await plotter.plot(viewOf([1], { startAt: endAt - YEAR_MS, endAt }), "UTC");
      times.push(monotonicMs() - askedAt);
    }
    return [
      atMost("100 values/s recorded: of one core", 1, share * 100, "%"),
      atMost("… a day of them on the disk", 100, (bytes / 1e6 / HOURS) * 24, "MB"),
      atMost("10 million recorded values: a plot of a year, median", 500, percentile(times, 0.5), "ms"),
    ];
  },
};

/** What sensors send: two decimals, slow waves and a little noise, the same at each run. */
function valueAt(at: number, sensor: number): number {
  const noise = Math.sin(at * 12.9898 + sensor) * 43_758.5453;
  return Math.round((50 + 10 * Math.sin(at / 7e6 + sensor) + (noise - Math.floor(noise)) / 2) * 100) / 100;
}
