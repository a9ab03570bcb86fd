import { describe, expect, it } from "vitest";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import { settleClock } from "../../src/store/set-back.ts";
import { createHeartbeats } from "../../src/store/heartbeats.ts";
import {
  active,
  BRIDGE,
  DEVICE,
  HOUR,
  eachInItsWorld,
  link,
  MINUTE,
  news,
  NORTH,
  open,
  pass,
  publish,
  restart,
  SECOND,
  settle,
  world,
} from "./world.ts";

eachInItsWorld();

/** What is to come once an hour, and is given three. */
const SLOW = { heartbeats: [{ topic: "slow/+", field: null, everyMs: HOUR, name: "Slow" }] };

describe("topics", () => {
  it("raise one alarm when one stops, and clear it when it comes again", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 5 };
    await pass(2 * MINUTE);
    expect(world.watch.status()).toEqual({ watched: 2, learning: 0, unwatched: 0, bridges: [], troubles: [] });
    world.plant = { "live/b": 5 };
    await pass(5 * MINUTE);
    expect(news()).toEqual(["active topic live/a"]);
    expect(world.watch.status().troubles[0]?.message).toContain(
      "“live/a” is silent: the last message came at 03:02:00 UTC",
    );
    expect(await world.store.alarms.find(1)).toMatchObject({
      state: "active",
      severity: "error",
      source: "Valvomo",
      count: 1,
    });
    world.plant = { "live/a": 10, "live/b": 5 };
    await pass(MINUTE);
    expect(news()).toEqual(["cleared topic live/a"]);
    expect(await world.store.alarms.find(1)).toMatchObject({ state: "cleared" });
  });

  it("are missed as soon when the clock was ahead by a year meanwhile, in this run or the one before", async () => {
    const YEAR = 365 * 24 * HOUR;
    await open();
    world.plant = { "live/a": 10, "live/b": 5, "live/c": 5 };
    await pass(2 * MINUTE);
    world.clock.set(world.clock.now() + YEAR);
    await pass(MINUTE);
    world.plant = { "live/b": 5, "live/c": 5 };
    world.clock.set(world.clock.now() - YEAR);
    news();
    await pass(5 * MINUTE);
    expect(news()).toEqual(["active topic live/a"]);
    world.clock.set(world.clock.now() + YEAR);
    await pass(2 * MINUTE);
    world.plant = { "live/b": 5 };
    world.clock.set(world.clock.now() - YEAR);
    await restart();
    news();
    await pass(5 * MINUTE);
    expect(news()).toEqual(["active topic live/c"]);
  });

  it.each([
    ["stopped", () => world.clock.freeze(5 * MINUTE)],
    ["asleep with its machine", () => world.clock.set(world.clock.now() + 5 * MINUTE)],
  ])(
    "are not silent for the time in which this program was %s, and are missed afterwards as ever",
    async (_, sleep) => {
      await open();
      world.plant = { "live/a": 10, "live/b": 20, [`${DEVICE}/Desc`]: 10 };
      await pass(5 * MINUTE);
      sleep();
      // What it missed is still to be read, and timers come first.
      await pass(10 * MINUTE);
      expect(news()).toEqual([]);
      expect(world.watch.status().troubles).toEqual([]);
      expect(world.log.lines().map(({ msg }) => msg)).toEqual([expect.stringContaining("did not run for a while")]);
      sleep();
      world.plant = { "live/b": 20, [`${DEVICE}/Desc`]: 10 };
      await pass(50 * SECOND);
      expect(news()).toEqual([]);
      await pass(2 * MINUTE);
      expect(news()).toEqual(["active topic live/a"]);
    },
  );

  it("do not miss the broker for the time in which this program did not run", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 20 };
    await pass(5 * MINUTE);
    link(false);
    await pass(10 * SECOND);
    world.clock.freeze(10 * MINUTE);
    await pass(20 * SECOND);
    expect(news()).toEqual([]);
    await pass(30 * SECOND);
    expect(news()).toEqual(["active broker"]);
  });

  it("raise one alarm when all stop", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 20, "live/c": 30 };
    await pass(5 * MINUTE);
    world.plant = {};
    await pass(10 * MINUTE);
    expect(news()).toEqual(["active plant"]);
    world.plant = { "live/a": 10, "live/b": 20 };
    await pass(2 * MINUTE);
    expect(news().toSorted()).toEqual(["active topic live/c", "cleared plant"]);
  });

  it("are given their time anew after a reconnect, and an alarm lasts until its topic is heard", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 20 };
    await pass(3 * MINUTE);
    world.plant = { "live/b": 20 };
    await pass(2 * MINUTE);
    expect(news()).toEqual(["active topic live/a"]);
    link(false);
    await pass(20 * MINUTE);
    expect(news()).toEqual(["active broker"]);
    link(true);
    await pass(50 * SECOND);
    expect(news()).toEqual(["cleared broker"]);
    expect(await active()).toEqual(["silence: topic live/a"]);
    world.plant = { "live/a": 10, "live/b": 20 };
    await pass(MINUTE);
    expect(news()).toEqual(["cleared topic live/a"]);
  });

  it("are remembered over a restart, with what was raised", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 20, "live/c": 20 };
    await pass(3 * MINUTE);
    world.plant = { "live/b": 20, "live/c": 20 };
    await pass(3 * MINUTE);
    expect(news()).toEqual(["active topic live/a"]);
    await restart();
    expect(world.watch.status()).toMatchObject({ watched: 3, learning: 0 });
    await pass(3 * MINUTE);
    expect(news()).toEqual([]);
    world.plant = { "live/a": 10, "live/b": 20 };
    await pass(3 * MINUTE);
    expect(news().toSorted()).toEqual(["active topic live/c", "cleared topic live/a"]);
    await restart({ liveFilters: ["live/a", "live/b"] });
    await pass(20 * SECOND);
    expect(news()).toEqual(["cleared topic live/c"]);
    expect(await createHeartbeats(world.database).all()).toHaveLength(3);
    await pass(MINUTE);
    expect(await createHeartbeats(world.database).all()).toHaveLength(2);
  });

  it("that come seldom are not given all of their time anew by a take-over, but one more beat", async () => {
    await open(SLOW);
    publish("slow/a");
    await pass(2 * HOUR);
    await restart(SLOW);
    await pass(59 * MINUTE);
    expect(news()).toEqual([]);
    await restart(SLOW);
    await pass(59 * MINUTE);
    expect(news()).toEqual([]);
    await pass(2 * MINUTE);
    expect(news()).toEqual(["active topic slow/+"]);
  });

  it("that come seldom are missed as soon when the clock of whoever takes over is two hours behind", async () => {
    const startedAt = world.clock.now();
    await open(SLOW);
    publish("slow/a");
    await pass(2 * HOUR);
    await world.watch.stop();
    world.clock.set(world.clock.now() - 2 * HOUR);
    const former = createFormerClock(world.clock.now, { aheadMs: 2 * HOUR, since: startedAt });
    await world.database.transaction((queries) => settleClock(queries, world.clock.now(), former));
    world.status = { ...world.status, since: world.clock.now() };
    await open(SLOW, null, former);
    await pass(59 * MINUTE);
    expect(news()).toEqual([]);
    await pass(2 * MINUTE);
    expect(news()).toEqual(["active topic slow/+"]);
  });

  it("are given all of their time anew after an hour in which nobody ran", async () => {
    await open(SLOW);
    publish("slow/a");
    await pass(2 * HOUR);
    await world.watch.stop();
    world.clock.freeze(HOUR);
    await restart(SLOW);
    await pass(3 * HOUR - MINUTE);
    expect(news()).toEqual([]);
    await pass(2 * MINUTE);
    expect(news()).toEqual(["active topic slow/+"]);
  });

  it("count only when they are live: what is retained is no sign of life", async () => {
    await open({ heartbeats: [{ topic: "slow/+", field: null, everyMs: HOUR, name: "Slow" }] });
    for (let minute = 0; minute < 4 * 60; minute++) {
      publish("live/a", "1", true);
      publish("slow/x", "1", true);
      world.clock.advance(MINUTE);
      await settle();
    }
    expect(news()).toEqual(["active topic slow/+"]);
    expect(world.watch.status().troubles[0]?.message).toBe(
      "“Slow” is silent: nothing has come since 03:00:10 UTC, and one is due every 1 h.",
    );
    publish("slow/y");
    await pass(10 * SECOND);
    expect(news()).toEqual(["cleared topic slow/+"]);
  });

  it("of alarms have no heartbeat unless it is set", async () => {
    await open({ heartbeats: [{ topic: "live/warnings/beat", field: null, everyMs: null, name: "Beat" }] });
    world.plant = { "live/warnings/x": 5, "live/warnings/beat": 5, [`${DEVICE}/Messages/7`]: 5, "other/x": 5 };
    await pass(MINUTE);
    expect(world.watch.status()).toMatchObject({ watched: 1, learning: 0 });
    expect(world.watch.liveTopics()).toEqual(["live/warnings/beat", "live/#", "plants/#"]);
  });

  it("that were found are a thousand at most, and are forgotten after a week without a message", async () => {
    await open();
    for (let i = 0; i < 1_005; i++) publish(`live/${i}`);
    expect(world.watch.status()).toMatchObject({ learning: 1_000, unwatched: 5 });
    world.plant = { "live/0": 10 };
    await pass(2 * MINUTE);
    // Once, however often it is looked at.
    expect(world.log.lines().filter(({ messages }) => messages === 5)).toHaveLength(1);
    world.clock.advance(7 * 24 * HOUR - MINUTE);
    await pass(30 * SECOND);
    world.plant = {};
    world.clock.advance(2 * MINUTE);
    await pass(30 * SECOND);
    expect(world.watch.status()).toMatchObject({ watched: 1, learning: 0 });
  });

  it("are raised later if the store fails", async () => {
    await open();
    world.plant = { "live/a": 10, "live/b": 5 };
    await pass(2 * MINUTE);
    world.plant = { "live/b": 5 };
    world.isBroken = true;
    await pass(3 * MINUTE);
    expect(news()).toEqual([]);
    world.isBroken = false;
    await pass(20 * SECOND);
    expect(news()).toEqual(["active topic live/a"]);
  });
});

describe("the way", () => {
  it("is the broker's after half a minute, or that of its live topics", async () => {
    await open();
    link(false);
    await pass(30 * SECOND);
    expect(news()).toEqual([]);
    await pass(10 * SECOND);
    expect(news()).toEqual(["active broker"]);
    link(true);
    world.status = {
      ...world.status,
      subscriptions: [
        { qos: 1, isLive: false },
        { qos: null, isLive: true },
      ],
    };
    await pass(MINUTE);
    expect(news()).toEqual(["cleared broker", "active live topics"]);
    link(true);
    await pass(20 * SECOND);
    expect(news()).toEqual(["cleared live topics"]);
  });

  it("is the bridge's, when the broker says so before or after the topics stop", async () => {
    await open({ bridges: [NORTH] });
    expect(world.watch.liveTopics()).toContain(BRIDGE);
    publish(BRIDGE, "1", true);
    world.plant = { "live/a": 10, "live/b": 5 };
    await pass(2 * MINUTE);
    world.plant = {};
    await pass(85 * SECOND);
    publish(BRIDGE, "0");
    await pass(10 * MINUTE);
    expect(news()).toEqual(["active bridge plant.north"]);
    await restart({ bridges: [NORTH] });
    await pass(10 * SECOND);
    publish(BRIDGE, "0", true);
    await pass(10 * MINUTE);
    expect(news()).toEqual([]);
    publish(BRIDGE, "1");
    await pass(50 * SECOND);
    world.plant = { "live/a": 10, "live/b": 5 };
    await pass(5 * MINUTE);
    expect(news()).toEqual(["cleared bridge plant.north"]);
  });

  it("tells which bridges are up, as long as the broker can tell", async () => {
    await open({ bridges: [NORTH] });
    const bridge = () => world.watch.status().bridges.map(({ name, isUp }) => [name, isUp]);
    expect(bridge()).toEqual([["plant.north", null]]);
    publish(BRIDGE, "1", true);
    expect(bridge()).toEqual([["plant.north", true]]);
    link(false);
    expect(bridge()).toEqual([]);
  });

  it("is a gateway's, by the words of its last will", async () => {
    await open({ bridges: [{ name: "gateway", topic: "gw/state" }] });
    expect(world.watch.liveTopics()).toContain("gw/state");
    world.plant = { "live/a": 10 };
    publish("gw/state", "Online\n", true);
    await pass(2 * MINUTE);
    publish("gw/state", "offline");
    await pass(MINUTE);
    expect(news()).toEqual(["active bridge gateway"]);
    publish("gw/state", "who knows");
    await pass(MINUTE);
    expect(news()).toEqual([]);
    publish("gw/state", "online");
    await pass(MINUTE);
    expect(news()).toEqual(["cleared bridge gateway"]);
  });

  it("is the device's, at once, by its last will, also over a restart", async () => {
    await open();
    world.plant = { [`${DEVICE}/Json/Tx/Data`]: 5, "live/b": 5 };
    publish(`${DEVICE}/Desc`, '{"Timestamp":"2026-11-23T03:00:00","Online":true}', true);
    await pass(2 * MINUTE);
    world.plant = { "live/b": 5 };
    publish(`${DEVICE}/Desc`, '{"Online": false}');
    await pass(10 * SECOND);
    expect(news()).toEqual([`active device ${DEVICE}/Desc`]);
    expect(world.watch.status().troubles[0]?.message).toMatch(/^The device “AMB” is offline, since 03:02:00 UTC/);
    await pass(10 * MINUTE);
    await restart();
    await pass(50 * SECOND);
    publish(`${DEVICE}/Desc`, '{"Online": false}', true);
    await pass(10 * MINUTE);
    expect(news()).toEqual([]);
    for (const odd of ["", "{", "null", '{"Online":"yes"}', "x".repeat(70_000)]) publish(`${DEVICE}/Desc`, odd);
    await pass(10 * SECOND);
    expect(news()).toEqual([]);
    publish(`${DEVICE}/Desc`, '{"Online": true}');
    world.plant = { [`${DEVICE}/Json/Tx/Data`]: 5, "live/b": 5 };
    await pass(5 * MINUTE);
    expect(news()).toEqual([`cleared device ${DEVICE}/Desc`]);
  });
});

describe("a change of what is watched", () => {
  const beatOf = (topic: string, everyMs: number | null = null) => ({ topic, field: null, everyMs, name: topic });

  it("keeps what is known of the rest, ends what nobody watches any more, and is none if it says the same", async () => {
    const settings = await open({ heartbeats: [beatOf("alone/a", MINUTE), beatOf("alone/+", HOUR)] });
    expect(world.watch.follow({ ...settings })).toBe(false);
    world.plant = { "live/a": 10, "live/b": 5, "alone/a": 20 };
    await pass(2 * MINUTE);
    world.plant = { "live/a": 10 };
    await pass(10 * MINUTE);
    expect(news().toSorted()).toEqual(["active topic alone/a", "active topic live/b"]);
    expect(world.watch.follow({ ...settings, heartbeats: [beatOf("new/c", MINUTE)], liveFilters: ["#"] })).toBe(true);
    expect(world.watch.liveTopics()).toEqual(["new/c", "#"]);
    // What was set for alone/+ is not a topic that could be found on #.
    expect(world.watch.status()).toMatchObject({ watched: 4, learning: 0 });
    await pass(2 * MINUTE);
    expect(news()).toEqual([]);
    await pass(2 * MINUTE);
    expect(news()).toEqual(["active topic new/c"]);
    expect(world.watch.follow({ ...settings, heartbeats: [], liveFilters: ["live/a"] })).toBe(true);
    await pass(30 * SECOND);
    expect(news().toSorted()).toEqual(["cleared topic alone/a", "cleared topic live/b", "cleared topic new/c"]);
    await pass(MINUTE);
    expect((await createHeartbeats(world.database).all()).map(({ name }) => name)).toEqual(["topic live/a"]);
  });

  it("takes up a bridge, and knows one that was down", async () => {
    const settings = await open();
    world.plant = { "live/a": 10 };
    await pass(2 * MINUTE);
    world.watch.follow({ ...settings, bridges: [NORTH] });
    publish(BRIDGE, "0", true);
    await pass(MINUTE);
    expect(news()).toEqual(["active bridge plant.north"]);
    world.watch.follow({ ...settings, bridges: [NORTH, { name: "plant.south", topic: "gateway/south" }] });
    await pass(MINUTE);
    expect(news()).toEqual([]);
    publish(BRIDGE, "1", true);
    await pass(MINUTE);
    expect(news()).toEqual(["cleared bridge plant.north"]);
  });
});
