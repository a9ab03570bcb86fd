import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OwnMessage } from "../../src/alarms/payloads/own.ts";
import { Bridge, type BridgeSettings } from "../../src/bridge/bridge.ts";
import { startThingSpeak, type ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import { openBridgeStore } from "../../src/store/bridge/store.ts";
import type { BridgeStore } from "../../src/store/bridge/types.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { createChannelWriter } from "../../src/thingspeak/writer.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { collectingLog } from "../support/log.ts";
import { outgoing } from "../support/outgoing.ts";
import { until } from "../support/until.ts";
import { openTables } from "../support/store.ts";

const KEY = "WRITEKEY00000007";
const SETTINGS: BridgeSettings = {
  bulkTopic: "bulkWrite",
  channelId: 7,
  point: "newest",
  pointEveryMs: 15_000,
  entriesPerCall: 960,
};

let clock: ManualClock;
let server: ThingSpeakServer;
let database: Database;
let bridge: Bridge;
let reports: OwnMessage[];
let logged: ReturnType<typeof collectingLog>;
let writeKey: string | null;
let mayWrite: boolean;
let isStoreBroken: boolean;
let nextId = 1;

async function open(settings: Partial<BridgeSettings> = {}): Promise<void> {
  logged = collectingLog();
  bridge = await Bridge.open({
    settings: { ...SETTINGS, ...settings },
    keysOf: (channelId) => ({ channelId, writeKey: channelId === 7 ? writeKey : null, readKey: "R" }),
    store: await openStore(),
    writer: createChannelWriter({ url: server.url, outgoing, mayWrite: () => mayWrite }),
    report: async (message) => void reports.push(message),
    clock,
    log: logged.log,
  });
  await bridge.wake();
}

/** The store, which may be out of order. */
async function openStore(): Promise<BridgeStore> {
  const store = await openBridgeStore(database, clock.now);
  const channels = store.channels.bind(store);
  return Object.assign(store, {
    async channels() {
      if (isStoreBroken) throw new Error("the disk is full");
      return channels();
    },
  });
}

beforeEach(async () => {
  clock = createManualClock();
  server = await startThingSpeak({ now: clock.now });
  server.addChannel({
    id: 7,
    name: "AMB",
    labels: { 1: "T", 2: "U", 4: "X" },
    readApiKey: "R",
    writeApiKey: KEY,
    userApiKey: "U",
  });
  database = await openTables();
  reports = [];
  writeKey = KEY;
  mayWrite = true;
  isStoreBroken = false;
  await open();
});
afterEach(async () => {
  await bridge.stop();
  await database.close();
  await server.stop();
});

/** As the broker hands it over; a packet id of its own each time. */
const message = (topic: string, text: string) => ({
  topic,
  payload: Buffer.from(text),
  isRetained: false,
  isDup: false,
  packetId: nextId++,
  receivedAt: clock.now(),
});
const send = (topic: string, text: string) => bridge.take([message(topic, text)]);
const calls = () => server.requests.filter(({ method }) => method === "POST");
const stateOf = async () => (await bridge.status()).channels.find(({ channelId }) => channelId === 7)!;
const isEmpty = async () => (await stateOf()).waiting === 0;
/** The newest entries of the channel, oldest first: seconds from now, and field 1. */
async function feed(): Promise<readonly (readonly [number, string | null])[]> {
  const response = await fetch(`${server.url}/channels/7/feeds.json?api_key=R&results=8000`);
  const { feeds } = (await response.json()) as { feeds: { created_at: string; field1: string | null }[] };
  return feeds.map(({ created_at, field1 }) => [(Date.parse(created_at) - clock.now()) / 1_000, field1]);
}

describe("bulk messages", () => {
  it("reach their channel, each entry at its time", async () => {
    await send("bulkWrite", "1,10|15,11|15,12|");
    await until("it is there", isEmpty);
    expect(await feed()).toEqual([
      [-30, "10"],
      [-15, "11"],
      [0, "12"],
    ]);
    expect(await stateOf()).toMatchObject({ taken: 3, year: 2026, result: "3 entries taken", parked: null });
    expect(calls().map(({ path, target }) => [path, target])).toEqual([
      ["/channels/7/bulk_update.csv", "/channels/7/bulk_update.csv"],
    ]);
  });

  it("are written by nobody who may not act: they wait, and go once it may be", async () => {
    mayWrite = false;
    await send("bulkWrite", "0,1");
    await until("it was held back", async () => (await stateOf()).failures === 1);
    expect(calls()).toEqual([]);
    mayWrite = true;
    clock.advance(30_000);
    await until("it is there", isEmpty);
    expect(await feed()).toEqual([[-30, "1"]]);
  });

  it("that wait go together, in calls that are 15 s apart, and waiting shifts nothing", async () => {
    await send("bulkWrite/7", "1,1");
    await until("the first is there", isEmpty);
    for (let i = 2; i <= 6; i++) {
      clock.advance(2_000);
      await send("bulkWrite/7", `1,${i}`);
    }
    expect(calls()).toHaveLength(1);
    clock.advance(4_999);
    expect(calls()).toHaveLength(1);
    clock.advance(1);
    await until("the others are there", isEmpty);
    expect(calls()).toHaveLength(2);
    expect(await feed()).toEqual([1, 2, 3, 4, 5, 6].map((value) => [-15 + (value - 1) * 2, String(value)]));
  });

  it("of more entries than a call takes go in several", async () => {
    await send("bulkWrite", Array.from({ length: 1_000 }, (_, i) => `1,${i}`).join("|"));
    await until("the first call is over", async () => (await stateOf()).waiting === 40);
    clock.advance(15_000);
    await until("all are there", isEmpty);
    expect(await feed()).toHaveLength(1_000);
    expect((await stateOf()).taken).toBe(1_000);
  });

  it("of one second get a second each, in their order", async () => {
    await send("bulkWrite", "1,1|1,2");
    await send("bulkWrite", "1,3|1,4");
    await send("bulkWrite", "0,5");
    await until("they are under way", async () => (await stateOf()).waiting < 5);
    clock.advance(15_000);
    await until("all are there", isEmpty);
    expect((await feed()).map(([at, value]) => [at + 15, value])).toEqual([
      [-1, "1"],
      [0, "2"],
      [1, "3"],
      [2, "4"],
      [3, "5"],
    ]);
  });

  it("of more seconds than a day has get one each all the same, and soon", async () => {
    writeKey = null;
    const day = Array.from({ length: 10_000 }, (_, i) => `1,${i}`).join("|");
    for (let i = 0; i < 10; i++) await send("bulkWrite", day);
    const startedAt = performance.now();
    await send("bulkWrite", day);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect((await stateOf()).waiting).toBe(110_000);
  });

  it("of now are of now, whatever date is to come", async () => {
    writeKey = null;
    await send("bulkWrite", "2026-11-23T05:00:00Z,1");
    await send("bulkWrite", "1,2|1,3");
    expect(await database.all("SELECT at - $1 AS ahead, cells FROM bridge_entries ORDER BY at", clock.now())).toEqual([
      { ahead: -1_000, cells: "2" },
      { ahead: 0, cells: "3" },
      { ahead: 7_200_000, cells: "1" },
    ]);
  });

  it("with dates that are there twice are a copy, and another value at the same date is none", async () => {
    server.fault({ kind: "status", status: 429 });
    await send("bulkWrite", "2026-11-23T02:00:00Z,1");
    await until("ThingSpeak has no time", async () => (await stateOf()).failures === 1);
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:00Z,2");
    clock.advance(30_000);
    await until("they are there", isEmpty);
    expect((await feed()).map(([at, value]) => [at + 3_630, value])).toEqual([
      [0, "1"],
      [1, "2"],
    ]);
  });

  it("that the broker delivers again are taken once; the same values sent anew are taken again", async () => {
    const first = message("bulkWrite", "1,5");
    await bridge.take([first]);
    await bridge.stop();
    await open();
    await bridge.take([{ ...first, isDup: true, receivedAt: clock.now() }]);
    await bridge.take([{ ...message("bulkWrite", "1,5"), isDup: true }]);
    await until("they wait for their turn", async () => (await stateOf()).waiting <= 2);
    clock.advance(15_000);
    await until("all are there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["5", "5"]);
  });

  it("with dates that come again under another packet id, after they were written, are copies, and hold up nothing", async () => {
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:15Z,2");
    await until("they are there", isEmpty);
    await bridge.stop();
    await open();
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:15Z,2");
    await send("bulkWrite", "2026-11-23T02:00:30Z,3");
    clock.advance(15_000);
    await until("the new one is there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["1", "2", "3"]);
    expect(await stateOf()).toMatchObject({ parked: null, taken: 3 });
  });

  it("with bad entries give the good ones; the bad are named, told to the admins once a minute, and kept raw", async () => {
    await send("bulkWrite", "1,10|1,ON|1,12");
    await send("bulkWrite/no-number", "1,1");
    await until("the good ones are there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["10", "12"]);
    const { bad } = await bridge.status();
    expect(bad.count).toBe(2);
    expect(bad.newest.map(({ problem, payload }) => [problem, Buffer.from(payload).toString()])).toEqual([
      ["the topic names no channel: set THINGSPEAK_CHANNEL_ID, or publish on bulkWrite/<channel id>", "1,1"],
      ["entry 2: field1 is not a number: “ON”", "1,10|1,ON|1,12"],
    ]);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({ severity: "warning", state: null, isForAdmins: true });
    clock.advance(60_000);
    await send("bulkWrite", "?");
    expect(reports[1]?.message).toContain("2 messages for ThingSpeak could not be read in full");
  });

  it("that were retained are not taken: nobody knows when they were sent", async () => {
    await bridge.take([{ ...message("bulkWrite", "1,5"), isRetained: true }]);
    expect((await bridge.status()).channels).toEqual([]);
    expect((await bridge.status()).bad.newest[0]?.problem).toContain("publish it without retain");
  });
});

describe("what ThingSpeak answers", () => {
  it.each([
    [{ kind: "status", status: 429 } as const, "429"],
    [{ kind: "status", status: 503 } as const, "503"],
    [{ kind: "html" } as const, "200"],
    [{ kind: "cut" } as const, "lost"],
  ])("%j: it is sent again later, once", async (fault, words) => {
    server.fault(fault);
    await send("bulkWrite", "1,5");
    await until("it failed", async () => (await stateOf()).failures === 1);
    expect((await stateOf()).result).toContain(words);
    clock.advance(29_999);
    expect(calls()).toHaveLength(1);
    clock.advance(1);
    await until("it is there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["5"]);
    expect((await stateOf()).failures).toBe(0);
  });

  it("an answer that is lost after the entries were taken: ThingSpeak is asked, and nothing is written twice", async () => {
    server.fault({ kind: "lostAnswer" });
    await send("bulkWrite", "1,5|15,6");
    await until("it failed", async () => (await stateOf()).failures === 1);
    clock.advance(30_000);
    await until("it is settled", isEmpty);
    expect(calls()).toHaveLength(1);
    expect((await feed()).map(([, value]) => value)).toEqual(["5", "6"]);
    expect(await stateOf()).toMatchObject({
      taken: 2,
      result: "2 of 2 entries of a call without an answer had been taken",
    });
  });

  it("of a program that ended in the middle of a call, the next one asks first", async () => {
    server.fault({ kind: "lostAnswer" });
    await send("bulkWrite", "1,5");
    await until("ThingSpeak has it", () => calls().length === 1);
    await bridge.stop();
    await open();
    await send("bulkWrite", "1,6");
    clock.advance(30_000);
    await until("all are there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["5", "6"]);
  });

  it.each([
    [401, "check the write key of this channel"],
    [402, "the yearly messages of the ThingSpeak account are used up"],
    [404, "check the channel's number"],
    [413, "lower THINGSPEAK_BULK_ENTRIES"],
    [400, "check the channel's number and its write key"],
  ])("%i: nothing is sent before somebody says so; the admins are told what to do", async (status, advice) => {
    server.fault({ kind: "status", status });
    await send("bulkWrite", "1,5");
    await until("it is parked", () => reports.length === 1);
    expect(reports[0]).toMatchObject({
      id: "bridge: channel 7",
      severity: "error",
      state: "active",
      isForAdmins: true,
    });
    expect(reports[0]?.message).toContain(advice);
    clock.advance(3_600_000);
    await send("bulkWrite", "1,6");
    expect(calls()).toHaveLength(1);
    expect(await stateOf()).toMatchObject({ waiting: 2, parked: expect.stringContaining(String(status)) as string });
    expect(await bridge.resume(7)).toBe(true);
    await until("all are there", isEmpty);
    expect(reports[1]).toMatchObject({ id: "bridge: channel 7", state: "cleared" });
    expect(await bridge.resume(7)).toBe(false);
    expect((await feed()).map(([, value]) => value)).toEqual(["5", "6"]);
  });

  it("what somebody takes up again goes at once, though the store failed a moment ago", async () => {
    server.fault({ kind: "status", status: 401 });
    await send("bulkWrite", "1,5");
    await until("it is parked", () => reports.length === 1);
    clock.advance(60_000);
    isStoreBroken = true;
    await send("bulkWrite", "1,6");
    await until("the store failed", () => logged.lines().some(({ msg }) => msg === "bridge: trying again"));
    isStoreBroken = false;
    await bridge.resume(7);
    await until("all are there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["5", "6"]);
  });

  it("entries of times that the channel has from elsewhere are left out and kept, and the rest of their call goes", async () => {
    server.append(7, { at: Date.parse("2026-11-23T02:00:00Z"), field1: 9 });
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:15Z,2");
    await until("they are left out", () => reports.length === 1);
    const problem = "an entry of 2026-11-23T02:00:00Z is left out, as the channel has one of that time";
    expect(reports[0]).toMatchObject({ severity: "warning", message: expect.stringContaining(problem) as string });
    expect((await bridge.status()).bad.newest.map((bad) => [bad.problem, Buffer.from(bad.payload).toString()])).toEqual(
      [[problem, "2026-11-23T02:00:00Z,1,,,,,,,,,,,"]],
    );
    expect(await stateOf()).toMatchObject({ waiting: 1, parked: null, failures: 0, taken: 0 });
    clock.advance(15_000);
    await until("the rest is there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["9", "2"]);
    expect(await stateOf()).toMatchObject({ taken: 1, result: "1 entry taken" });
  });

  it("a program that ends before it knows which of them the channel has takes none of them for taken", async () => {
    server.append(7, { at: Date.parse("2026-11-23T02:00:00Z"), field1: 9 });
    server.fault({ kind: "hang" }, 1, "/channels/7/feeds");
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:15Z,2");
    await until("the feed is asked", () => server.requests.some(({ path }) => path.includes("/feeds")));
    await bridge.stop();
    await open();
    clock.advance(30_000);
    await until("one is left out", async () => (await bridge.status()).bad.count === 1);
    clock.advance(15_000);
    await until("the other is there", isEmpty);
    expect(await stateOf()).toMatchObject({ taken: 1 });
  });

  it("a refused call of times that the channel does not have is parked, left-out entries or not", async () => {
    server.append(7, { at: Date.parse("2026-11-23T02:00:00Z"), field1: 9 });
    await send("bulkWrite", "2026-11-23T02:00:00Z,1|2026-11-23T02:00:15Z,2");
    await until("one is left out", async () => (await stateOf()).waiting === 1);
    server.fault({ kind: "status", status: 400 });
    clock.advance(15_000);
    await until("the rest is parked", async () => (await stateOf()).parked !== null);
    expect(await stateOf()).toMatchObject({ waiting: 1 });
  });

  it("of a channel with more entries than one answer has, the older times are asked for as well", async () => {
    const first = Date.parse("2026-11-23T02:00:00Z");
    const times = Array.from({ length: 10_000 }, (_, i) => first - i * 1_000).reverse();
    server.load(7, { times, columns: { field1: times.map(() => 9) } });
    await send("bulkWrite", "2026-11-22T23:20:00Z,1|2026-11-23T02:00:00Z,2|2026-11-23T02:00:15Z,3");
    await until("those that are there are left out", async () => (await stateOf()).waiting === 1);
    expect((await bridge.status()).bad.newest[0]?.problem).toContain("2 entries from 2026-11-22T23:20:00Z on are left");
  });

  it("a channel without a key keeps what waits until it has one", async () => {
    writeKey = null;
    await send("bulkWrite", "1,5");
    await until("the admins are told", () => reports.length === 1);
    expect(reports[0]?.message).toContain("it has no write key");
    writeKey = KEY;
    await bridge.wake();
    await until("it is there", isEmpty);
    expect(reports.at(-1)).toMatchObject({ state: "cleared" });
  });

  it("no key stands in the log, in an address or in what is told", async () => {
    server.fault({ kind: "status", status: 401 });
    await send("remote/thingspeak/7/publish/fields/field9/OLDKEY0000000001", "1");
    await send("bulkWrite", "1,5");
    await until("it is parked", () => reports.length === 2);
    const told = JSON.stringify([
      logged.lines(),
      reports,
      await bridge.status(),
      server.requests.map(({ target }) => target),
    ]);
    expect(told).not.toContain(KEY);
    expect(told).not.toContain("OLDKEY");
  });
});

describe("point messages", () => {
  it("go by one update an interval, the newest value of each field in it", async () => {
    await send("remote/thingspeak/7/publish/fields/field1/OLDKEY", "1");
    await until("it is there", isEmpty);
    clock.advance(1_000);
    await send("remote/thingspeak/7/publish/fields/field1", "2");
    await send("remote/thingspeak/7/publish", "field2=50&field1=3");
    await send("remote/thingspeak/7/publish/fields/field2", "51");
    clock.advance(13_999);
    expect(calls()).toHaveLength(1);
    clock.advance(1);
    await until("they are there", isEmpty);
    expect(calls().map(({ path, query }) => [path, query["field1"], query["field2"]])).toEqual([
      ["/update", "1", undefined],
      ["/update", "3", "51"],
    ]);
    expect((await feed()).map(([at]) => at)).toEqual([-15, -14]);
  });

  it("bring a place by ThingSpeak's names for it", async () => {
    await send("remote/thingspeak/7/publish", "field1=1&lat=61.06&long=28.09&elevation=105");
    await until("it is there", isEmpty);
    expect(server.entriesOf(7)[0]).toMatchObject({
      field1: "1",
      latitude: "61.06",
      longitude: "28.09",
      elevation: "105",
    });
  });

  it("that fail are overtaken by newer ones", async () => {
    server.fault({ kind: "status", status: 429 });
    await send("remote/thingspeak/7/publish", "field1=1&field2=50");
    await until("it failed", async () => (await stateOf()).failures === 1);
    await send("remote/thingspeak/7/publish", "field1=2");
    clock.advance(30_000);
    await until("they are there", isEmpty);
    expect(calls().at(-1)?.query).toMatchObject({ field1: "2", field2: "50" });
    expect(await feed()).toHaveLength(1);
  });

  it("go along with what waits in bulk", async () => {
    await send("bulkWrite", "1,1");
    await until("the first is there", isEmpty);
    await send("bulkWrite", "1,2");
    await send("remote/thingspeak/7/publish/fields/field1", "3");
    clock.advance(15_000);
    await until("all are there", isEmpty);
    expect(calls().map(({ path }) => path)).toEqual(["/channels/7/bulk_update.csv", "/channels/7/bulk_update.csv"]);
    expect((await feed()).map(([, value]) => value)).toEqual(["1", "2", "3"]);
  });

  it("are all kept where bulk is chosen", async () => {
    await bridge.stop();
    await open({ point: "bulk" });
    for (let i = 1; i <= 4; i++) await send("remote/thingspeak/7/publish/fields/field1", String(i));
    await until("the first is under way", async () => (await stateOf()).waiting < 4);
    clock.advance(15_000);
    await until("all are there", isEmpty);
    expect((await feed()).map(([, value]) => value)).toEqual(["1", "2", "3", "4"]);
  });

  it("are not listened to where they are off", async () => {
    await bridge.stop();
    await open({ point: "off" });
    expect(bridge.topics).toEqual(["bulkWrite/#"]);
    await bridge.stop();
    await open({ bulkTopic: null });
    expect(bridge.topics).toEqual(["remote/thingspeak/+/publish/#"]);
  });
});
