import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { saveLastNumber } from "../../src/store/sql/numbers.ts";
import { openStore, type Store } from "../support/store.ts";
import { DATABASES } from "../support/databases.ts";
import { byHand } from "../support/by-hand.ts";
import { eventOf } from "../support/alarms.ts";
import { chatOf } from "../support/rules.ts";
import { emptyTables } from "./tables.ts";

/** Where alarms go. */
let chats: readonly number[] = [];
const options = { destinationsOf: () => chats.map(chatOf), now: () => 5_000 };

describe.each(DATABASES)("the store on %s", (_, open) => {
  let database: Database;
  let store: Store;
  const { next, show } = byHand(() => store);

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

  it("goes on counting after it was opened again, and knows what chats chose", async () => {
    await record([eventOf({ id: "a", message: "a" })], [1]);
    await store.chats.setTimeZone(1, "Europe/Helsinki");
    await store.chats.setTimeZone(1, "Europe/Paris");
    store = await openStore(database, options);
    await record([eventOf({ id: "b", message: "b" })], [1]);
    const rows = await database.all<{ id: number }>("SELECT id FROM alarms ORDER BY id");
    expect(rows.map(({ id }) => id)).toEqual([1, 2]);
    expect(store.chats.timeZoneOf(1)).toBe("Europe/Paris");
    expect(store.chats.timeZoneOf(2)).toBe("UTC");
  });

  it("goes on counting events beyond what 32 bits hold, and knows what a supergroup chose", async () => {
    const group = -1_001_234_567_890;
    const last = 2 ** 31;
    await database.transaction((queries) => saveLastNumber(queries, "event", last));
    await record([eventOf({ id: "a", message: "a" })], [group]);
    await store.chats.setTimeZone(group, "Europe/Helsinki");
    store = await openStore(database, options);
    expect(store.chats.timeZoneOf(group)).toBe("Europe/Helsinki");
    expect(await database.all("SELECT id, alarm_id FROM events")).toEqual([{ id: last + 1, alarm_id: 1 }]);
    expect((await next(group)).card.chatId).toBe(group);
  });

  it("moves a chat's cards and settings to its new id, without messages that are not there", async () => {
    await record([eventOf({ id: "a", message: "a" })], [-1]);
    const pending = await next(-1);
    await show(pending);
    await store.chats.setTimeZone(-1, "Europe/Paris");
    await store.chats.migrate(-1, -100);
    await store.chats.migrate(-1, -100);
    expect([store.chats.currentId(-1), store.chats.timeZoneOf(-100)]).toEqual([-100, "Europe/Paris"]);
    await record([eventOf({ id: "a", message: "b" })], [-100]);
    expect((await next(-100)).card.messageId).toBeNull();
    expect(await store.cards.decisions(1, -100, 10)).toHaveLength(1);
  });

  it("loses none of the settings of a chat that are changed at once, nor any to a migration that is told twice", async () => {
    const { chats: settings } = store;
    const quiet = { startMinute: 1_320, endMinute: 360, weekdays: [1, 2] };
    await Promise.all([
      settings.setTimeZone(-1, "Europe/Paris"),
      settings.setQuietHours(-1, quiet),
      settings.setJoined(-1, 77),
    ]);
    const known = (reader: typeof settings, chatId: number) => [
      reader.timeZoneOf(chatId),
      reader.quietHoursOf(chatId),
      reader.joined().includes(chatId),
    ];
    expect(known(settings, -1)).toEqual(["Europe/Paris", quiet, true]);
    await Promise.all([
      settings.migrate(-1, -100),
      settings.migrate(-1, -100),
      settings.setTimeZone(-100, "Europe/Oslo"),
    ]);
    await settings.migrate(-1, -100);
    expect(known(settings, -100)).toEqual(["Europe/Oslo", quiet, true]);
    expect(settings.joined()).toEqual([-100]);
    const again = await openStore(database, options);
    expect(known(again.chats, -100)).toEqual(["Europe/Oslo", quiet, true]);
    expect(again.chats.joined()).toEqual([-100]);
  });

  it("keeps dialogues", async () => {
    const { dialogues } = store;
    await dialogues.write("1:2", "one", 1);
    await dialogues.write("1:2", "two", 2);
    expect(await dialogues.read("1:2", 3)).toBe("two");
    await dialogues.delete("1:2", 3);
    expect(await dialogues.read("1:2", 4)).toBeUndefined();
  });

  it("shows an update that comes again the dialogue as it was before it", async () => {
    const { dialogues, inbox } = store;
    const asked = [1, 2, 3].map((id) => ({ id, content: "{}" }));
    await inbox.take(asked);
    await dialogues.write("1:2", "first question", 1);
    expect(await dialogues.read("1:2", 1)).toBeUndefined();
    for (let run = 0; run < 2; run++) {
      expect(await dialogues.read("1:2", 2)).toBe("first question");
      await dialogues.write("1:2", "second question", 2);
    }
    for (let run = 0; run < 2; run++) {
      expect(await dialogues.read("1:2", 3)).toBe("second question");
      await dialogues.delete("1:2", 3);
      await dialogues.tidy();
    }
    expect(await dialogues.read("1:2", 4)).toBeUndefined();
    // Answered, nothing is left of it.
    await inbox.answered(3);
    await dialogues.tidy();
    expect(await database.all("SELECT * FROM dialogues")).toEqual([]);
  });

  it("changes nothing when a transaction fails, and goes on", async () => {
    const failed = database.transaction(async (queries) => {
      await queries.run("INSERT INTO chats (chat_id, time_zone) VALUES ($1, $2)", 9, "UTC");
      throw new Error("no");
    });
    const other = database.transaction((queries) =>
      queries.run("INSERT INTO chats (chat_id, time_zone) VALUES ($1, $2)", 10, "UTC"),
    );
    await expect(failed).rejects.toThrow("no");
    await other;
    expect(await database.all<{ chat_id: number }>("SELECT chat_id FROM chats")).toEqual([{ chat_id: 10 }]);
  });

  it("refuses a database of a newer Valvomo", async () => {
    await database.transaction((queries) => queries.run("UPDATE schema_version SET version = 99"));
    await expect(openStore(database, options)).rejects.toThrow(/schema 99.*newer Valvomo/);
  });
});
