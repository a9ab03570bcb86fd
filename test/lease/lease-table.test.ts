import { describe, expect, it, onTestFinished } from "vitest";
import { PostgresLeaseTable } from "../../src/lease/lease-table.ts";
import type { LeaseTable, Me } from "../../src/lease/types.ts";
import { openPostgres } from "../../src/store/postgres/database.ts";
import { newSessionName } from "../../src/store/postgres/options.ts";
import { askPostgres, hasPostgres } from "../support/postgres.ts";
import { createSharedDatabase } from "../support/databases.ts";
import { until } from "../support/until.ts";

const TTL_MS = 300;

const meAs = (name: string, changes: Partial<Me> = {}): Me => ({
  id: `${newSessionName("process")} ${name}`.slice(0, 63),
  host: name,
  pid: 7,
  version: "0.2.0",
  schema: 3,
  settings: "ours",
  ...changes,
});

describe.skipIf(!hasPostgres)("the table of the lease, on a real server", () => {
  async function open() {
    const settings = await createSharedDatabase();
    const tableOf = (me: Me): LeaseTable => {
      const table = new PostgresLeaseTable(settings, me.id, TTL_MS);
      onTestFinished(() => table.close());
      return table;
    };
    return { settings, tableOf };
  }

  it("gives it to one of many who ask at once, and makes its tables once", async () => {
    const { tableOf } = await open();
    const all = Array.from({ length: 5 }, (_, i) => meAs(`host-${i}`));
    const claims = await Promise.all(all.map((me) => tableOf(me).claim(me)));
    const taken = claims.filter((claim) => claim !== null);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatchObject({ term: 1, takeOver: { from: null, heardAt: null, isHandedOver: false } });
  });

  it("says who has it and for how long, and who is there, oneself first", async () => {
    const { tableOf } = await open();
    const [a, b] = [meAs("a"), meAs("b", { schema: 4 })];
    const [tableA, tableB] = [tableOf(a), tableOf(b)];
    await tableA.claim(a);
    await tableA.look(a, "active");
    const { lease, processes } = await tableB.look(b, "standby");
    expect(lease).toMatchObject({ holder: "process 7 on a", settings: "ours", schema: 0 });
    expect(lease?.remainingMs).toBeLessThanOrEqual(TTL_MS);
    expect(processes.map(({ host, isActive, isHeard, schema }) => [host, isActive, isHeard, schema])).toEqual([
      ["b", false, true, 4],
      ["a", true, true, 3],
    ]);
    await tableB.leave(b, null);
    expect((await tableA.look(a, "active")).processes).toHaveLength(1);
  });

  it("is over by the server’s clock, and then another’s, with a new term; whoever had it cannot renew it any more", async () => {
    const { tableOf } = await open();
    const [a, b] = [meAs("a"), meAs("b")];
    const [tableA, tableB] = [tableOf(a), tableOf(b)];
    const first = await tableA.claim(a);
    expect(await tableA.renew(a, first?.term ?? 0)).toEqual({ isAlone: true });
    expect(await tableB.claim(b)).toBeNull();
    const second = await until("it is over", () => tableB.claim(b));
    expect(second).toMatchObject({
      term: 2,
      takeOver: { from: { host: "a", pid: 7 }, isHandedOver: false, wasAlone: true },
    });
    expect(await tableA.renew(a, first?.term ?? 0)).toBeNull();
    await tableB.leave(b, 2);
    expect(await tableA.claim(a)).toMatchObject({ term: 3, takeOver: { from: { host: "b" }, isHandedOver: true } });
  });

  it("is somebody's alone where nobody stands by: one that was active and is gone does not", async () => {
    const { tableOf } = await open();
    const [a, b, c] = [meAs("a"), meAs("b"), meAs("c")];
    const [tableA, tableB, tableC] = [tableOf(a), tableOf(b), tableOf(c)];
    await tableA.claim(a);
    await tableA.look(a, "active");
    // It is killed: nobody takes its leave.
    expect(await until("it is over", () => tableB.claim(b))).toMatchObject({ takeOver: { wasAlone: true } });
    expect(await tableB.renew(b, 2)).toEqual({ isAlone: true });
    await tableC.look(c, "standby");
    expect(await tableB.renew(b, 2)).toEqual({ isAlone: false });
    expect(await until("it is over", () => tableC.claim(c))).toMatchObject({ takeOver: { wasAlone: false } });
  });

  it("is taken by one that stands by no more from that moment on, were it killed at once", async () => {
    const { tableOf } = await open();
    const [a, b, c] = [meAs("a"), meAs("b"), meAs("c")];
    const [tableA, tableB, tableC] = [tableOf(a), tableOf(b), tableOf(c)];
    await tableA.claim(a);
    await tableB.look(b, "standby");
    await until("it is over", () => tableB.claim(b));
    await until("it is over again", () => tableC.claim(c));
    expect(await tableC.renew(c, 3)).toEqual({ isAlone: true });
  });

  it("is not taken by one that knows less than the tables hold, whoever would have changed them and did not", async () => {
    const { settings, tableOf } = await open();
    const [newer, older] = [meAs("newer", { schema: 4 }), meAs("older", { schema: 3 })];
    const table = tableOf(newer);
    await table.claim(newer);
    const setSchema = (version: number) =>
      askPostgres(settings.url, `DELETE FROM schema_version; INSERT INTO schema_version VALUES (${version})`);
    // Its start failed in the middle of an update: the tables are as they were.
    await setSchema(3);
    await table.leave(newer, 1);
    expect(await tableOf(older).claim(older)).toMatchObject({ term: 2 });
    await tableOf(older).leave(older, 2);
    await setSchema(4);
    expect(await tableOf(older).claim(older)).toBeNull();
    expect((await tableOf(older).look(older, "standby")).lease).toMatchObject({ schema: 4 });
    expect(await table.claim(newer)).toMatchObject({ term: 3 });
  });

  it("is no reason to be given up for good if it lapsed before the one that had it was ended: the next start decides", async () => {
    const { settings, tableOf } = await open();
    const [a, b] = [meAs("a"), meAs("b")];
    const claimA = await tableOf(a).claim(a);
    const ofA = await openPostgres(settings, {}, { holder: a.id, term: claimA?.term ?? 0, isHeld: () => true });
    onTestFinished(() => ofA.close());
    const tableB = tableOf(b);
    const { term } = await until("it is over", () => tableB.claim(b));
    const lapsed = openPostgres(settings, {}, { holder: b.id, term, isHeld: () => false });
    await expect(lapsed).rejects.toMatchObject({ message: expect.stringContaining("uses postgres:"), mayPass: true });
  });

  it("lets the taker end the sessions of whoever had it, in mid-transaction, and what that one writes then is not written", async () => {
    const { settings, tableOf } = await open();
    const [a, b] = [meAs("a"), meAs("b")];
    const claimA = await tableOf(a).claim(a);
    const rightA = { holder: a.id, term: claimA?.term ?? 0, isHeld: () => true };
    const ofA = await openPostgres(settings, {}, rightA);
    onTestFinished(() => ofA.close());
    await ofA.migration(({ run }) => run("CREATE TABLE notes (text TEXT)"));
    // It stands still in the middle, as a frozen process does.
    const thaw = Promise.withResolvers<void>();
    const writing = ofA.transaction(async ({ run }) => {
      await run("INSERT INTO notes (text) VALUES ('of a')");
      await thaw.promise;
      await run("INSERT INTO notes (text) VALUES ('of a, later')");
    });
    writing.catch(() => undefined);

    const tableB = tableOf(b);
    const claimB = await until("it is over", () => tableB.claim(b));
    const began = performance.now();
    const ofB = await openPostgres(settings, {}, { holder: b.id, term: claimB.term, isHeld: () => true });
    onTestFinished(() => ofB.close());
    await ofB.transaction(({ run }) => run("INSERT INTO notes (text) VALUES ('of b')"));
    expect(performance.now() - began).toBeLessThan(2_000);
    thaw.resolve();
    await expect(writing).rejects.toThrow("PostgreSQL cannot be reached");
    // Nor does it get in again, though it believes that it may.
    await expect(ofA.transaction(({ run }) => run("INSERT INTO notes (text) VALUES ('again')"))).rejects.toThrow(
      "another",
    );
    await ofB.transaction(({ run }) => run("INSERT INTO notes (text) VALUES ('of b, too')"));
    expect((await askPostgres(settings.url, "SELECT text FROM notes ORDER BY text")).map(({ text }) => text)).toEqual([
      "of b",
      "of b, too",
    ]);
  });
});
