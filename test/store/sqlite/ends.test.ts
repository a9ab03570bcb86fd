import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../../support/store.ts";
import { NOW, TOPIC } from "../../support/alarms.ts";

let store: Store;
beforeEach(async () => {
  store = await openStore(openSqlite(":memory:"));
});
afterEach(() => store.close());

interface Told {
  readonly topic?: string;
  readonly isFound?: boolean;
}

const eventsOf = (payload: string | object, { topic = TOPIC, isFound = false }: Told = {}) =>
  decode({
    topic,
    payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
    isRetained: isFound,
    ...(isFound ? { isFound } : {}),
    receivedAt: NOW,
  });
const tell = (payload: string | object, told: Told = {}) => store.record(eventsOf(payload, told));
const active = async (): Promise<readonly Alarm[]> =>
  (await store.alarms.listActive({ offset: 0, limit: 1_000 })).alarms;
const texts = async () => (await active()).map(({ message }) => message).toSorted();

describe("an empty message", () => {
  it.each(["", "\0\0\0", '""', "null", "  \n", "\ufeff", '"\\u0020"'])(
    "(%j) ends all that is active on its topic",
    async (empty) => {
      await tell({ id: "oil", message: "Oil low", state: "active" });
      await tell({ id: "coil", source: "AMB 1", field: 1, message: "Coil hot" });
      await tell("CRITICAL: rotor touches");
      await tell("Oil low", { topic: `${TOPIC}/more` });
      await tell(empty);
      expect(await texts()).toEqual(["Oil low"]);
      expect((await active())[0]).toMatchObject({ topic: `${TOPIC}/more` });
      expect(await store.alarms.find(3)).toMatchObject({ state: "cleared", isClearedByPlant: true, clearedAt: NOW });
      // What is sent again ends nothing twice, and is no alarm.
      expect(await tell(empty)).toEqual([]);
      expect(await store.alarms.find(5)).toBeNull();
    },
  );

  it("ends what the same batch raised before it, and nothing that it raises afterwards", async () => {
    await store.record([
      ...eventsOf("Rotor touches"),
      ...eventsOf(""),
      ...eventsOf("Coil hot"),
      ...eventsOf("Rotor slow"),
    ]);
    expect(await texts()).toEqual(["Coil hot", "Rotor slow"]);
    expect(await store.alarms.find(1)).toMatchObject({ message: "Rotor touches", state: "cleared", count: 1 });
  });

  it("on a topic where nothing is active is nothing", async () => {
    expect(await tell("")).toEqual([]);
    expect([await store.alarms.find(1), await store.history.lastEventAt()]).toEqual([null, null]);
  });

  it("that comes for two thousand alarms of one topic is done with in a moment", async () => {
    for (let from = 0; from < 2_000; from += 500) {
      await store.record(Array.from({ length: 500 }, (_, i) => eventsOf(`Valve ${from + i} stuck`)[0]));
    }
    const before = process.cpuUsage();
    await tell("");
    const { user, system } = process.cpuUsage(before);
    expect(await texts()).toEqual([]);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });
});

describe("an end without a text", () => {
  it("is that of the alarm with its id", async () => {
    await tell({ id: "oil", message: "Oil low", severity: "error" });
    await tell({ id: "coil", message: "Coil hot" });
    await tell({ id: "oil", state: "RTN" });
    expect(await texts()).toEqual(["Coil hot"]);
    expect(await store.alarms.find(1)).toMatchObject({ message: "Oil low", state: "cleared", peakSeverity: "error" });
  });

  it("is that of the one alarm of its topic that tells states, and of none if there are two", async () => {
    await tell({ message: "Oil low", state: "active" });
    await tell("Noise at 3 kHz");
    await tell({ state: "cleared" });
    expect(await texts()).toEqual(["Noise at 3 kHz"]);
    await tell({ message: "Oil low", state: "active" });
    await tell({ message: "Coil hot", state: "active" });
    await tell({ state: "cleared" });
    expect(await texts()).toEqual(["Coil hot", "Noise at 3 kHz", "Oil low"]);
  });

  it("of a text is that of the alarm with the text behind it", async () => {
    await tell("ERROR: Pump 3 stopped at 82.1 °C");
    await tell("Cleared: Pump 4 stopped at 20 °C");
    expect(await texts()).toEqual(["Pump 3 stopped at 82.1 °C"]);
    await tell("[RESOLVED] Pump 3 stopped at 20 °C");
    expect(await texts()).toEqual([]);
  });

  it("of a pair of last-will words is that of the other", async () => {
    await tell("Offline");
    expect(await active()).toMatchObject([{ message: "Offline", severity: "warning" }]);
    await tell("Online");
    expect(await active()).toEqual([]);
    await tell('{"state":"offline"}', { topic: "a" });
    await tell('{"state":"online"}', { topic: "a" });
    expect(await active()).toEqual([]);
  });
});

it("the end of what was never told rings nobody: no chat has a card of it, /history knows it, and what comes then is new", async () => {
  expect(await tell({ id: "oil", message: "Oil low", severity: "critical", state: "cleared" })).toEqual([]);
  expect(await store.cards.pendingChats()).toEqual([]);
  expect(await store.history.recent(NOW - 1, 9)).toMatchObject({
    total: 1,
    active: 0,
    records: [{ alarm: { occurrence: 0 } }],
  });
  expect(await tell({ id: "oil", message: "Oil low", severity: "critical", state: "active" })).toEqual([1]);
  expect(await store.cards.nextPending(1, NOW)).toMatchObject({
    card: { ringReason: "first" },
    alarm: { occurrence: 1 },
  });
});

it("information without a state is shown once and kept in the history, and is never active", async () => {
  expect(await tell("[info] coil voltage sensor is back")).toEqual([1]);
  expect(await active()).toEqual([]);
  expect(await store.cards.nextPending(1, NOW)).toMatchObject({ card: { ringReason: "first" } });
  expect(await store.history.recent(NOW - 1, 9)).toMatchObject({ total: 1, active: 0, records: [{ reports: 1 }] });
});

describe("what stood at the broker when it was listened to for the first time", () => {
  it("is told as such, unless something else was told of it meanwhile", async () => {
    await tell({ id: "oil", message: "Oil low", severity: "critical", state: "active" }, { isFound: true });
    expect(await store.cards.nextPending(1, NOW)).toMatchObject({ card: { ringReason: "found" } });
    await store.record([
      ...eventsOf({ id: "coil", message: "Coil hot", state: "active" }, { isFound: true }),
      ...eventsOf({ id: "coil", message: "Coil hotter", state: "active" }),
    ]);
    const reasons = [await store.cards.nextPending(1, NOW), await store.alarms.find(2)];
    expect(reasons).toMatchObject([{ card: { ringReason: "found" } }, { count: 2 }]);
  });

  it("is known again when it is handed out again, and its end ends it", async () => {
    const oil = { id: "oil", message: "Oil low", state: "active", timestamp: NOW };
    await tell(oil, { isFound: true });
    expect(await tell(oil, { isFound: true })).toEqual([]);
    await tell({ id: "oil", state: "cleared" });
    expect(await active()).toEqual([]);
  });

  it("rings nobody if it is over already", async () => {
    expect(await tell({ id: "oil", message: "Oil low", state: "cleared" }, { isFound: true })).toEqual([]);
  });
});

describe("an array", () => {
  it("is one alarm each, each with its own part of the message, and a copy of it none", async () => {
    const list = [
      { id: "a", message: "Oil low", severity: "error", timestamp: NOW },
      { id: "b", message: "Coil hot", state: "active" },
      "CRITICAL: rotor touches",
    ];
    await tell(list);
    expect(await texts()).toEqual(["Coil hot", "Oil low", "rotor touches"]);
    await tell(list);
    expect(await store.alarms.find(1)).toMatchObject({ count: 1 });
    expect(await store.alarms.find(2)).toMatchObject({ count: 2 });
    await tell([{ id: "b", state: "cleared" }]);
    expect(await texts()).toEqual(["Oil low", "rotor touches"]);
  });

  it("of ten thousand is a hundred and one that says so, as bad as the worst that is left out", async () => {
    const list = Array.from({ length: 10_000 }, (_, i) => ({
      id: `v${i}`,
      message: `Valve ${i}`,
      severity: "info",
      state: "active",
    }));
    const worst = { id: "x", message: "Rotor touches", severity: "critical", state: "active" };
    const payload = Buffer.from(JSON.stringify([...list.slice(0, 700), worst]));
    await store.record(decode({ topic: TOPIC, payload, isRetained: false, receivedAt: NOW }));
    const all = await active();
    expect(all).toHaveLength(101);
    expect(all[0]).toMatchObject({
      severity: "critical",
      message: "701 alarms in one message: the first 100 are shown, the other 601 are not",
    });
    expect(
      decode({ topic: TOPIC, payload: Buffer.from(JSON.stringify(list)), isRetained: false, receivedAt: NOW }),
    ).toHaveLength(101);
  });
});
