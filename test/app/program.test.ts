import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProgram } from "../../src/app/program.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { openDatabase } from "../../src/store/open-database.ts";
import { migrate } from "../../src/store/schema.ts";
import { openDatabaseAt } from "../support/databases.ts";
import { until } from "../support/until.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-program-"));
  path = join(folder, "valvomo.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Starts it in this process, where nobody can be reached; the start has to fail. */
async function failingStart(settings: Readonly<Record<string, string>>): Promise<{ error: unknown; left: string[] }> {
  const config = readConfig({
    TELEGRAM_BOT_TOKEN: "417:token-of-the-stand-in",
    TELEGRAM_API_ROOT: "http://127.0.0.1:9",
    TELEGRAM_ADMIN_IDS: "11",
    MQTT_URL: "mqtt://127.0.0.1:9",
    DATABASE_URL: `file:${path}`,
    LOG_LEVEL: "error",
    ...settings,
  });
  const before = process.getActiveResourcesInfo();
  const program = createProgram(config, () => undefined);
  const error = await program.start().then(
    () => null,
    (reason: unknown) => reason,
  );
  /** What keeps this process alive that did not before, by kind. */
  const leftNow = (): string[] => {
    const rest = process.getActiveResourcesInfo();
    for (const kind of before) {
      const at = rest.indexOf(kind);
      if (at !== -1) rest.splice(at, 1);
    }
    return rest;
  };
  const isNoneLeft = (): boolean => {
    // What measured the event loop's delay is one of them until it is collected.
    collectGarbage();
    return leftNow().length === 0;
  };
  await until("sockets are gone", isNoneLeft, 2_000).catch(() => undefined);
  return { error, left: leftNow() };
}

/** Nobody has the database, nor the port. */
async function expectFree(port: number): Promise<void> {
  const database = await openDatabase({ kind: "file", path }, {});
  await database.close();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
}

describe("a start that fails", () => {
  it("for a port that is taken leaves nothing open", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { error, left } = await failingStart({ HTTP_PORT: String(port) });
    expect(String(error)).toMatch(/another program listens on port/);
    expect(left).toEqual([]);
    other.close();
  });

  it("for a file that is no database leaves nothing open", async () => {
    writeFileSync(path, "this is no database, and it is longer than a header of one would be".repeat(20));
    const port = await freePort();
    const { error, left } = await failingStart({ HTTP_PORT: String(port) });
    expect(String(error)).toMatch(/not a database of Valvomo/);
    expect(left).toEqual([]);
    rmSync(path);
    await expectFree(port);
  });

  it("once the database is open, since a newer version wrote it, closes database and port", async () => {
    const database = await openDatabaseAt(`file:${path}`);
    await migrate(database);
    await database.transaction(({ run }) => run("UPDATE schema_version SET version = 999"));
    await database.close();
    const port = await freePort();
    const { error, left } = await failingStart({ HTTP_PORT: String(port) });
    expect(String(error)).toMatch(/newer/);
    expect(left).toEqual([]);
    await expectFree(port);
  });

  it("half-way through its parts, over a table that somebody took away, closes all that was opened", async () => {
    const database = await openDatabaseAt(`file:${path}`);
    await migrate(database);
    // It is asked for after the links to the broker are built.
    await database.transaction(({ run }) => run("DROP TABLE audit"));
    await database.close();
    const port = await freePort();
    const { error, left } = await failingStart({ HTTP_PORT: String(port) });
    expect(String(error)).toMatch(/audit/);
    expect(left).toEqual([]);
    await expectFree(port);
  });
});
