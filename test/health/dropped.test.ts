import { expect, it } from "vitest";
import { createDropped } from "../../src/health/dropped.ts";
import { createManualClock } from "../support/clock.ts";
import { collectingLog } from "../support/log.ts";

const HOUR = 3_600_000;

it("counts what is dropped, says it in the log once a period, and forgets it after a calm hour", () => {
  const { now, advance } = createManualClock(0);
  const { log, lines } = collectingLog();
  const dropped = createDropped({ now, log });
  for (let i = 0; i < 10_000; i++) dropped.add("strangers");
  dropped.add("broker", 7);
  advance(HOUR / 2);
  dropped.add("broker", 3);
  expect(dropped.lately()).toMatchObject([
    { kind: "strangers", count: 10_000, since: 0, lastAt: 0 },
    { kind: "broker", count: 10, since: 0, lastAt: HOUR / 2 },
  ]);
  dropped.say();
  dropped.say();
  expect(lines().map(({ kind, count }) => [kind, count])).toEqual([
    ["strangers", 10_000],
    ["broker", 10],
  ]);
  advance(HOUR);
  expect(dropped.lately()).toEqual([]);
  dropped.add("broker", 1);
  expect(dropped.lately()).toMatchObject([{ count: 1, since: 1.5 * HOUR }]);
  dropped.say();
  expect(lines()).toHaveLength(3);
});
