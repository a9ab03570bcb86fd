import { expect, it, onTestFinished } from "vitest";
import { digestOf, summarizeFields } from "../../src/queries/field-summary.ts";
import { createWorker } from "../../src/worker/pool.ts";

const COIL = { number: 1, label: "Coil", unit: "°C", decimals: null, limits: [] };

it("what a million entries come to is worked out in another thread: this one hardly notices", async () => {
  const worker = createWorker();
  onTestFinished(worker.stop);
  const [count, everyMs] = [1_000_000, 1_000];
  const seriesOf = () => ({
    times: Float64Array.from({ length: count }, (_, i) => i * everyMs),
    values: Float64Array.from({ length: count }, (_, i) => 60 + Math.sin(i / 1e4)),
  });
  const [series, period] = [seriesOf(), { startAt: 0, endAt: count * everyMs }];
  const digest: Parameters<typeof summarizeFields>[0]["digest"] = (request) => worker.run({ kind: "digest", request });
  const before = process.threadCpuUsage();
  const found = await summarizeFields({ read: async () => series, digest }, { measurements: [COIL], ...period }, 0);
  const { user, system } = process.threadCpuUsage(before);
  const here = digestOf({ series: seriesOf(), period, measurement: COIL, now: 0 });
  expect(found).toEqual([{ measurement: COIL, ...here, notes: [] }]);
  // Here it takes 300 to 500 ms.
  expect((user + system) / 1_000).toBeLessThan(60);
});
