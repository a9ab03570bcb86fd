import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openPostgres, type PostgresDatabase } from "../../../src/store/postgres/database.ts";
import type { Queries } from "../../../src/store/sql/database.ts";
import { reasonOf } from "../../../src/store/sql/disk-reason.ts";
import { isStorageFailure } from "../../../src/store/sql/failure.ts";
import { createSharedDatabase } from "../../support/databases.ts";
import { askPostgres, hasPostgres, serversOn } from "../../support/postgres.ts";
import { startProxy } from "../../support/proxy.ts";
import { until } from "../../support/until.ts";

describe.skipIf(!hasPostgres)("transactions on PostgreSQL", () => {
  let url: string;
  let database: PostgresDatabase;
  let failures: unknown[];
  let stored: number;
  beforeEach(async () => {
    [failures, stored] = [[], 0];
    const settings = await createSharedDatabase();
    ({ url } = settings);
    database = await openPostgres(settings, {
      onFailure: (error) => failures.push(error),
      onStored: () => (stored += 1),
    });
    await database.transaction(({ run }) => run("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT, bytes BYTEA)"));
  });
  afterEach(() => database.close());

  const add = (id: number, text = "") =>
    database.transaction(({ run }) => run("INSERT INTO notes (id, text) VALUES ($1, $2)", id, text));
  const ids = async () => (await database.all<{ id: number }>("SELECT id FROM notes ORDER BY id")).map(({ id }) => id);
  const endSessions = () =>
    askPostgres(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );

  const endWriter = () =>
    askPostgres(
      url,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );

  it("share a commit, and one that fails takes back nothing of the others", async () => {
    const results = await Promise.allSettled([add(1), add(1), add(2), add(3)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(await ids()).toEqual([1, 2, 3]);
    // What could never work is no failure of the database.
    expect(failures).toEqual([]);
    const ofCommit = () => database.transaction(({ all }) => all("SELECT pg_current_xact_id()::text AS number"));
    const [first, second] = await Promise.all([ofCommit(), ofCommit()]);
    expect(second).toEqual(first);
  });

  it("hold numbers, bytes and text as SQLite does, and refuse a number that would become another", async () => {
    const bytes = Uint8Array.of(0, 255, 7);
    const row = [Number.MAX_SAFE_INTEGER, "a\0b – Ω 🌡", bytes] as const;
    await database.transaction(({ run }) => run("INSERT INTO notes VALUES ($1, $2, $3)", ...row));
    expect(
      await database.all("SELECT id, text, bytes, CAST(1.5 AS NUMERIC) AS part, COUNT(*) OVER () AS n FROM notes"),
    ).toEqual([{ id: Number.MAX_SAFE_INTEGER, text: "a␀b – Ω 🌡", bytes: Buffer.from(bytes), part: 1.5, n: 1 }]);
    await expect(database.all("SELECT CAST(9007199254740993 AS BIGINT) AS n")).rejects.toThrow(
      /9007199254740993 is beyond/,
    );
    expect(await ids()).toEqual([Number.MAX_SAFE_INTEGER]);
  });

  it("are not taken where a statement failed and nobody said so", async () => {
    const careless = database.transaction(async ({ run }) => {
      await run("INSERT INTO notes (id) VALUES (1)");
      await run("INSERT INTO notes (id) VALUES (1)").catch(() => undefined);
    });
    await expect(careless).rejects.toThrow(/a statement failed/);
    expect(await ids()).toEqual([]);
  });

  it("go on after all sessions were ended while nothing was asked", async () => {
    await add(1);
    await endSessions();
    await until("it is noticed", async () => {
      const rows = await askPostgres(
        url,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'valvomo %'",
      );
      return rows.length === 0;
    });
    await until("another one is open", () =>
      add(2).then(
        () => true,
        () => false,
      ),
    );
    expect(await ids()).toEqual([1, 2]);
  });

  it("that are under way when the session ends fail as a whole, and it shows until something is stored", async () => {
    const cut = database.transaction(async ({ run, all }) => {
      await run("INSERT INTO notes (id) VALUES (1)");
      await endSessions();
      await all("SELECT 1");
    });
    const [error] = await Promise.all([cut.catch((reason: unknown) => reason), add(2).catch(() => undefined)]);
    expect(isStorageFailure(error)).toBe(true);
    expect(failures).not.toEqual([]);
    const before = stored;
    await until("the session is open again", async () => {
      await database.look();
      return stored > before;
    });
    await add(3);
    expect(await ids()).not.toContain(1);
  });

  it("that the server does not take show until something is stored, however well it answers else: its disk is full", async () => {
    await askPostgres(
      url,
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER full_disk BEFORE INSERT ON notes FOR EACH ROW WHEN (NEW.id > 1) EXECUTE FUNCTION full_disk()`,
    );
    const before = stored;
    const two = () =>
      database.transaction(async ({ run }) => {
        await run("INSERT INTO notes (id) VALUES (1)");
        await run("INSERT INTO notes (id) VALUES (2)");
      });
    for (const count of [1, 2]) {
      const [result] = await Promise.all(Array.from({ length: count }, () => two().catch(reasonOf)));
      expect(result).toBe("the disk of PostgreSQL is full");
      await database.look();
    }
    expect([failures.length, stored]).toEqual([3, before]);
    await add(1);
    expect(stored).toBe(before + 1);
  });

  it("prepare what comes again, once a session", async () => {
    for (const id of [1, 2, 3]) await add(id);
    const kept = await database.transaction(({ all }) =>
      all<{ n: number }>("SELECT COUNT(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO notes%'"),
    );
    expect(kept).toEqual([{ n: 1 }]);
  });

  it("wait for the disk unless they may be done twice", async () => {
    const how = (survives?: "crash") =>
      database.transaction(
        ({ all }) => all<{ how: string }>("SELECT current_setting('synchronous_commit') AS how"),
        survives,
      );
    expect([await how(), await how("crash")]).toEqual([[{ how: "on" }], [{ how: "off" }]]);
  });

  it("have an end, on the server, too: of a statement, and of a program that stands still in the middle", async () => {
    const names = ["statement_timeout", "idle_in_transaction_session_timeout", "tcp_keepalives_idle"];
    const sql = `SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`).join(", ")}`;
    const limits = { statement_timeout: "10s", idle_in_transaction_session_timeout: "10s", tcp_keepalives_idle: "5" };
    expect(await database.transaction(({ all }) => all(sql))).toEqual([limits]);
    expect(await database.all(sql)).toEqual([limits]);
    // The change of tables takes what it takes.
    expect(await database.migration(({ all }) => all(sql))).toEqual([{ ...limits, statement_timeout: "0" }]);
    const slow = await database
      .transaction(async ({ run, all }) => {
        await run("SET LOCAL statement_timeout = 50");
        await all("SELECT pg_sleep(20)");
      })
      .catch((error: unknown) => error);
    expect([isStorageFailure(slow), reasonOf(slow)]).toEqual([true, "PostgreSQL takes too long"]);
  });

  it("keep out of a change of tables, also where it was asked for while they waited", async () => {
    const look = ({ all }: Queries) =>
      all("SELECT pg_current_xact_id()::text AS number, current_setting('statement_timeout') AS time_limit");
    const results = await Promise.all([
      database.transaction(look),
      database.transaction(look),
      database.migration(look),
      database.transaction(look),
    ]);
    const [before, beside, migration, after] = results.map(([row]) => row as { number: string; time_limit: string });
    expect(beside).toEqual(before);
    expect([before, migration, after].map((row) => row?.time_limit)).toEqual(["10s", "0", "10s"]);
    expect(new Set([before, migration, after].map((row) => row?.number)).size).toBe(3);
  });

  it("leave reading to sessions that cannot write", async () => {
    await expect(database.all("DELETE FROM notes")).rejects.toThrow(/read-only/);
  });

  it("let those who read begin anew with each session that writes: it may be another server by then", async () => {
    const readers = async () => {
      await ids();
      const rows = await database.all<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      return rows[0]?.pid;
    };
    const before = await readers();
    await endWriter();
    await until("another session writes", async () => {
      await add(Date.now()).catch(() => undefined);
      return (await readers()) !== before;
    });
    await until(
      "the one before has ended",
      async () => (await askPostgres(url, `SELECT 1 FROM pg_stat_activity WHERE pid = ${before}`)).length === 0,
    );
  });

  it("that opens anew fails none who wait for one of those who read", async () => {
    const reads = Array.from({ length: 9 }, (_, n) => database.all(`SELECT ${n} AS n, pg_sleep(0.2)`));
    await until("the first are read", async () => {
      const rows = await askPostgres(
        url,
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
      );
      return rows.length > 0;
    });
    await endWriter();
    await until("another session writes", () =>
      add(1).then(
        () => true,
        () => false,
      ),
    );
    expect((await Promise.all(reads)).map(([row]) => row)).toEqual(reads.map((_, n) => expect.objectContaining({ n })));
  });

  it("fail in words, and soon, while the server does not end the session before, and go on when it has", async () => {
    const settings = await createSharedDatabase();
    const link = await startProxy(settings.port);
    onTestFinished(() => link.close());
    const other = await openPostgres({ ...settings, servers: serversOn(link.port) });
    onTestFinished(() => other.close());
    const [row] = await other.transaction(({ all }) => all<{ pid: number }>("SELECT pg_backend_pid() AS pid"));
    const pid = row?.pid ?? NaN;
    process.kill(pid, "SIGSTOP");
    // It may have ended by then.
    const thaw = () => void spawnSync("kill", ["-CONT", String(pid)]);
    onTestFinished(thaw);
    link.cut();
    link.restore();
    const ask = () => other.transaction(({ all }) => all("SELECT 1")).catch(reasonOf);
    await until("it is told", async () =>
      String(await ask()).startsWith("PostgreSQL does not end a session of ours that broke off"),
    );
    thaw();
    await until("another session writes", async () => Array.isArray(await ask()));
  });

  it("are closed also where the server is not heard any more", async () => {
    const settings = await createSharedDatabase();
    const link = await startProxy(settings.port);
    onTestFinished(() => link.close());
    const other = await openPostgres({ ...settings, servers: serversOn(link.port) });
    await other.all("SELECT 1");
    link.blackhole();
    await other.close();
    await expect(other.transaction(({ run }) => run("SELECT 1"))).rejects.toThrow("the database is closed");
  });
});
