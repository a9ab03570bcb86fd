import { beforeEach, expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import { createFilterWatch, type FilterWatch } from "../../src/health/filter-watch.ts";

const DAY = 24 * 3_600_000;
const START = 1_700_000_000_000;

let now: number;
let filters: readonly string[];
let isConnected: boolean;
let told: OwnMessage[];
let content: unknown;
beforeEach(() => {
  [now, isConnected, filters, told, content] = [START, true, ["lut/warnings/", "lut/live/+", "$share/g/a/#"], [], null];
});

const open = (broker = "mqtt://a"): FilterWatch =>
  createFilterWatch({
    filters: () => filters,
    broker,
    isConnected: () => isConnected,
    keyValue: {
      read: async () => content,
      write: async (_, next) => void (content = structuredClone(next)),
    },
    tell: async (message) => void told.push(message),
    now: () => now,
    formerClock: createFormerClock(() => now),
  });

const words = () => told.splice(0).map(({ id, state, isForAdmins }) => [id, state, isForAdmins]);

it("tells the admins of a filter by which nothing came for a day, once, and that something came at last", async () => {
  const watch = open();
  await watch.check();
  for (const topic of ["lut/warnings/press", "lut/warnings", "lut/live/1", "a/b"]) watch.take(topic);
  now += DAY - 1;
  await watch.check();
  expect(words()).toEqual([]);
  now += 1;
  await watch.check();
  await watch.check();
  expect(told[0]?.message).toMatch(
    /^Nothing has come by the topic filter lut\/warnings\/ for more than a day, since we subscribed/,
  );
  expect(words()).toEqual([["topic filter lut/warnings/", "active", true]]);
  expect(watch.idle()).toEqual([{ filter: "lut/warnings/", since: START }]);
  watch.take("lut/warnings/");
  await watch.check();
  expect(words()).toEqual([["topic filter lut/warnings/", "cleared", true]]);
  expect(watch.idle()).toEqual([]);
});

it("counts over restarts, and what came in an earlier run", async () => {
  const first = open();
  await first.check();
  first.take("lut/live/1");
  first.take("a");
  await first.check();
  now += DAY;
  const second = open();
  await second.check();
  expect(words()).toEqual([["topic filter lut/warnings/", "active", true]]);
  // It is known for told, and over when nobody asks for it any more.
  filters = ["lut/live/+", "$share/g/a/#"];
  const third = open();
  await third.check();
  expect(words()).toEqual([["topic filter lut/warnings/", "cleared", true]]);
});

it("takes what came before its first look", async () => {
  const watch = open();
  for (const topic of ["lut/warnings/", "lut/live/1", "a/b"]) watch.take(topic);
  await watch.check();
  now += DAY;
  await watch.check();
  expect(words()).toEqual([]);
});

it("takes what is retained where it is asked for from now on", async () => {
  filters = [];
  const watch = open();
  await watch.check();
  filters = ["bridge/state"];
  watch.follow();
  watch.take("bridge/state");
  await watch.check();
  now += DAY;
  await watch.check();
  expect(words()).toEqual([]);
});

it("says nothing while the broker is away, begins anew at another one, and is not fooled by the clock", async () => {
  filters = ["x/#"];
  const watch = open();
  await watch.check();
  now += 2 * DAY;
  isConnected = false;
  await watch.check();
  expect(words()).toEqual([]);
  isConnected = true;
  const other = open("mqtt://b");
  await other.check();
  expect(words()).toEqual([]);
  now -= 10 * DAY;
  await other.check();
  now += DAY;
  await other.check();
  expect(words()).toEqual([["topic filter x/#", "active", true]]);
});
