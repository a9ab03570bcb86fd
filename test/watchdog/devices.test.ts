import { describe, expect, it } from "vitest";
import { DEVICE, eachInItsWorld, link, MINUTE, news, open, pass, publish, restart, SECOND, world } from "./world.ts";

eachInItsWorld();

const DESC = `${DEVICE}/Desc`;
const OTHER = "plants/Other/TcIotCommunicator/Desc";
const ONLY_DEVICES = {
  liveFilters: ["live/#"],
  deviceFilters: ["plants/+/TcIotCommunicator/Desc", "plants/+/TcIotCommunicator/Json/Tx/Data"],
};
const online = '{"Timestamp":"2026-11-23T03:00:00","Online":true}';

/** Describes the device so often, for so long; another one goes on all the time. */
async function describeEvery(everyMs: number, forMs: number): Promise<void> {
  for (let passed = 0; passed < forMs; passed += everyMs) {
    publish(DESC, online);
    await others(everyMs);
  }
}
async function others(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10 * SECOND) {
    publish(OTHER, online);
    await pass(10 * SECOND);
  }
}
const isUp = () => world.watch.devices().find(({ root }) => root === `${DEVICE}/`)?.isUp;

describe("a device that falls silent without a will", () => {
  it("is offline after three of its intervals, and back with its next word", async () => {
    await open(ONLY_DEVICES);
    await describeEvery(MINUTE, 10 * MINUTE);
    expect([isUp(), news()]).toEqual([true, []]);
    await others(MINUTE + 50 * SECOND);
    expect(news()).toEqual([]);
    await others(30 * SECOND);
    expect([isUp(), news()]).toEqual([false, [`active device ${DESC}`]]);
    expect(world.watch.status().troubles[0]?.message).toBe(
      "The device “AMB” is offline: the last sign of it came at 03:09:00 UTC, where it describes itself every 1 min. No alarm can come from it until it is back.",
    );
    publish(DESC, online);
    await others(10 * SECOND);
    expect([isUp(), news()]).toEqual([true, [`cleared device ${DESC}`]]);
  });

  it("is given a minute at the least, and ten at the most", async () => {
    await open(ONLY_DEVICES);
    await describeEvery(10 * SECOND, 2 * MINUTE);
    await others(40 * SECOND);
    expect(news()).toEqual([]);
    await others(30 * SECOND);
    expect(news()).toEqual([`active device ${DESC}`]);
    await describeEvery(8 * MINUTE, 80 * MINUTE);
    news();
    await others(MINUTE);
    expect(news()).toEqual([]);
    await others(2 * MINUTE);
    expect(news()).toEqual([`active device ${DESC}`]);
  });

  it("lives for as long as its values come", async () => {
    await open(ONLY_DEVICES);
    await describeEvery(MINUTE, 10 * MINUTE);
    for (let i = 0; i < 20; i++) {
      publish(`${DEVICE}/Json/Tx/Data`, '{"Values":{"a":1}}');
      await others(MINUTE);
    }
    expect([isUp(), news()]).toEqual([true, []]);
  });

  it("is not believed to be online since the broker kept that it is", async () => {
    await open(ONLY_DEVICES);
    publish(DESC, online, true);
    await others(9 * MINUTE);
    expect([isUp(), news()]).toEqual([null, []]);
    await others(2 * MINUTE);
    expect([isUp(), news()]).toEqual([false, [`active device ${DESC}`]]);
    expect(world.watch.status().troubles[0]?.message).toContain(
      "the broker still says that it is online, but nothing has come from it since 03:00:00 UTC",
    );
    // Nor is what the broker kept an end, in this run or the next.
    publish(DESC, online, true);
    await others(MINUTE);
    await restart(ONLY_DEVICES);
    publish(DESC, online, true);
    await others(5 * MINUTE);
    expect(news()).toEqual([]);
    publish(DESC, online);
    await others(10 * SECOND);
    expect(news()).toEqual([`cleared device ${DESC}`]);
  });

  it("is nobody's fault while the broker cannot be reached, and has its time anew after that", async () => {
    await open(ONLY_DEVICES);
    await describeEvery(MINUTE, 10 * MINUTE);
    link(false);
    await pass(20 * MINUTE);
    expect([isUp(), news().filter((one) => one.includes("device"))]).toEqual([null, []]);
    link(true);
    await others(2 * MINUTE);
    expect(news().filter((one) => one.includes("device"))).toEqual([]);
    publish(DESC, online);
    await others(MINUTE);
    expect(isUp()).toBe(true);
  });

  it("with all the others is one trouble, the plant's", async () => {
    await open(ONLY_DEVICES);
    await describeEvery(MINUTE, 10 * MINUTE);
    await pass(15 * MINUTE);
    expect(news()).toEqual(["active plant"]);
  });

  it("is watched as the plants file has it, where it says how often it comes", async () => {
    await open({
      ...ONLY_DEVICES,
      heartbeats: [{ topic: DESC, field: null, everyMs: 60 * MINUTE, name: "AMB" }],
    });
    await describeEvery(MINUTE, 10 * MINUTE);
    await others(60 * MINUTE);
    expect(news()).toEqual([]);
  });
});
