import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readDatabase } from "../../src/config/database-url.ts";
import { secretsOf } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { nameOfDatabase } from "../../src/store/sql/settings.ts";
import { createPki } from "../support/pki.ts";

const pki = createPki();
const folder = mkdtempSync(join(tmpdir(), "valvomo-database-url-"));
afterAll(() => {
  pki.remove();
  rmSync(folder, { recursive: true });
});

const URL = "postgres://plant@db.example.org/alarms";
const SECRET = "s3cret/of:the@plant";
/** What is read, and what is said of it. */
function read(given: Parameters<typeof readDatabase>[0]) {
  const [problems, notes]: [string[], string[]] = [[], []];
  return { settings: readDatabase(given, { problems, notes }), problems, notes };
}

describe("where the database is", () => {
  it("is a file if nothing is said", () => {
    expect(read({}).settings).toEqual({ kind: "file", path: "data/valvomo.db" });
  });

  it("is a server, whose certificate has to be right unless it is on this machine", () => {
    expect(read({ DATABASE_URL: URL })).toEqual({
      settings: {
        kind: "postgres",
        servers: [{ host: "db.example.org", port: 5432 }],
        user: "plant",
        database: "alarms",
        password: null,
        tls: { ca: null, proves: "host" },
      },
      problems: [],
      notes: [],
    });
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      expect(read({ DATABASE_URL: `postgresql://plant@${host}:5433/alarms` }).settings).toMatchObject({
        servers: [{ port: 5433 }],
        tls: null,
      });
    }
    expect(read({ DATABASE_URL: "postgres://plant@localhost/alarms?host=/run/postgresql" }).settings).toMatchObject({
      servers: [{ host: "/run/postgresql" }],
      tls: null,
    });
  });

  it("is on one of several servers, all of which are reached alike", () => {
    const several =
      "postgres://plant@one.example.org:5433,[2001:db8::7],127.0.0.1/alarms?target_session_attrs=read-write";
    const { settings, problems } = read({ DATABASE_URL: several });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      servers: [
        { host: "one.example.org", port: 5433 },
        { host: "2001:db8::7", port: 5432 },
        { host: "127.0.0.1", port: 5432 },
      ],
      tls: { ca: null, proves: "host" },
    });
    expect(settings && nameOfDatabase(settings)).toBe(
      "postgres://plant@one.example.org:5433,[2001:db8::7]:5432,127.0.0.1:5432/alarms",
    );
    expect(read({ DATABASE_URL: "postgres://plant@localhost:5433,localhost:5434/alarms" }).settings).toMatchObject({
      tls: null,
    });
  });

  it.each([
    ["disable", null, /sslmode=disable lets everybody on the way read and change all alarms/],
    ["require", { ca: null, proves: "nothing" }, /anybody on the way can pose as the server/],
    ["verify-ca", { ca: null, proves: "authority" }, null],
    ["verify-full", { ca: null, proves: "host" }, null],
  ])("is reached with sslmode=%s as psql does it, and what that leaves open is said", (mode, tls, note) => {
    const { settings, problems, notes } = read({ DATABASE_URL: `${URL}?sslmode=${mode}` });
    expect(settings).toMatchObject({ tls });
    expect(problems).toEqual([]);
    expect(notes).toEqual(note === null ? [] : [expect.stringMatching(note)]);
  });

  it("is trusted for an authority of one's own", () => {
    const { settings } = read({ DATABASE_URL: `${URL}?sslmode=require`, DATABASE_CA_FILE: pki.ca });
    expect(settings).toMatchObject({ tls: { ca: expect.any(Buffer) as Buffer, proves: "authority" } });
  });

  it.each<[string, Parameters<typeof readDatabase>[0], RegExp]>([
    ["mysql", { DATABASE_URL: "mysql://plant@host/alarms" }, /^DATABASE_URL must be file:<path>.*or postgres:/],
    ["no user", { DATABASE_URL: "postgres://host/alarms" }, /names no user or no database/],
    ["no database", { DATABASE_URL: "postgres://plant@host" }, /names no user or no database/],
    ["two passwords", { DATABASE_URL: "postgres://plant:a@host/alarms", DATABASE_PASSWORD: "b" }, /keep one of them/],
    [
      "a password with a slash",
      { DATABASE_URL: `postgres://plant:${SECRET}@host/alarms` },
      /Put it in DATABASE_PASSWORD, as it is/,
    ],
    ["a password with a percent sign", { DATABASE_URL: "postgres://plant:50%@host/alarms" }, /is not percent-encoded/],
    [
      "what falls back to no encryption",
      { DATABASE_URL: `${URL}?sslmode=prefer` },
      /sslmode must be one of disable, require/,
    ],
    [
      "a word that every object has",
      { DATABASE_URL: `${URL}?sslmode=constructor` },
      /sslmode must be one of disable, require/,
    ],
    ["what it does not know", { DATABASE_URL: `${URL}?connect_timeout=3` }, /has connect_timeout: only sslmode/],
    [
      "a server that is not to be written to",
      { DATABASE_URL: `${URL}?target_session_attrs=any` },
      /has a target_session_attrs that does not write/,
    ],
    [
      "a server without a name among several",
      { DATABASE_URL: "postgres://plant@one,/alarms" },
      /cannot be read|no host/,
    ],
    [
      "several servers and a socket",
      { DATABASE_URL: "postgres://plant@one,two/alarms?host=/run/postgresql" },
      /names several servers, and host/,
    ],
    [
      "a password with a comma and a slash",
      { DATABASE_URL: "postgres://plant:s3cret,1/2@host/alarms" },
      /Put it in DATABASE_PASSWORD, as it is/,
    ],
    ["sslrootcert", { DATABASE_URL: `${URL}?sslrootcert=/ca.pem` }, /name the file in DATABASE_CA_FILE/],
    ["a password for a file", { DATABASE_PASSWORD: "x" }, /^DATABASE_PASSWORD is for postgres:/],
    [
      "an authority without TLS",
      { DATABASE_URL: `${URL}?sslmode=disable`, DATABASE_CA_FILE: pki.ca },
      /sslmode is disable/,
    ],
    [
      "an authority that is none",
      { DATABASE_URL: URL, DATABASE_CA_FILE: pki.server.key },
      /holds no certificate in PEM form/,
    ],
  ])("refuses %s, and tells no password", (_, given, words) => {
    const { problems } = read(given);
    expect(problems).toEqual([expect.stringMatching(words)]);
    expect(problems[0]).not.toContain("s3cret");
  });
});

describe("the password", () => {
  const required = { TELEGRAM_BOT_TOKEN: "123456:ABCDEFGHIJ", TELEGRAM_ADMIN_IDS: "11", MQTT_URL: "mqtt://localhost" };
  let files = 0;
  const fileWith = (content: string): string => {
    const path = join(folder, `secret-${(files += 1)}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };

  it("is a secret, in the URL and beside it, and each may stand in a file", () => {
    const url = `postgres://plant:${encodeURIComponent(SECRET)}@host/alarms`;
    for (const given of [
      { DATABASE_URL: URL, DATABASE_PASSWORD: SECRET },
      { DATABASE_URL: URL, DATABASE_PASSWORD_FILE: fileWith(`${SECRET}\n`) },
      { DATABASE_URL: url },
      { DATABASE_URL_FILE: fileWith(url) },
    ]) {
      const config = readConfig({ ...required, ...given });
      expect(secretsOf(config)).toContain(SECRET);
      expect(nameOfDatabase(config.database)).toMatch(/^postgres:\/\/plant@[\w.]+:5432\/alarms$/);
    }
  });

  it("comes with a size for the history, not with a share of a disk that is not seen", () => {
    const given = { ...required, DATABASE_URL: URL };
    expect(() => readConfig({ ...given, KEEP_HISTORY_SIZE: "50%" })).toThrow(
      /KEEP_HISTORY_SIZE is a share of the disk/,
    );
    expect(readConfig({ ...given, KEEP_HISTORY_SIZE: "5GB" }).historySize).toEqual({ bytes: 5e9 });
  });
});
