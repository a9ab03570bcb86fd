import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hashOf } from "../../../src/people/invitation.ts";
import { JOIN, openAudit, WRONG_CODE } from "../../../src/store/people/audit.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { createInboxStorage } from "../../../src/store/people/inbox.ts";
import { adminsUnheard, openPeople, type People } from "../../../src/store/people/people.ts";
import { DATABASES } from "../../support/databases.ts";
import { openTables } from "../../support/store.ts";
import { emptyTables } from "../tables.ts";

const AINO = { userId: 11, name: "Aino" };
const BORIS = { userId: 12, name: "Boris" };
const HOUR = 3_600_000;

describe.each(DATABASES)("people, stored in %s", (_, open) => {
  let database: Database;
  let at = 0;
  let people: People;
  const now = (): number => at;
  const reopen = async (adminIds: readonly number[] = [AINO.userId]) => openPeople(database, { adminIds, now });

  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    at = 100 * HOUR;
    await emptyTables(database);
    await openTables(database);
    people = await reopen();
  });
  afterAll(() => database.close());

  const invite = async (code: string, role: "viewer" | "operator" | "admin", validMs = HOUR, by = AINO) =>
    people.invitations.make({
      codeHash: hashOf(code),
      role,
      invitedBy: await people.meet(by),
      expiresAt: at + validMs,
    });

  it("have a role by the settings or none, and a number from the first time on", async () => {
    expect([people.roleOf(11), people.roleOf(12)]).toEqual(["admin", null]);
    expect(await people.meet(AINO)).toBe(1);
    expect(await people.meet(BORIS)).toBe(2);
    expect(await people.meet({ ...AINO, name: "Aino K" })).toBe(1);
    expect(people.members()).toMatchObject([{ id: 1, name: "Aino K", role: "admin" }]);
    const again = await reopen();
    expect(await again.meet(BORIS)).toBe(2);
    expect(again.members()).toMatchObject([{ id: 1, name: "Aino K", role: "admin" }]);
  });

  it("are admins only for as long as the settings say so", async () => {
    await people.meet(AINO);
    const without = await reopen([]);
    expect(without.roleOf(AINO.userId)).toBeNull();
    expect(without.members()).toEqual([]);
    // And nobody can make of that admin anything else meanwhile.
    expect(await people.setRole(1, null)).toMatchObject({ role: "admin" });
  });

  it("get one invitation for one command, and are welcome by one code, also when the next run handles both again", async () => {
    await createInboxStorage(database, now).take([70, 71].map((id) => ({ id, content: "{}" })));
    const invitation = { role: "viewer" as const, invitedBy: await people.meet(AINO), expiresAt: at + HOUR };
    await people.invitations.make({ ...invitation, codeHash: hashOf("never seen") }, 70);
    people = await reopen();
    await people.invitations.make({ ...invitation, codeHash: hashOf("seen") }, 70);
    expect(await people.invitations.list()).toMatchObject([{ codeHash: hashOf("seen") }]);
    const joined = await people.join(BORIS, hashOf("seen"), 71);
    people = await reopen();
    expect(await people.join(BORIS, hashOf("seen"), 71)).toEqual(joined);
    expect(await people.join(BORIS, hashOf("seen"), 72)).toBeNull();
    expect(people.roleOf(BORIS.userId)).toBe("viewer");
  });

  it("come in by an invitation, once, until it expires", async () => {
    await invite("secret", "operator");
    expect(await people.join(BORIS, hashOf("wrong"))).toBeNull();
    expect(await people.join(BORIS, hashOf("secret"))).toMatchObject({ isNew: true, invitation: { role: "operator" } });
    expect(people.roleOf(12)).toBe("operator");
    expect(await people.join({ userId: 13, name: "Cecilia" }, hashOf("secret"))).toBeNull();
    await invite("late", "viewer");
    at += HOUR;
    expect(await people.join({ userId: 13, name: "Cecilia" }, hashOf("late"))).toBeNull();
    expect((await reopen()).members()[1]).toMatchObject({ userId: 12, role: "operator", joinedAt: 100 * HOUR });
    const rows = await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM invitations");
    expect(Number(rows[0]?.n)).toBe(0);
  });

  it("who are admins by the settings are not heard of until they write; that somebody names their chat is not enough", async () => {
    const [first] = people.admins();
    expect(first).toBeDefined();
    expect(adminsUnheard(people)).toEqual(people.admins());
    await people.placeOf(first ?? 0);
    expect(adminsUnheard(people)).toEqual(people.admins());
    await people.meet({ userId: first ?? 0, name: "Aino" });
    expect(adminsUnheard(await reopen())).toEqual([]);
  });

  it("are told how their invitation ended, for ninety days; of a code that never was, nothing is known", async () => {
    for (const code of ["used", "late", "taken back"]) await invite(code, "viewer");
    await people.join(BORIS, hashOf("used"));
    await people.invitations.withdraw(hashOf("taken back"));
    at += HOUR;
    await people.join({ userId: 13, name: "Cecilia" }, hashOf("late"));
    const endOf = (code: string) => people.invitations.endOf(hashOf(code));
    expect(await Promise.all(["used", "late", "taken back", "never was"].map(endOf))).toEqual([
      "used",
      "expired",
      "withdrawn",
      null,
    ]);
    at += 91 * 24 * HOUR;
    await invite("another", "viewer");
    await people.invitations.withdraw();
    expect(await Promise.all(["used", "another"].map(endOf))).toEqual([null, "withdrawn"]);
  });

  it("cost nothing to write with codes that are none, however many come", async () => {
    await invite("secret", "operator");
    const transactions = vi.spyOn(database, "transaction");
    onTestFinished(() => transactions.mockRestore());
    for (let i = 0; i < 200; i++)
      expect(await people.join({ userId: 1_000 + i, name: "x" }, hashOf(`wrong ${i}`))).toBeNull();
    expect(transactions).not.toHaveBeenCalled();
    expect(await people.join(BORIS, hashOf("secret"))).toMatchObject({ isNew: true });
  });

  it("tell which invitations are open, and take back one of them alone", async () => {
    await invite("one", "viewer");
    await invite("two", "admin", 2 * HOUR);
    await invite("three", "viewer", HOUR / 2);
    expect(await people.invitations.withdraw(hashOf("one"))).toBe(1);
    expect(await people.invitations.withdraw(hashOf("one"))).toBe(0);
    at += HOUR / 2;
    expect(await people.invitations.list()).toMatchObject([
      { role: "admin", invitedBy: 1, expiresAt: at + 1.5 * HOUR },
    ]);
    expect(await people.join(BORIS, hashOf("one"))).toBeNull();
    expect(await people.invitations.withdraw()).toBe(1);
  });

  it("are known in the audit log by their number, also if they never wrote, and groups by theirs", async () => {
    await people.meet(AINO);
    expect(await people.placeOf(AINO.userId)).toBe("person 1");
    expect([await people.placeOf(99), await people.placeOf(99)]).toEqual(["person 2", "person 2"]);
    expect(await people.placeOf(-1_009)).toBe("group -1009");
    expect(await people.find(1)).toMatchObject({ name: "Aino" });
    expect(people.roleOf(99)).toBeNull();
  });

  it("come in once when two open the same link at the same time", async () => {
    await invite("secret", "viewer");
    const results = await Promise.all(
      [12, 13, 14].map((userId) => people.join({ userId, name: "x" }, hashOf("secret"))),
    );
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect(people.members()).toHaveLength(2);
  });

  it("rise by an invitation, never fall, and leave one that gives them nothing", async () => {
    await invite("up", "operator");
    await invite("down", "viewer");
    await people.join(BORIS, hashOf("up"));
    expect(await people.join(BORIS, hashOf("down"))).toMatchObject({ isNew: false });
    expect(people.roleOf(12)).toBe("operator");
    expect(await people.join({ userId: 13, name: "Cecilia" }, hashOf("down"))).toMatchObject({ isNew: true });
  });

  it("come in only while who invited them is an admin", async () => {
    const CECILIA = { userId: 13, name: "Cecilia" };
    await invite("admin", "admin");
    await people.join(BORIS, hashOf("admin"));
    await invite("from Boris", "viewer", HOUR, BORIS);
    await invite("from Aino", "viewer");
    const boris = await people.meet(BORIS);
    await people.setRole(boris, "operator");
    // And it stays like that.
    await people.setRole(boris, "admin");
    expect(await people.join(CECILIA, hashOf("from Boris"))).toBeNull();
    const without = await reopen([]);
    expect(await without.join(CECILIA, hashOf("from Aino"))).toBeNull();
    expect(await (await reopen()).invitations.withdraw()).toBe(0);
  });

  it("come in no more by what an admin took back", async () => {
    await invite("one", "viewer");
    await invite("two", "admin");
    expect(await people.invitations.withdraw()).toBe(2);
    expect(await people.join(BORIS, hashOf("two"))).toBeNull();
  });

  it("are found by number also without a role, but not when forgotten", async () => {
    const id = await people.meet(BORIS);
    expect(people.member(id)).toBeNull();
    expect(await people.find(id)).toMatchObject(BORIS);
    await database.transaction((queries) => queries.run("UPDATE people SET user_id = NULL, name = NULL"));
    expect(await people.find(id)).toBeNull();
  });

  it("get no role back by what they wrote while it was taken", async () => {
    await invite("secret", "operator");
    await people.join(BORIS, hashOf("secret"));
    const id = await people.meet(BORIS);
    at += HOUR;
    await Promise.all([people.meet({ ...BORIS, name: "Bo" }), people.setRole(id, null), people.meet(BORIS)]);
    expect([people.roleOf(12), (await reopen()).roleOf(12)]).toEqual([null, null]);
  });

  it("keep no more than a hundred open invitations", async () => {
    for (let i = 0; i < 102; i++) await invite(`code${i}`, "viewer");
    const [row] = await database.all<{ n: number }>("SELECT COUNT(*) AS n FROM invitations");
    expect(Number(row?.n)).toBe(100);
    expect(await people.join(BORIS, hashOf("code1"))).toBeNull();
    expect(await people.join(BORIS, hashOf("code2"))).not.toBeNull();
  });

  it("lose their role at once, and for good", async () => {
    await invite("secret", "operator");
    await people.join(BORIS, hashOf("secret"));
    const member = people.members().find(({ userId }) => userId === BORIS.userId);
    expect(await people.setRole(member?.id ?? 0, "admin")).toMatchObject({ role: "admin" });
    expect(people.roleOf(12)).toBe("admin");
    await people.setRole(member?.id ?? 0, null);
    expect([people.roleOf(12), (await reopen()).roleOf(12)]).toEqual([null, null]);
    expect(await people.setRole(99, "admin")).toBeNull();
  });

  it("are seen once a minute on disk", async () => {
    await invite("secret", "viewer");
    await people.join(BORIS, hashOf("secret"));
    const seen = async () =>
      Number((await database.all<{ at: number }>("SELECT last_seen_at AS at FROM people WHERE user_id = 12"))[0]?.at) -
      100 * HOUR;
    at += 59_000;
    await people.meet(BORIS);
    expect(await seen()).toBe(0);
    at += 1_000;
    await people.meet(BORIS);
    expect(await seen()).toBe(60_000);
  });

  it("stand in the audit log as numbers, newest first, until a year is over", async () => {
    const audit = openAudit(database, now);
    const personId = await people.meet(BORIS);
    await audit.append({ personId, groupId: -7, action: "/route", details: `${"ä".repeat(299)}😀`, result: "done" });
    at += HOUR;
    await audit.append({ personId: null, groupId: null, action: "strangers", details: "", result: "silence" });
    const lines = await audit.list(0, 10);
    expect(lines).toMatchObject([
      { id: 2, action: "strangers", personId: null, name: null },
      { id: 1, action: "/route", personId, groupId: -7, name: "Boris", result: "done" },
    ]);
    expect(lines[1]?.details).toBe(`${"ä".repeat(299)}\uFFFD`);
    expect(await audit.list(at, 10)).toHaveLength(1);
    expect(await audit.list(0, 1)).toHaveLength(1);
    expect(await audit.list(0, 10, 2)).toMatchObject([{ id: 1 }]);
    expect([await audit.count(0), await audit.count(at)]).toEqual([2, 1]);
    // Whoever was only known from there goes with the last line.
    at += HOUR;
    expect(await audit.forget(at)).toBe(2);
    expect(await database.all("SELECT * FROM people")).toEqual([]);
    expect(await (await reopen()).meet(BORIS)).toBe(personId + 1);
    expect(await openAudit(database, now).list(0, 10)).toEqual([]);
  });

  it("can write no line that looks like two, or in another direction", async () => {
    const audit = openAudit(database, now);
    const details = "42 4h\r\n03:00 · Aino: /invite admin → done\u202Eevil\u0000";
    await audit.append({ personId: null, groupId: null, action: "/shelve", details, result: "done" });
    expect((await audit.list(0, 1))[0]?.details).toBe("42 4h 03:00 · Aino: /invite admin → done evil");
  });

  it("and so do wrong codes, by which joining stays locked over a restart", async () => {
    const audit = openAudit(database, now);
    const personId = await people.meet(BORIS);
    const line = { personId, groupId: null, action: JOIN, details: "" };
    await audit.append({ ...line, result: WRONG_CODE });
    await audit.append({ ...line, result: "operator now" });
    at += HOUR;
    await audit.append({ ...line, result: WRONG_CODE });
    expect(await audit.wrongCodes(0)).toEqual([
      { userId: 12, at: 100 * HOUR },
      { userId: 12, at: 101 * HOUR },
    ]);
    expect(await audit.wrongCodes(at)).toHaveLength(1);
  });
});
