import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AlarmEvent } from "../../../src/alarms/event.ts";
import { UpstreamError } from "../../../src/lib/errors.ts";
import { Limiting } from "../../../src/app/measurements/limiting.ts";
import type { LimitRule } from "../../../src/limits/rule.ts";
import type { Device, Member } from "../../../src/devices/types.ts";
import { memberSeries } from "../../../src/sources/member-source.ts";
import type { Readings } from "../../../src/measurements/source.ts";
import { createFormerClock } from "../../../src/lib/time/former-clock.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 3);
const HOT: LimitRule = {
  kind: "level",
  side: "above",
  value: 80,
  severity: "critical",
  holdMs: 10_000,
  hysteresis: 2,
  predictMs: null,
};

let clock: ManualClock;
let feed: { at: number; value: number }[];
let asked: { field: number; startAt: number; endAt: number }[];
let failure: Error | null;
let told: AlarmEvent[];
let devices: Device[];
let limiting: Limiting;
beforeEach(async () => {
  devices = [];
  clock = createManualClock(START);
  [feed, asked, failure, told] = [[], [], null, []];
  const field = { unit: null, decimals: null, limits: [], value: null, name: null };
  limiting = new Limiting({
    config: {
      thingspeak: { url: "", channelId: "9", readApiKey: null },
      feedFile: null,
      timeZone: "UTC",
      alarms: {
        returnAfterMs: 0,
        twincatTimeZone: "UTC",
        chatter: { count: 10, withinMs: MINUTE },
        repeating: null,
        lateAfterMs: 5 * MINUTE,
      },
    },
    plants: {
      fields: [
        { ...field, field: 1, topic: null, rules: [HOT] },
        { ...field, field: 2, topic: "plant/coil", rules: [HOT] },
        { ...field, field: 3, topic: null, rules: [] },
      ],
      devices: [{ device: "Pump", severity: "error", holdMs: 10_000, hysteresisOf: (limit) => limit / 50 }],
    },
    devices: () => devices,
    numberOf: (root) => (root === "plants/Pump" ? 117 : null),
    recorder: {
      read: async () => ({ times: new Float64Array(), values: new Float64Array() }),
      series: () => [{ device: "channel 10", member: "field1" }],
    },
    feed: {
      channel: async () => ({ name: "", createdAt: null, fields: [{ number: 1, label: "Coil (°C)" }] }),
      async read(query): Promise<Readings> {
        asked.push(query);
        if (failure) throw failure;
        const found = feed.filter(({ at }) => at >= query.startAt && at <= query.endAt);
        return {
          times: Float64Array.from(found, ({ at }) => at),
          values: Float64Array.from(found, ({ value }) => value),
        };
      },
    },
    store: {
      alarms: { ofEvent: async () => null },
      keyValue: { read: async () => null, write: async () => undefined },
      heartbeats: {
        all: async () => [],
        save: async () => undefined,
        listened: async () => null,
        activeTroubles: async () => [],
      },
    },
    notifier: { take: async (events) => void told.push(...events) },
    clock,
    log: silentLog,
  });
  await limiting.start(createFormerClock(clock.now));
  for (const ticker of limiting.tickers) ticker.start();
});
afterEach(async () => {
  await Promise.all(limiting.tickers.map((ticker) => ticker.stop()));
});

/** Lets time go on as the program sees it, until the feed was asked so often. */
async function ask(times: number): Promise<void> {
  while (asked.length < times) {
    clock.advance(1_000);
    await setImmediate();
  }
}

it("the feed of fields with limits and no topic is read each minute, from where it was left, and held against them", async () => {
  await ask(1);
  expect(asked[0]).toMatchObject({ field: 1, startAt: asked[0]!.endAt - 5 * MINUTE });
  for (let i = 0; i < 4; i++) feed.push({ at: clock.now() + i * 15_000, value: i === 0 ? 70 : 85 });
  await ask(2);
  await until("it is told", () => {
    clock.advance(1_000);
    return told.length > 0;
  });
  expect(told[0]).toMatchObject({
    message: "Coil above 80 °C",
    source: "Coil",
    severity: "critical",
    value: 85,
    field: 1,
  });
  await ask(3);
  expect(asked[2]!.startAt).toBe(feed.at(-1)!.at + 1);
  expect(asked.map(({ field }) => field)).toEqual([1, 1, 1]);
  // That it cannot be had is another watch's; what it says afterwards, though of an hour ago, is heeded.
  failure = new UpstreamError("unreachable", "gone");
  await ask(60);
  failure = null;
  feed.push({ at: clock.now() - 30 * MINUTE, value: 60 });
  await ask(62);
  await until("it is over", () => {
    clock.advance(1_000);
    return told.some(({ state }) => state === "cleared");
  });
  expect(told.map(({ state }) => state)).toEqual(["active", "cleared"]);
});

it("the limits that a device's members bring along are alarms where the plants file says so, from when the device tells them", async () => {
  const member: Member = {
    group: "Line1",
    path: "stPump.fTemp",
    value: 60,
    at: START,
    displayName: "Temperature",
    unit: "°C",
    isReadOnly: true,
    min: 10,
    max: 80,
    decimals: 1,
    permittedUsers: null,
  };
  const device = (name: string, more: Partial<Member>): Device => ({
    number: 1,
    root: `plants/${name}`,
    name,
    icon: "",
    permittedUsers: ["*"],
    members: [
      { ...member, ...more },
      { ...member, path: "sName", value: "on" },
    ],
    dataAt: START,
  });
  const take = async (name: string, value: number): Promise<void> => {
    for (let i = 0; i < 15; i++) {
      limiting.take(memberSeries(`plants/${name}`, member), clock.now(), value);
      clock.advance(1_000);
      await setImmediate();
    }
  };
  await take("Pump", 95);
  expect(told).toEqual([]);
  devices = [device("Pump", {}), device("Fan", {})];
  await until("they are known", () => {
    clock.advance(1_000);
    return limiting.status().watched === 4;
  });
  await take("Fan", 95);
  await take("Pump", 95);
  await until("it is told", () => told.length > 0);
  expect(told).toMatchObject([
    { message: "Pump Temperature above 80.0 °C", severity: "error", value: 95, unit: "°C", limit: 80, field: 117 },
  ]);
  await take("Pump", 5);
  await until("both are told", () => told.length >= 3);
  expect(told.slice(1).map(({ message, state }) => [message, state])).toEqual([
    ["Pump Temperature above 80.0 °C", "cleared"],
    ["Pump Temperature below 10.0 °C", "active"],
  ]);
  // The PLC's program says another, and of what is not a number there is no limit.
  devices = [device("Pump", { min: null, max: 100 })];
  await until("the other is watched", () => {
    clock.advance(1_000);
    return limiting.status().watched === 3;
  });
});
