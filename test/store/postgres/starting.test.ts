import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ConfigError } from "../../../src/lib/errors.ts";
import { openPostgres, serverTrouble } from "../../../src/store/postgres/database.ts";
import { migrate } from "../../../src/store/schema.ts";
import type { PostgresSettings } from "../../../src/store/sql/settings.ts";
import { freePort } from "../../support/free-port.ts";
import { createPki, type Pki } from "../../support/pki.ts";
import {
  askPostgres,
  createDatabase,
  hasPostgres,
  serversOn,
  startPostgres,
  urlOn,
  type Postgres,
} from "../../support/postgres.ts";
import { until } from "../../support/until.ts";

const PASSWORD = "s3cret of the plant";

describe.skipIf(!hasPostgres)("PostgreSQL at the start", () => {
  let pki: Pki;
  let server: Postgres;
  let settings: PostgresSettings;
  beforeAll(async () => {
    pki = createPki();
    const [cert, key] = [readFileSync(pki.server.cert, "utf8"), readFileSync(pki.server.key, "utf8")];
    server = await startPostgres({
      lines: ["ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"],
      files: { "server.crt": cert, "server.key": key },
      access: [
        "host all valvomo 127.0.0.1/32 trust",
        "hostssl all plant 127.0.0.1/32 scram-sha-256",
        "host all weak 127.0.0.1/32 trust",
      ],
    });
    settings = await createDatabase(server.port);
    await askPostgres(urlOn(server.port), `CREATE ROLE plant LOGIN PASSWORD '${PASSWORD}'; CREATE ROLE weak LOGIN`);
    await askPostgres(urlOn(server.port), `ALTER DATABASE ${settings.database} OWNER TO plant`);
  });
  afterAll(async () => {
    await server.remove();
    pki.remove();
  });

  const plant = (): PostgresSettings => ({
    ...settings,
    user: "plant",
    password: PASSWORD,
    tls: { ca: readFileSync(pki.ca), proves: "host" },
  });
  /** What is said of a start that is refused, and whether it may pass by itself. */
  async function refusalOf(
    change: Partial<PostgresSettings>,
  ): Promise<{ readonly said: string; readonly mayPass: boolean }> {
    try {
      const database = await openPostgres({ ...settings, ...change });
      onTestFinished(() => database.close());
      await migrate(database).catch((error: unknown) => {
        throw serverTrouble(settings, error);
      });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { said: error.problems.join(), mayPass: error.mayPass };
    }
    return { said: "", mayPass: false };
  }

  it("lets us in by password, over TLS of an authority of our own", async () => {
    const database = await openPostgres(plant());
    onTestFinished(() => database.close());
    await migrate(database);
    const [row] = await askPostgres(
      urlOn(server.port),
      "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'plant'",
    );
    expect(row).toEqual({ ssl: true });
  });

  it.each<[string, () => Partial<PostgresSettings>, RegExp, boolean]>([
    ["a wrong password", () => ({ ...plant(), password: "wrong" }), /PostgreSQL refuses user name or password/, false],
    ["no password", () => ({ ...plant(), password: null }), /asks for a password\): Set DATABASE_PASSWORD/, false],
    ["a user who may not come so", () => ({ user: "nobody" }), /lets this user in from here with no password/, false],
    ["no such database", () => ({ database: "nowhere" }), /PostgreSQL has no such database/, false],
    [
      "no such host",
      () => ({ servers: [{ host: "nowhere.invalid", port: 5432 }] }),
      /its name is not known|its name cannot be looked up now/,
      true,
    ],
    [
      "no right to make tables",
      () => ({ user: "weak", database: "postgres" }),
      /PostgreSQL says: permission denied for schema public/,
      false,
    ],
    [
      "an authority that is not known",
      () => ({ ...plant(), tls: { ca: readFileSync(pki.otherCa), proves: "host" } }),
      /certificate is not trusted: \w+\): Put its authority into DATABASE_CA_FILE/,
      false,
    ],
  ])("refuses %s in one sentence without secrets", async (_, change, words, mayPass) => {
    const refusal = await refusalOf(change());
    expect(refusal.said).toMatch(/^DATABASE_URL: postgres:\/\/[^ ]+ cannot be used \(.*\.$/);
    expect(refusal.said).toMatch(words);
    expect(refusal.said).not.toContain(PASSWORD);
    expect(refusal.mayPass).toBe(mayPass);
  });

  it("says that nothing listens, which may pass: the machine may just be starting", async () => {
    const { said, mayPass } = await refusalOf({ servers: serversOn(await freePort()) });
    expect(said).toContain("PostgreSQL cannot be reached (nothing listens there)");
    expect(mayPass).toBe(true);
  });

  it("refuses a database whose text is not UTF-8", async () => {
    await askPostgres(urlOn(server.port), "CREATE DATABASE old ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    expect((await refusalOf({ database: "old" })).said).toContain("the database’s encoding is LATIN1, not UTF8");
  });

  it("refuses a server that is older than what the tests run on", async () => {
    const own = await createDatabase(server.port);
    // It says of itself what an older one does.
    await askPostgres(
      own.url,
      `CREATE SCHEMA older; CREATE FUNCTION older.current_setting(name TEXT) RETURNS TEXT LANGUAGE sql AS
       $$ SELECT CASE name WHEN 'server_version' THEN '14.19 (Debian 14.19-1)' ELSE pg_catalog.current_setting(name) END $$;
       ALTER DATABASE ${own.database} SET search_path = older, pg_catalog, public`,
    );
    const { said, mayPass } = await refusalOf(own);
    expect(said).toContain("it is PostgreSQL 14.19 (Debian 14.19-1), and Valvomo needs 15 or newer");
    expect(mayPass).toBe(false);
  });

  it("refuses a second process in words, and lets it in once the first is gone", async () => {
    const own = await createDatabase(server.port);
    const first = await openPostgres(own);
    const { said, mayPass } = await refusalOf(own);
    expect(said).toMatch(
      /another Valvomo \(process \d+ on .+, since .+ UTC\) uses postgres:.*: End it first, or give this one its own database/,
    );
    expect(mayPass).toBe(false);
    await first.close();
    await (await openPostgres(own)).close();
  });

  it("lets who has lost it to another process write nothing, until that one is gone", async () => {
    const own = await createDatabase(server.port);
    const first = await openPostgres(own);
    onTestFinished(() => first.close());
    await migrate(first);
    const holder =
      "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname =";
    await askPostgres(urlOn(server.port), `${holder} '${own.database}'`);
    const second = await until("the other one has it", () => openPostgres(own).catch(() => null));
    const write = () => first.transaction(({ run }) => run("INSERT INTO facts (name, content) VALUES ('a', '1')"));
    await expect(write()).rejects.toThrow(/another Valvomo \(process \d+ on .+\) uses postgres:/);
    expect(await second.all("SELECT * FROM facts")).toEqual([]);
    await second.close();
    await write();
  });
});
