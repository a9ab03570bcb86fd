import { describe, expect, it } from "vitest";
import { Devices } from "../../src/devices/devices.ts";
import { createMemberAccess } from "../../src/devices/member-access.ts";
import { openMemberBook, type MemberBook } from "../../src/devices/member-book.ts";
import type { Asker } from "../../src/devices/permitted.ts";
import { createMemberTable } from "../../src/store/members.ts";
import { openTables } from "../support/store.ts";

const ROOT = "plants/AMB/TcIotCommunicator/";
const NOBODY: Asker = { userId: 0, username: null, isAdmin: false };
const ANNA: Asker = { userId: 5, username: "anna", isAdmin: false };
const ADMIN: Asker = { userId: 1, username: null, isAdmin: true };
const everyone = () => true;

async function setUp() {
  const database = await openTables();
  const table = createMemberTable(database);
  const books: MemberBook[] = [await openMemberBook(table)];
  const devices = new Devices({ onUnread: () => undefined, onValue: (...came) => void books.at(-1)?.note(...came) });
  const say = (rest: string, content: object | "", root = ROOT) =>
    devices.take({
      topic: `${root}${rest}`,
      payload: Buffer.from(content === "" ? "" : JSON.stringify(content)),
      isRetained: false,
      receivedAt: 1,
    });
  const data = (values: object, metadata: object = {}, group = "L", root = ROOT) =>
    say("Json/Tx/Data", { GroupName: group, Values: values, MetaData: metadata }, root);
  return {
    say,
    data,
    book: () => books.at(-1)!,
    access: () =>
      createMemberAccess(books.at(-1)!, { devices, severityOf: (name) => (name === "AMB" ? "error" : "warning") }),
    restart: async () => {
      await books.at(-1)!.save();
      books.push(await openMemberBook(table));
    },
  };
}

describe("members of devices", () => {
  it("are plotted with the limits that their device brings along, as bad as the plants file says of it", async () => {
    const { say, data, access, restart } = await setUp();
    say("Desc", { Online: true });
    data({ a: 1, b: 2 }, { a: { "iot.MinValue": "0", "iot.MaxValue": "95.5" } });
    expect(access().first(9, ANNA)).toMatchObject([
      {
        label: "AMB a",
        limits: [
          { value: 0, side: "below", severity: "error" },
          { value: 95.5, side: "above", severity: "error" },
        ],
      },
      { label: "AMB b", limits: [] },
    ]);
    await restart();
    expect(access().like("AMB a", ANNA)[0]?.limits).toHaveLength(2);
  });

  it("have numbers from 101 on, which are the same over restarts, however they are named then", async () => {
    const { say, data, book, restart } = await setUp();
    say("Desc", { Online: true });
    data({ a: 1, b: 2 });
    data({ a: 1 }, {}, "Other");
    expect(book().first(9, everyone)).toMatchObject([
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
        .like(text, everyone)
        .map(({ label }) => label);
    expect([found("lampo 24h"), found("AMB"), found("x 7d"), found("t")]).toEqual([
      ["AMB Lämpötila"],
      ["AMB Lämpötila", "AMB s"],
      [],
      [],
    ]);
  });

  it("are found by their number, which a question names", async () => {
    const { say, data, book } = await setUp();
    say("Desc", { Online: true });
    data({ a: 1, b: 2 });
    expect(
      book()
        .like("102 24h", everyone)
        .map(({ path }) => path),
    ).toEqual(["b"]);
  });

  it("that are for certain people are found, told and plotted for them, and for admins", async () => {
    const { say, data, access } = await setUp();
    const seen = (asker: Asker) => [
      access()
        .first(9, asker)
        .map(({ label }) => label),
      access()
        .like("AMB", asker)
        .map(({ label }) => label),
      [101, 102, 103, 999, 1].filter((number) => access().maySee([1, number], asker)),
    ];
    const all = ["AMB early", "AMB open", "AMB secret"];
    data({ early: 1 });
    // It has not said yet whom it permits.
    expect([seen(NOBODY)[0], seen(ADMIN)[0]]).toEqual([[], ["AMB early"]]);
    say("Desc", { Online: true, PermittedUsers: "*" });
    data({ early: 1, open: 1, secret: 1 }, { secret: { "iot.PermittedUsers": "@Anna, 7" } });
    expect(seen(NOBODY)).toEqual([
      ["AMB early", "AMB open"],
      ["AMB early", "AMB open"],
      [101, 102, 999, 1],
    ]);
    for (const asker of [ANNA, { ...NOBODY, userId: 7 }, ADMIN])
      expect(seen(asker)).toEqual([all, all, [101, 102, 103, 999, 1]]);
    // What it says now counts, whether values come or not.
    say("Desc", { Online: true, PermittedUsers: "anna" });
    expect([seen(NOBODY)[2], seen(ANNA)[2]]).toEqual([
      [999, 1],
      [101, 102, 103, 999, 1],
    ]);
  });

  it("of a device that was not heard since the start are seen by whoever might see them before", async () => {
    const { say, data, access, restart } = await setUp();
    say("Desc", { Online: true });
    data({ open: 1, secret: 1 }, { secret: { "iot.PermittedUsers": "anna" } });
    say("Desc", "");
    await restart();
    const seen = (asker: Asker) => [101, 102].filter((number) => access().maySee([number], asker));
    expect([seen(NOBODY), seen(ANNA), seen(ADMIN)]).toEqual([[101], [101], [101, 102]]);
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
