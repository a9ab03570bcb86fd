import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { reasonOf } from "../../src/store/sql/disk-reason.ts";
import { openPostgres, type PostgresDatabase } from "../../src/store/postgres/database.ts";
import { createPrimaryFinder } from "../../src/store/postgres/primary.ts";
import type { PostgresSettings } from "../../src/store/sql/settings.ts";
import {
  askPostgres,
  createDatabase,
  hasPostgres,
  serversOn,
  startPair,
  urlOn,
  type Postgres,
} from "../support/postgres.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";

describe.skipIf(!hasPostgres)("a PostgreSQL primary and its synchronous standby", () => {
  let primary: Postgres;
  let standby: Postgres;
  /** Between us and the standby. */
  let link: Proxy;
  let settings: PostgresSettings;
  let database: PostgresDatabase;
  beforeAll(async () => {
    [primary, standby] = await startPair();
    link = await startProxy(standby.port);
  }, 60_000);
  afterAll(async () => {
    await link.close();
    await primary.remove();
    await standby.remove();
  });
  beforeEach(async () => {
    settings = await createDatabase(primary.port);
    // The standby stands first: the order is not what counts.
    settings = { ...settings, servers: serversOn(link.port, primary.port) };
    database = await openPostgres({ ...settings, servers: serversOn(primary.port) });
    await database.transaction(({ run }) => run("CREATE TABLE notes (id BIGINT PRIMARY KEY)"));
    await database.close();
    await until("the standby has it", () => notesOn(standby).catch(() => null));
    database = await openPostgres(settings);
  });
  afterEach(() => database.close());

  const notesOn = async ({ port }: Postgres): Promise<readonly number[]> => {
    const rows = await askPostgres(urlOn(port, settings.database), "SELECT id FROM notes ORDER BY id");
    return rows.map(({ id }) => Number(id));
  };
  const add = (id: number) => database.transaction(({ run }) => run("INSERT INTO notes (id) VALUES ($1)", id));
  const addAtLast = (id: number) =>
    until(`${id} is stored`, () =>
      add(id).then(
        () => true,
        () => false,
      ),
    );
  const refusalOf = async (id: number): Promise<string> => String(await add(id).catch(reasonOf));

  it("what a session left that broke off while it waited for the standby is not taken for safe before the standby has it", async () => {
    standby.freeze();
    onTestFinished(() => standby.thaw());
    const left = refusalOf(1);
    const waiting =
      "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'valvomo %'";
    const waiter = async () => (await askPostgres(urlOn(primary.port), waiting))[0]?.["pid"];
    const first = await until("the commit waits", waiter);
    await askPostgres(urlOn(primary.port), `SELECT pg_terminate_backend(${String(first)})`);
    expect(await left).toMatch(/^PostgreSQL/);

    const look = database.transaction(({ all }) => all("SELECT id FROM notes"));
    const second = await until("the next session waits", waiter);
    expect(second).not.toBe(first);
    standby.thaw();
    expect(await look).toEqual([{ id: 1 }]);
    await until("the standby shows it", async () => (await notesOn(standby)).includes(1));
  });

  it("a server that does not answer at all is not waited for once another takes writes", async () => {
    link.blackhole();
    onTestFinished(() => link.restore());
    const client = await createPrimaryFinder(settings)("valvomo test");
    expect(client.port).toBe(primary.port);
    await client.end();
  });

  it("the one that was promoted is found, and a primary that comes back after that is not written to", async () => {
    await add(1);
    await primary.stop("immediate");
    await refusalOf(2);
    expect(await refusalOf(2)).toMatch(
      /^127\.0\.0\.1:\d+: PostgreSQL is read-only, as a standby is; 127\.0\.0\.1:\d+: PostgreSQL cannot be reached \(nothing listens there\)$/,
    );
    await standby.promote();
    await addAtLast(3);
    expect(await database.all("SELECT id FROM notes")).toEqual([{ id: 1 }, { id: 3 }]);

    // It comes back as if nothing had been, and waits for nobody.
    primary.configure("synchronous_standby_names = ''");
    await primary.start();
    link.cut();
    const lacks = await until("only the former primary answers", async () => {
      const said = await refusalOf(4);
      return said.includes("lacks") && said;
    });
    expect(lacks).toBe(`127.0.0.1:${primary.port} takes writes, and lacks what was stored since another was promoted`);
    link.restore();
    await addAtLast(5);
    expect([await notesOn(primary), await notesOn(standby)]).toEqual([[1], [1, 3, 5]]);
    // Nor by who knows nothing of it: of two that take writes it is the one that was promoted last.
    await database.close();
    database = await openPostgres({ ...settings, servers: serversOn(primary.port, link.port) });
    await add(6);
    expect([await notesOn(primary), await notesOn(standby)]).toEqual([[1], [1, 3, 5, 6]]);
  });
});
