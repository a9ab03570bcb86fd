import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startThingSpeak, type ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import { createThingSpeak, type ThingSpeak } from "../../src/thingspeak/client.ts";
import { outgoing } from "../support/outgoing.ts";
import { until } from "../support/until.ts";
import { active, eachInItsWorld, news, open, SECOND, settle, world } from "./world.ts";

eachInItsWorld();

describe("ThingSpeak", () => {
  let server: ThingSpeakServer;
  let client: ThingSpeak;

  beforeEach(async () => {
    server = await startThingSpeak({ now: world.clock.now });
    server.addChannel({ id: 7, name: "AMB", labels: { 1: "Coil", 4: "Speed" }, readApiKey: null, writeApiKey: "W" });
    client = createThingSpeak({
      url: server.url,
      channelId: "7",
      readApiKey: null,
      outgoing,
      parse: () => Promise.reject(new Error("no feed is read here")),
      now: world.clock.now,
      delay: async () => {},
    });
  });
  afterEach(async () => {
    client.stop();
    await server.stop();
  });

  /** Lets minutes pass, in each of which there is an entry with these fields and one poll. */
  async function minutes(count: number, entry: { field1?: number; field4?: number }): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (Object.keys(entry).length > 0) server.append(7, { at: world.clock.now(), ...entry });
      polls = 0;
      for (let check = 0; check < 6; check++) {
        world.clock.advance(10 * SECOND);
        await settle();
      }
      await until("ThingSpeak was asked", () => polls > 0);
      await settle();
    }
  }
  let polls = 0;
  const latest = () =>
    client.latest().finally(() => {
      polls += 1;
    });

  it("is not updating, one field or all, or away", async () => {
    await open({ heartbeats: [{ topic: null, field: 4, everyMs: null, name: "Rotor speed" }] }, latest);
    world.clock.advance(0);
    await until("the first poll", () => polls > 0);
    await minutes(9, { field1: 1, field4: 2 });
    expect(world.watch.status()).toMatchObject({ watched: 2, troubles: [] });
    await minutes(6, { field1: 1 });
    expect(news()).toEqual(["active field 4"]);
    expect(world.watch.status().troubles[0]?.message).toMatch(
      /^“Rotor speed” on ThingSpeak is not updating: its newest entry/,
    );
    await minutes(2, { field1: 1, field4: 2 });
    expect(news()).toEqual(["cleared field 4"]);
    await minutes(9, {});
    expect(news()).toEqual(["active channel"]);
    await minutes(1, { field1: 1 });
    await minutes(2, { field1: 1, field4: 2 });
    expect(news()).toEqual(["cleared channel"]);
    await minutes(9, {});
    expect(news()).toEqual(["active channel"]);
    server.fault({ kind: "status", status: 503 }, 1_000);
    await minutes(8, {});
    expect(news()).toEqual(["active ThingSpeak"]);
    expect(world.watch.status().troubles[0]?.message).toMatch(/^ThingSpeak has a problem of its own, since 03:3/);
    expect(new Set(await active())).toEqual(new Set(["silence: channel", "silence: ThingSpeak"]));
  });

  it("does not forget a field that cannot be asked for a while", async () => {
    await open({ heartbeats: [] }, latest);
    world.clock.advance(0);
    await until("the first poll", () => polls > 0);
    await minutes(9, { field1: 1, field4: 2 });
    server.fault({ kind: "status", status: 502 }, 8, "/channels/7/fields/4");
    await minutes(2, { field1: 1, field4: 2 });
    expect(world.watch.status()).toMatchObject({ watched: 2, troubles: [] });
  });
});
