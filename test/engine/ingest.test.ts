import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { acknowledge } from "../../src/alarms/lifecycle/handling.ts";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { PlantMessage } from "../../src/alarms/plant-message.ts";
import { createIngest, createRaw, observed, read, recorded, type Observer } from "../../src/engine/ingest.ts";
import { Acknowledger } from "../../src/mqtt/acknowledger.ts";
import { isStorageFailure } from "../../src/store/sql/failure.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../support/store.ts";
import { NOW } from "../support/alarms.ts";
import { DATABASES } from "../support/databases.ts";
import { silentLog } from "../support/log.ts";
import { emptyTables } from "../store/tables.ts";

const FINE = '{"message":"Fine","id":"fine","state":"active"}';
const POISON = '{"message":"CRITICAL \u0000 poison"}';
const DISK_FULL = Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });

let store: Store;
let raws: string[];
let looked: number;
/** What fails before it is stored. */
let failing: (event: AlarmEvent) => unknown;
beforeEach(() => {
  [raws, looked] = [[], 0];
  failing = () => null;
});

const messageOf = (payload: string, topic = "plant/a"): PlantMessage => ({
  topic,
  payload: Buffer.from(payload),
  isRetained: false,
  receivedAt: NOW,
});
async function take(events: readonly AlarmEvent[]): Promise<void> {
  const error = events.map(failing).find((found) => found !== null);
  if (error !== undefined) throw error as Error;
  await store.record(events);
}
const observers: readonly Observer[] = [
  () => {
    throw new TypeError("a fault in an observer");
  },
  () => (looked += 1),
];
function ingestWith(reader: (message: PlantMessage) => readonly AlarmEvent[] = decode) {
  const raw = createRaw((topic) => raws.push(topic), silentLog);
  return createIngest([read(reader, raw), recorded(take, isStorageFailure, raw), observed(observers, silentLog)]);
}
const stored = async () =>
  (await store.alarms.listActive({ offset: 0, limit: 9 })).alarms.map(({ message }) => message);

describe.each(DATABASES)("a message over which our own code fails, on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    await emptyTables(database);
    store = await openStore(database);
  });
  afterAll(() => database.close());

  it("is stored raw as an error when it cannot be read, and the others as they are", async () => {
    const ingest = ingestWith((message) => {
      if (Buffer.from(message.payload).includes("poison")) throw new TypeError("undefined is not a function");
      return decode(message);
    });
    await ingest([messageOf(FINE), messageOf(POISON), messageOf(POISON), messageOf(FINE)]);
    const shown = 'Valvomo could not read this message: {"message":"CRITICAL   poison"}';
    expect(await stored()).toEqual([shown, "Fine"]);
    expect(await store.alarms.find(2)).toMatchObject({ severity: "error", count: 2, topic: "plant/a" });
    expect([raws, looked]).toEqual([["plant/a"], 1]);
  });

  it("is stored raw when it cannot be recorded, alone among those that came with it", async () => {
    failing = ({ message }) =>
      message.includes("poison") && !message.startsWith("Valvomo") ? new TypeError("odd") : null;
    await ingestWith()([messageOf(FINE), messageOf(POISON, "plant/b")]);
    expect((await stored()).map((message) => message.slice(0, 12))).toEqual(["Valvomo coul", "Fine"]);
    expect(raws).toEqual(["plant/b"]);
  });

  it("is not stored raw for want of a disk: it comes again", async () => {
    failing = () => DISK_FULL;
    await expect(ingestWith()([messageOf(FINE)])).rejects.toBe(DISK_FULL);
    expect([await stored(), raws, looked]).toEqual([[], [], 0]);
  });

  it("can be acknowledged like any other", async () => {
    await ingestWith(() => {
      throw new Error("odd");
    })([messageOf(POISON, "plants/AMB/TcIotCommunicator/Messages/3")]);
    const by = { userId: 1, name: "Anna", chatId: 1 };
    const apply = (alarm: Parameters<typeof acknowledge>[0], at: number) => acknowledge(alarm, by, at);
    expect(await store.act(1, { by, action: "acknowledge", apply })).toMatchObject({ isChanged: true });
  });
});

describe.each(DATABASES)("a message on a topic as long as MQTT has them, on %s", (_, open) => {
  it("is stored as it is, and so is all that comes with it", async () => {
    const database = await open();
    onTestFinished(() => database.close());
    store = await openStore(database);
    const failures: unknown[] = [];
    const acknowledger = new Acknowledger({
      store: ingestWith(),
      now: () => NOW,
      onFailure: (error) => failures.push(error),
    });
    const stream = new PassThrough();
    const long = (bytes: number): string => randomBytes(bytes / 2).toString("hex");
    const slot = `${long(950)}/TcIotCommunicator/Messages/3`;
    for (const [topic, message] of [
      [long(65_534), "Far off."],
      [slot, "In a slot."],
      ["plant/a", "Beside it."],
    ] as const) {
      const payload = JSON.stringify(topic === slot ? { Message: message } : { message });
      const packet = { cmd: "publish", topic, payload, qos: 1, messageId: 1, dup: false, retain: false } as const;
      acknowledger.receive(packet, stream, () => undefined);
    }
    await acknowledger.close();
    expect(failures).toEqual([]);
    expect((await stored()).sort()).toEqual(["Beside it.", "Far off.", "In a slot."]);
    expect(raws).toEqual([]);
  });
});

describe("what a database says", () => {
  it("is a failure of its own, or a fault in what it was asked", async () => {
    const database = openSqlite(":memory:");
    const told = async (sql: string, ...values: string[]) =>
      isStorageFailure(
        await database.transaction((queries) => queries.run(sql, ...values)).catch((error: unknown) => error),
      );
    await database.transaction((queries) => queries.run("CREATE TABLE a (b INTEGER NOT NULL)"));
    expect(await told("INSERT INTO a VALUES (NULL)")).toBe(false);
    expect(await told("INSERT INTO nowhere VALUES (1)")).toBe(false);
    await database.transaction((queries) => queries.run("PRAGMA query_only = 1"));
    expect(await told("INSERT INTO a VALUES (1)")).toBe(true);
    await database.close();
    expect(await told("INSERT INTO a VALUES (1)")).toBe(true);
    expect(isStorageFailure(new TypeError("undefined is not a function"))).toBe(false);
  });
});
