import { describe, expect, it } from "vitest";
import { createDevices } from "../../src/devices/devices.ts";
import { openMemberBook, type MemberBook } from "../../src/devices/member-book.ts";
import { createMemberTable } from "../../src/store/members.ts";
import { migrate } from "../../src/store/schema.ts";
import { openSqlite } from "../../src/store/sqlite.ts";

const ROOT = "plants/AMB/TcIotCommunicator/";

async function setUp() {
  const database = openSqlite(":memory:");
  await migrate(database);
  const table = createMemberTable(database);
  const books: MemberBook[] = [await openMemberBook(table)];
  const devices = createDevices({ onUnread: () => undefined, onValue: (...came) => void books.at(-1)?.note(...came) });
  const say = (rest: string, content: object, root = ROOT) =>
    devices.take({
      topic: `${root}${rest}`,
      payload: Buffer.from(JSON.stringify(content)),
      isRetained: false,
      receivedAt: 1,
    });
  const data = (values: object, metadata: object = {}, group = "L", root = ROOT) =>
    say("Json/Tx/Data", { GroupName: group, Values: values, MetaData: metadata }, root);
  return {
    say,
    data,
    book: () => books.at(-1)!,
    async restart() {
      await books.at(-1)!.save();
      books.push(await openMemberBook(table));
    },
  };
}

describe("members of devices", () => {
  it("have numbers from 101 on, which are the same over restarts, however they are named then", async () => {
    const { say, data, book, restart } = await setUp();
    say("Desc", { Online: true });
    data({ a: 1, b: 2 });
    data({ a: 1 }, {}, "Other");
    expect(book().first(9)).toMatchObject([
      { number: 101, label: "AMB a" },
      { number: 102, label: "AMB b" },
      { number: 103, label: "AMB a", group: "Other" },
    ]);
    await restart();
    data({ b: 3, c: 4 }, { b: { "iot.DisplayName": "Pump", "iot.Unit": "bar", "iot.DecimalPrecision": "1" } });
    expect(book().numbered(102)).toMatchObject({ label: "AMB Pump", unit: "bar", decimals: 1 });
    expect(book().numbered(104)).toMatchObject({ label: "AMB c" });
    await restart();
    expect(book().numbered(102)).toMatchObject({ label: "AMB Pump", path: "b" });
  });

  it("are found by the beginnings of their words, the device's among them", async () => {
    const { say, data, book } = await setUp();
    say("Desc", { Online: true });
    data({ t: 1, s: 2 }, { t: { "iot.DisplayName": "Lämpötila" } });
    const found = (text: string) =>
      book()
        .like(text)
        .map(({ label }) => label);
    expect([found("lampo 24h"), found("AMB"), found("x 7d"), found("t")]).toEqual([
      ["AMB Lämpötila"],
      ["AMB Lämpötila", "AMB s"],
      [],
      [],
    ]);
  });

  it("that are for certain people are not plotted, since a plot is anybody's", async () => {
    const { say, data, book } = await setUp();
    data({ early: 1 });
    expect(book().first(9)).toEqual([]);
    say("Desc", { Online: true, PermittedUsers: "*" });
    data({ early: 1, open: 1, secret: 1 }, { secret: { "iot.PermittedUsers": "anna" } });
    expect(
      book()
        .first(9)
        .map(({ path }) => path),
    ).toEqual(["early", "open"]);
    expect([book().numbered(103), book().like("secret")]).toEqual([null, []]);
    say("Desc", { Online: true, PermittedUsers: "anna" });
    data({ open: 2 });
    expect(book().numbered(102)).toBeNull();
  });

  it("are no more than are kept", async () => {
    const { say, data, book } = await setUp();
    for (let device = 0; device < 11; device++) {
      const root = `plants/${device}/TcIotCommunicator/`;
      say("Desc", { Online: true }, root);
      const values = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`m${i}`, i]));
      data(values, {}, "L", root);
    }
    expect([book().numbered(20_100) === null, book().numbered(20_101)]).toEqual([false, null]);
  });
});
