import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/lib/errors.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { databaseTrouble, openDatabaseFile } from "../../../src/store/sqlite/database-file.ts";
import { migrate } from "../../../src/store/schema.ts";

const LOCK = join(import.meta.dirname, "..", "..", "..", "src", "store", "sqlite", "lock.ts");

let folder: string;
let opened: Database[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-database-"));
  opened = [];
});
afterEach(async () => {
  for (const database of opened) await database.close();
  rmSync(folder, { recursive: true });
});

function open(path: string): Database {
  const database = openDatabaseFile(path, {});
  opened.push(database);
  return database;
}

function problemOf(path: string): string {
  try {
    open(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join("\n");
    throw error;
  }
  return "";
}

describe("the place of the database", () => {
  it("is made, also some folders deep", async () => {
    const path = join(folder, "a", "b", "valvomo.db");
    await migrate(open(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
  });

  it("is refused in words where it cannot be", () => {
    writeFileSync(join(folder, "file"), "x");
    spawnSync("mkfifo", [join(folder, "pipe")]);
    symlinkSync(join(folder, "nowhere", "deep"), join(folder, "link"));
    const cases: [string, RegExp][] = [
      ["/proc/valvomo/valvomo.db", /the folder \/proc\/valvomo cannot be made \(.+\)/],
      ["/proc/valvomo.db", /\/proc\/valvomo\.db(\.lock)? cannot be opened \(.+\)/],
      [
        join(folder, "file", "valvomo.db"),
        /the folder .*file cannot be made \(something above it is a file\)|above it is a file/,
      ],
      [join(folder, "pipe"), /pipe is not a file/],
      [folder, /is a folder: name a file in it/],
      ["/dev/null", /\/dev\/null is not a file/],
      [join(folder, "link"), /cannot be opened/],
      [join(folder, "x".repeat(300)), /cannot be opened \(ENAMETOOLONG\)/],
    ];
    for (const [path, words] of cases)
      expect(problemOf(path)).toMatch(new RegExp(`^DATABASE_URL: .*(${words.source}).*\\.$`));
  });
});

describe("a file that is not ours", () => {
  const leaves = (path: string, words: RegExp) => {
    chmodSync(path, 0o644);
    const [before, content] = [statSync(path), readFileSync(path)];
    expect(problemOf(path)).toMatch(words);
    const after = statSync(path);
    expect([after.mode, after.mtimeMs, after.size]).toEqual([before.mode, before.mtimeMs, before.size]);
    expect(readFileSync(path)).toEqual(content);
  };

  it.each([
    ["a text", "some notes\n"],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ["one byte", "x"],
  ])("is left as it is, with its mode, if it is %s", (_, content) => {
    const path = join(folder, "file");
    writeFileSync(path, content);
    leaves(path, /is not a database of Valvomo, and was left as it is\.$/);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it.each(["DELETE", "WAL"])("is left as it is if it is another program's database (%s)", (mode) => {
    const path = join(folder, "cookies.sqlite");
    const other = new DatabaseSync(path);
    other.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE cookies (name TEXT); INSERT INTO cookies VALUES ('a')`);
    other.close();
    leaves(path, /is the database of another program, and was left as it is\.$/);
    expect(readdirSync(folder)).toEqual(["cookies.sqlite"]);
  });

  it("is known as such also while the other program has it open", () => {
    const path = join(folder, "cookies.sqlite");
    const other = new DatabaseSync(path);
    other.exec("PRAGMA journal_mode = WAL; CREATE TABLE cookies (name TEXT)");
    leaves(path, /another program/);
    expect(other.prepare("SELECT count(*) AS n FROM cookies").get()).toEqual({ n: 0 });
    other.close();
  });
});

describe("a database of ours", () => {
  it("is opened again, also after a crash that left its newest changes beside it, and by another name", async () => {
    const path = join(folder, "valvomo.db");
    const first = open(path);
    await migrate(first);
    const copy = join(folder, "restored.db");
    for (const end of ["", "-wal", "-shm", ".lock"]) cpSync(path + end, copy + end);
    // The copy's lock says that somebody holds it, which nobody does.
    await migrate(open(copy));
    symlinkSync(path, join(folder, "link.db"));
    expect(problemOf(join(folder, "link.db"))).toMatch(/another Valvomo/);
  });

  it("that is damaged is told as such", async () => {
    const path = join(folder, "valvomo.db");
    const first = open(path);
    await migrate(first);
    await first.close();
    opened = [];
    writeFileSync(path, readFileSync(path).fill(0x5a, 100, 4_096));
    expect(problemOf(path)).toMatch(
      /^DATABASE_URL: .* cannot be opened \(it(, or the \.lock beside it,)? is .*damaged: restore a backup\)\.$/,
    );
  });

  it("is opened although a power cut left half of its lock, but not in the place of another file", async () => {
    const path = join(folder, "valvomo.db");
    const first = open(path);
    await migrate(first);
    await first.close();
    opened = [];
    const lock = `${path}.lock`;
    writeFileSync(lock, readFileSync(lock).fill(0x5a, 100));
    const second = open(path);
    await second.close();
    opened = [];
    writeFileSync(lock, "notes of somebody");
    expect(problemOf(path)).toMatch(
      /^DATABASE_URL: .*valvomo\.db cannot be opened \(it, or the \.lock beside it, is not a database/,
    );
    expect(readFileSync(lock, "utf8")).toBe("notes of somebody");
  });

  it("is told as such also when the damage shows later, and what may pass is no matter of settings", () => {
    const error = (errcode: number) => Object.assign(new Error("x"), { code: "ERR_SQLITE_ERROR", errcode });
    expect(databaseTrouble("a.db", error(11))).toMatchObject({
      problems: ["DATABASE_URL: a.db cannot be used (it is damaged: restore a backup)."],
      mayPass: false,
    });
    // SQLITE_IOERR_WRITE
    expect(databaseTrouble("a.db", error(778))).toMatchObject({ mayPass: true });
    expect(databaseTrouble("a.db", error(13))).toMatchObject({ mayPass: true });
    const other = new Error("y");
    expect(databaseTrouble("a.db", other)).toBe(other);
  });

  it("is for one process: another is told who has it, and gets it when that one is gone, however it went", async () => {
    const path = join(folder, "valvomo.db");
    const script = `const { takeLock } = await import(${JSON.stringify(LOCK)}); takeLock(process.argv[1]); console.log("held"); setInterval(() => 0, 1e6);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script, `${path}.lock`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const who = `process ${holder.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC`;
    expect(problemOf(path)).toMatch(
      new RegExp(
        `^DATABASE_URL: another Valvomo \\(${who}\\) uses .*valvomo\\.db: end it first, or give this one its own database`,
      ),
    );
    const gone = once(holder, "exit");
    holder.kill("SIGKILL");
    await gone;
    expect(problemOf(path)).toBe("");
  });
});
