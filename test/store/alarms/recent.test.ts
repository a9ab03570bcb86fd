import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/store/sql/database.ts";
import { createRecent, type Recent } from "../../../src/store/alarms/recent.ts";
import { openStore } from "../../support/store.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { eventOf } from "../../support/alarms.ts";

describe("what a batch knows of an alarm", () => {
  let database: Database;
  let recent: Recent;
  let reads = 0;
  const event = eventOf({ id: "a", message: "Coil too hot" });
  const find = () => recent.batch(({ alarms }) => alarms.find(event.alarmKey));

  beforeEach(async () => {
    const sqlite = openSqlite(":memory:");
    await (await openStore(sqlite)).record([event]);
    database = {
      ...sqlite,
      transaction: (work, survives, onVisible) =>
        sqlite.transaction(
          (queries) => work({ ...queries, all: (sql, ...values) => ((reads += 1), queries.all(sql, ...values)) }),
          survives,
          onVisible,
        ),
    };
    recent = createRecent(database);
    await find();
    reads = 0;
  });
  afterEach(() => database.close());

  it("the next one need not read", async () => {
    expect(await find()).toMatchObject({ message: "Coil too hot" });
    expect(reads).toBe(0);
  });

  it("the next one need not read, either, while the disk writes the first", async () => {
    const visible = Promise.withResolvers<void>();
    let isSafe = false;
    const first = recent
      .batch(
        ({ alarms }) => alarms.find(event.alarmKey),
        () => visible.resolve(),
      )
      .then(() => (isSafe = true));
    await visible.promise;
    const second = find();
    expect([isSafe, await second]).toMatchObject([false, { message: "Coil too hot" }]);
    expect(reads).toBe(0);
    await first;
  });

  it("is read anew once anything else was asked for, also if that is still to be done", async () => {
    const change = recent.database.transaction(({ run }) => run("UPDATE alarms SET message = 'Coil cold'"));
    expect(await find()).toMatchObject({ message: "Coil cold" });
    await change;

    const [, second] = await Promise.all([
      find(),
      recent.database.transaction(({ run }) => run("UPDATE alarms SET message = 'Coil warm'")),
    ]);
    expect(second).toBe(1);
    expect(await find()).toMatchObject({ message: "Coil warm" });
  });

  it("holds while only other alarms are changed, and is read anew once this one is, before a batch ends or after", async () => {
    const { id, key } = (await find())!;
    const rename = (to: string) =>
      recent.of([{ id, key }]).transaction(({ run }) => run("UPDATE alarms SET message = $1", to));
    await recent
      .of([{ id: id + 1, key: "another" }])
      .transaction(({ run }) => run("UPDATE chats SET time_zone = NULL"));
    await find();
    expect(reads).toBe(0);

    await rename("Coil cold");
    expect(await find()).toMatchObject({ message: "Coil cold" });
    await Promise.all([find(), rename("Coil warm")]);
    expect(await find()).toMatchObject({ message: "Coil warm" });
    const [, after] = await Promise.all([rename("Coil cold"), find()]);
    expect(after).toMatchObject({ message: "Coil cold" });
  });

  it("is read anew after a batch that failed", async () => {
    const failing = recent.batch(async ({ alarms }) => {
      const alarm = await alarms.find(event.alarmKey);
      if (alarm) alarms.save({ ...alarm, message: "never stored" }, null);
      throw new Error("the disk is full");
    });
    await expect(failing).rejects.toThrow("the disk is full");
    expect(await find()).toMatchObject({ message: "Coil too hot" });
  });
});
