import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import type { AlarmEvent } from "../../../src/alarms/event.ts";
import { acknowledge, takeBack, type Actor } from "../../../src/alarms/lifecycle/handling.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore, type Store } from "../../support/store.ts";
import { DATABASES } from "../../support/databases.ts";
import { NOW } from "../../support/alarms.ts";
import { chatOf } from "../../support/rules.ts";
import { emptyTables } from "../tables.ts";

const RING = "plants/AMB/TcIotCommunicator/Messages";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Where alarms go. */
let chats: readonly number[] = [];
const options = {
  destinationsOf: () => chats.map(chatOf),
};

/** What the PLC's clock, which shows UTC here, writes. */
const stamp = (at: number): string => new Date(at).toISOString().slice(0, -1);
const wire = (at: number, Message = "Coil 82.1 °C", more: object = {}) => ({ Timestamp: stamp(at), Message, ...more });

describe.each(DATABASES)("slots of TwinCAT's ring, stored in %s", (_, open) => {
  let database: Database;
  let store: Store;

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database, options);
  });
  afterAll(() => database.close());

  const record = (events: readonly AlarmEvent[], chatIds: readonly number[]) => {
    chats = chatIds;
    return store.record(events);
  };
  const inSlot = (n: number, content: object | string, at: number, isRetained = false): AlarmEvent =>
    decode({
      topic: `${RING}/${n}`,
      payload: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
      isRetained,
      receivedAt: at,
    })[0];
  const publish = (n: number, content: object | string, at: number) => record([inSlot(n, content, at)], [1]);
  const retained = (n: number, content: object | string, at: number) => record([inSlot(n, content, at, true)], [1]);
  const alarm = (id: number): Promise<Alarm | null> => store.alarms.find(id);

  it("make a new message of each Timestamp or Message, and an alarm of each text, in whichever slot", async () => {
    await publish(1, wire(NOW, "Coil 82.1 °C"), NOW);
    await publish(2, wire(NOW + 1_000, "Coil 91.7 °C"), NOW + 1_000);
    await publish(1, wire(NOW + 2_000, "Pump 3 stopped", { Type: "Critical" }), NOW + 2_000);
    expect(await alarm(1)).toMatchObject({ source: "AMB", count: 2, value: 91.7, topic: `${RING}/2` });
    expect(await alarm(2)).toMatchObject({ message: "Pump 3 stopped", severity: "critical", count: 1 });
    expect(await alarm(3)).toBeNull();
  });

  it("never ring again for what stands in them, retained or sent again by a bridge, days later and after a restart", async () => {
    for (const n of [1, 2, 3]) await publish(n, wire(NOW + n), NOW + n);
    const before = await alarm(1);
    store = await openStore(database, options);
    for (const n of [3, 1, 2]) {
      await retained(n, wire(NOW + n), NOW + 3 * DAY);
      await publish(n, wire(NOW + n), NOW + 3 * DAY);
    }
    expect(await alarm(1)).toEqual(before);
    await database.transaction((queries) => queries.run("DELETE FROM events"));
    for (const n of [1, 2, 3]) await retained(n, wire(NOW + n), NOW + 400 * DAY);
    expect(await alarm(1)).toEqual(before);
  });

  it.each([
    ["none", {}],
    ["none that can be read", { Timestamp: "now" }],
    ["that of a clock never set", { Timestamp: "1970-01-01T00:00:00.000" }],
  ])("with a time of %s: replays are known, but what is raised anew is news", async (__, more) => {
    for (const n of [1, 2]) await publish(n, { Message: "Hot", ...more }, NOW);
    for (const n of [1, 2]) await retained(n, { Message: "Hot", ...more }, NOW + DAY);
    expect(await alarm(1)).toMatchObject({ count: 2, occurrence: 1 });
    await publish(1, { Message: "Hot", ...more }, NOW + MINUTE);
    expect(await alarm(1)).toMatchObject({ count: 3 });
  });

  it("with a clock of another zone than told: replays are known all the same", async () => {
    const ahead = wire(NOW + 2 * HOUR);
    await publish(1, ahead, NOW);
    await publish(2, wire(NOW + 2 * HOUR + 1), NOW);
    await retained(1, ahead, NOW + 5 * HOUR);
    expect(await alarm(1)).toMatchObject({ count: 2, startedAt: NOW });
  });

  it("bring what was raised while we were away, in whatever order the broker hands it out", async () => {
    await retained(7, wire(NOW - HOUR), NOW);
    await retained(3, wire(NOW - DAY), NOW);
    expect(await alarm(1)).toMatchObject({
      count: 2,
      startedAt: NOW - DAY,
      lastAt: NOW - HOUR,
      topic: `${RING}/7`,
      state: "active",
    });
    await publish(3, "", NOW);
    expect(await alarm(1)).toMatchObject({ state: "active" });
    await publish(7, "", NOW);
    expect(await alarm(1)).toMatchObject({ state: "cleared", clearedAt: NOW });
  });

  it.each(["", '""', "null"])(
    "clear their alarm when emptied with %j, and it rings when it comes again",
    async (empty) => {
      await publish(4, wire(NOW), NOW);
      await publish(4, empty, NOW + MINUTE);
      await retained(4, empty, NOW + 2 * MINUTE);
      expect(await alarm(1)).toMatchObject({ state: "cleared", clearedAt: NOW + MINUTE, message: "Coil 82.1 °C" });
      const { events } = await store.history.of(1, 10);
      expect(events.map(({ state }) => state)).toEqual(["cleared", null]);
      await retained(4, wire(NOW), NOW + 3 * MINUTE);
      expect(await alarm(1)).toMatchObject({ state: "cleared" });
      await publish(5, wire(NOW + 4 * MINUTE), NOW + 4 * MINUTE);
      expect(await alarm(1)).toMatchObject({ state: "active", occurrence: 2, topic: `${RING}/5` });
    },
  );

  it("clear the alarm of the message that stands there, not of one that stood there before", async () => {
    await publish(4, wire(NOW, "Old"), NOW);
    await publish(4, wire(NOW + 1, "New"), NOW + 1);
    await publish(4, "", NOW + 2);
    expect(await alarm(1)).toMatchObject({ message: "Old", state: "active" });
    expect(await alarm(2)).toMatchObject({ message: "New", state: "cleared" });
  });

  it("clear what cannot be read, too", async () => {
    const unreadable = { topic: `${RING}/9`, payload: Uint8Array.of(72, 105, 255), isRetained: false, receivedAt: NOW };
    await record(decode(unreadable), [1]);
    expect(await alarm(1)).toMatchObject({ message: "Hiÿ", source: "AMB", state: "active" });
    await publish(9, "", NOW + 1);
    expect(await alarm(1)).toMatchObject({ state: "cleared" });
  });

  it("tell nothing when emptied without a message that came here: all 255 at once make no card", async () => {
    const all = Array.from({ length: 255 }, (__, i) => inSlot(i + 1, '""', NOW));
    await record([inSlot(1, wire(NOW), NOW), ...all], [1]);
    expect(await alarm(1)).toMatchObject({ state: "cleared" });
    expect(await alarm(2)).toBeNull();
    expect(await store.cards.backlog()).toMatchObject({ waiting: 1 });
  });

  it("of more than 255 messages: the oldest slots are taken again, and each end is that of what stood there last", async () => {
    const put = (i: number, at: number, isRetained = false) =>
      inSlot((i % 255) + 1, wire(NOW + i, `Valve ${i} stuck`), at, isRetained);
    await record(
      Array.from({ length: 300 }, (__, i) => put(i, NOW + i)),
      [1],
    );
    // At each start the broker hands out what stands in the ring.
    await record(
      Array.from({ length: 255 }, (__, i) => put(i + 45, NOW + DAY, true)),
      [1],
    );
    await publish(1, "", NOW + DAY);
    expect(await alarm(301)).toBeNull();
    expect(await alarm(1)).toMatchObject({ message: "Valve 0 stuck", state: "active", count: 1 });
    expect(await alarm(256)).toMatchObject({ message: "Valve 255 stuck", state: "cleared", count: 1 });
    expect(await alarm(300)).toMatchObject({ message: "Valve 299 stuck", state: "active", count: 1 });
  });

  describe("that another program writes to, too", () => {
    it("hold what came last: its end is no end of what stood there before", async () => {
      await publish(5, wire(NOW, "By the PLC"), NOW);
      await publish(5, wire(NOW + 1, "By another", { Type: "Critical" }), NOW + 1);
      // The PLC, or a bridge, writes its own message once more: it stands there again, and is no news.
      await publish(5, wire(NOW, "By the PLC"), NOW + 2);
      await publish(5, "", NOW + 3);
      expect(await alarm(1)).toMatchObject({ message: "By the PLC", state: "cleared", count: 1 });
      expect(await alarm(2)).toMatchObject({ message: "By another", state: "active", count: 1 });
    });

    it("are not written over by who acknowledges what stood there before", async () => {
      await publish(5, wire(NOW, "By the PLC"), NOW);
      await publish(5, wire(NOW + 1, "By another"), NOW + 1);
      const by: Actor = { userId: 5, name: "Aino", chatId: 1 };
      const acknowledged = (id: number) =>
        store.act(id, { by, action: "acknowledge", apply: (one, at) => acknowledge(one, by, at) });
      expect(await acknowledged(1)).toMatchObject({ isChanged: true });
      expect(await store.outbox.oldest("mqtt")).toBeNull();
      await acknowledged(2);
      expect(await store.outbox.oldest("mqtt")).toMatchObject({ target: `${RING}/5`, isRetained: true });
    });
  });

  describe("acknowledged at the plant", () => {
    const seen = { sent: false, Acknowledgement: "Valve replaced" };
    const BY = "IoT Communicator: “Valve replaced”";

    it("are not acknowledged by our own mark that was taken back meanwhile, wherever it comes from", async () => {
      await publish(1, wire(NOW), NOW);
      const by: Actor = { userId: 5, name: "Aino", chatId: 1 };
      const act = (action: "acknowledge" | "takeBack") =>
        store.act(1, {
          by,
          action,
          apply: (one, at) => (action === "takeBack" ? takeBack(one, at) : acknowledge(one, by, at)),
        });
      const sent = async () => {
        const row = await store.outbox.oldest("mqtt");
        await store.outbox.delete(row?.id ?? 0);
        return row?.payload ?? "";
      };
      await act("acknowledge");
      const marked = await sent();
      expect(JSON.parse(marked)).toMatchObject({ Acknowledgement: "Aino", sent: false });
      await act("takeBack");
      // The broker hands it back late; and after a restart, if the slot is not as it was.
      await publish(1, marked, NOW + 1_000);
      await retained(1, marked, NOW + 2_000);
      expect(await alarm(1)).toMatchObject({ acknowledgedBy: null, count: 1 });
      expect(JSON.parse(await sent())).toEqual(wire(NOW));
      await publish(1, { ...wire(NOW), sent: true, Acknowledgement: "On my way" }, NOW + 3_000);
      expect(await alarm(1)).toMatchObject({ acknowledgedBy: "IoT Communicator: “On my way”" });
    });

    it("do not raise again, but acknowledge, once", async () => {
      await publish(1, wire(NOW), NOW);
      await publish(1, wire(NOW, "Coil 82.1 °C", seen), NOW + MINUTE);
      await retained(1, wire(NOW, "Coil 82.1 °C", seen), NOW + DAY);
      expect(await alarm(1)).toMatchObject({ count: 1, acknowledgedBy: BY, acknowledgedAt: NOW + MINUTE, version: 2 });
      const { events, actions } = await store.history.of(1, 10);
      expect(events).toHaveLength(1);
      expect(actions).toEqual([
        {
          alarmId: 1,
          actedAt: NOW + MINUTE,
          occurrence: 1,
          by: { userId: 0, name: BY },
          action: "acknowledge",
          words: null,
          photo: null,
        },
      ]);
    });

    it("also when the message has no time, or was raised while we were away", async () => {
      await publish(1, { Message: "Untimed" }, NOW);
      await publish(1, { Message: "Untimed", ...seen }, NOW + 1);
      expect(await alarm(1)).toMatchObject({ count: 1, acknowledgedBy: BY });
      await retained(2, wire(NOW - HOUR, "Missed", seen), NOW);
      expect(await alarm(2)).toMatchObject({ count: 1, state: "active", acknowledgedBy: BY });
    });

    it("tell nothing when another message took their slot meanwhile", async () => {
      await publish(1, wire(NOW), NOW);
      await publish(1, wire(NOW + 1), NOW + 1);
      await publish(1, wire(NOW, "Coil 82.1 °C", seen), NOW + 2);
      expect(await alarm(1)).toMatchObject({ count: 2, acknowledgedBy: null });
    });

    it("count for the newest message only, and for no worse than it says", async () => {
      await publish(1, wire(NOW), NOW);
      await publish(2, wire(NOW + 1), NOW + 1);
      await publish(1, wire(NOW, "Coil 82.1 °C", seen), NOW + 2);
      expect(await alarm(1)).toMatchObject({ acknowledgedBy: null });
      await publish(3, wire(NOW + 3, "Coil 99 °C", { Type: "Critical" }), NOW + 3);
      await publish(4, wire(NOW + 4), NOW + 4);
      await publish(4, wire(NOW + 4, "Coil 82.1 °C", seen), NOW + 5);
      expect(await alarm(1)).toMatchObject({ peakSeverity: "critical", acknowledgedBy: null, count: 4 });
    });
  });
});
