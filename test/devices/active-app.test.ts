import { beforeEach, describe, expect, it } from "vitest";
import { createActiveApp, type ActiveApp } from "../../src/devices/active-app.ts";
import { TopicRefused } from "../../src/mqtt/hang-ups.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ROOT = "plants/AMB/TcIotCommunicator/";

let clock: ManualClock;
let app: ActiveApp;
let devices: { root: string; dataAt: number | null }[];
let offline: Set<string>;
let published: string[];
let beats: string[];
let isDown: boolean;
let failures: number;
/** Whether the broker hangs up on that topic. */
let isRefused: boolean;

beforeEach(() => {
  clock = createManualClock();
  failures = 0;
  devices = [{ root: ROOT, dataAt: null }];
  [offline, published, beats, isDown, isRefused] = [new Set(), [], [], false, false];
  app = createActiveApp({
    clientId: "hall 6/valvomo#",
    devices: () => devices,
    offline: () => offline,
    publish: async (topic, payload) => {
      if (isRefused) throw new TopicRefused("it hung up");
      if (isDown) throw new Error("no connection");
      published.push(`${topic} ${payload}`);
    },
    send: (topic, payload) => beats.push(`${topic} ${payload}`),
    now: clock.now,
    onFailure: () => failures++,
  });
});

async function pass(ms: number): Promise<number> {
  const before = published.length;
  for (let i = 0; i < ms / SECOND; i++) {
    clock.advance(SECOND);
    app.tick();
    await Promise.resolve();
  }
  return published.length - before;
}

describe("looking on", () => {
  it("is told once, by a name that is one level of a topic, with a heartbeat each second", async () => {
    expect(await pass(10 * SECOND)).toBe(1);
    expect(published).toEqual([`${ROOT}Communicator/hall 6_valvomo_/active 1`]);
    expect(beats).toHaveLength(10);
    expect(beats[0]).toBe(`${ROOT}Communicator/hall 6_valvomo_/heartbeat 1`);
  });

  it("is told again after a minute without an answer, and with one each quarter of an hour", async () => {
    expect(await pass(59 * SECOND)).toBe(1);
    expect(await pass(5 * SECOND)).toBe(1);
    devices = [{ root: ROOT, dataAt: clock.now() }];
    expect(await pass(14 * MINUTE)).toBe(0);
    expect(await pass(MINUTE)).toBe(1);
  });

  it("is told to a device that is back at once, and to none that is away", async () => {
    await pass(SECOND);
    offline.add(ROOT);
    expect(await pass(20 * MINUTE)).toBe(0);
    const beatsBefore = beats.length;
    offline.clear();
    expect([await pass(SECOND), beats.length - beatsBefore]).toEqual([1, 1]);
  });

  it("that could not be told is told at the next second", async () => {
    isDown = true;
    await pass(3 * SECOND);
    isDown = false;
    expect(await pass(2 * SECOND)).toBe(1);
  });

  it("that the broker would hang up on is tried no more than once a minute", async () => {
    isRefused = true;
    await pass(3 * MINUTE);
    expect(failures).toBe(3);
    isRefused = false;
    expect(await pass(MINUTE)).toBe(1);
  });

  it("goes on when the clock is set back", async () => {
    await pass(SECOND);
    clock.set(clock.now() - 24 * 60 * MINUTE);
    expect(await pass(SECOND)).toBe(1);
  });

  it("ends with a word to each that was told, also if one cannot be told", async () => {
    devices = [
      { root: ROOT, dataAt: null },
      { root: "b/", dataAt: null },
    ];
    await pass(SECOND);
    await app.stop();
    expect(published.slice(2)).toEqual([ROOT, "b/"].map((root) => `${root}Communicator/hall 6_valvomo_/active 0`));
    isDown = true;
    await pass(SECOND);
    await expect(app.stop()).resolves.toBeUndefined();
  });
});
