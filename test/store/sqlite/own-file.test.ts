import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openDatabaseFile } from "../../../src/store/sqlite/database-file.ts";
import { isStorageFailure, LostFileError } from "../../../src/store/sql/failure.ts";
import { createStoreHealth } from "../../../src/store/health.ts";
import { hasStrangeLog } from "../../../src/store/sqlite/file-mark.ts";
import { watchOwnFile } from "../../../src/store/sqlite/own-file.ts";
import { migrate } from "../../../src/store/schema.ts";
import type { DatabaseFile } from "../../../src/store/sqlite/sqlite.ts";

let folder: string;
let path: string;
let database: DatabaseFile;
const health = createStoreHealth({ kind: "file", path: "valvomo.db" }, () => 0);
const reason = (): string | undefined => health.status().failure?.reason;

const write = (name: string): Promise<number> =>
  database.transaction((queries) => queries.run("INSERT INTO facts VALUES ($1, '1')", name));
const names = async (): Promise<string[]> =>
  (await database.all<{ name: string }>("SELECT name FROM facts ORDER BY name")).map(({ name }) => name);
async function open(): Promise<void> {
  database = openDatabaseFile(path, { onStored: health.stored, onFailure: health.failed });
  await migrate(database);
}

/** As `cp` does: what was there is emptied, and stays the same file. */
const copyOver = (from: string, to: string): void => writeFileSync(to, readFileSync(from));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-own-"));
  path = join(folder, "valvomo.db");
  await open();
  await write("first");
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe("the file of the database", () => {
  it("that was moved away takes nothing and says so, is read on, and goes on when it is back", async () => {
    renameSync(path, `${path}.away`);
    database.look();
    expect(reason()).toBe("the database’s file was removed or renamed");
    expect(health.status().failure?.remedy).toContain("Put valvomo.db back");
    const error = await write("lost").catch((found: unknown) => found);
    expect(error).toBeInstanceOf(LostFileError);
    expect(isStorageFailure(error)).toBe(true);
    expect(await names()).toEqual(["first"]);
    renameSync(`${path}.away`, path);
    await write("second");
    expect(reason()).toBeUndefined();
    expect(await names()).toEqual(["first", "second"]);
  });

  it.each([
    ["another file in its place", () => (renameSync(path, `${path}.away`), writeFileSync(path, "")), /another file/],
    ["its log removed", () => rmSync(`${path}-wal`), /-wal file beside/],
    ["emptied", () => truncateSync(path), /another database was copied over/],
  ])("with %s takes nothing", async (_, harm, words) => {
    harm();
    await expect(write("lost")).rejects.toThrow(words);
    expect(reason()).toMatch(words);
  });

  it("with a copy over it takes and tells nothing any more; the next start finds the copy as it is", async () => {
    const copy = join(folder, "copy.db");
    await database.close();
    copyOver(path, copy);
    await open();
    await write("second");
    copyOver(copy, path);
    await expect(write("lost")).rejects.toThrow(/copied over/);
    await expect(names()).rejects.toThrow(/copied over/);
    await database.close();
    expect(readFileSync(path).equals(readFileSync(copy))).toBe(true);
    expect(existsSync(`${path}-wal`)).toBe(false);
    expect(existsSync(`${path}-wal.old`)).toBe(true);
    path = join(folder, "next.db");
    copyOver(copy, path);
    await open();
    expect(await names()).toEqual(["first"]);
  });

  it("with a copy over it that VACUUM INTO made a moment ago takes nothing: its pages are others", async () => {
    const other = new DatabaseSync(path);
    other.exec(`VACUUM INTO '${path}.copy'`);
    other.close();
    copyOver(`${path}.copy`, path);
    await expect(write("lost")).rejects.toThrow(/copied over/);
    await expect(names()).rejects.toThrow(/copied over/);
  });

  it.each([
    ["removed", () => rmSync(path), /removed or renamed/],
    ["copied over", () => copyOver(`${path}.copy`, path), /copied over/],
  ])("that is %s within a transaction takes nothing of it", async (_, harm, words) => {
    const other = new DatabaseSync(path);
    other.exec(`VACUUM INTO '${path}.copy'`);
    other.close();
    const lost = database.transaction(async ({ run }) => {
      await run("INSERT INTO facts VALUES ('lost', '1')");
      harm();
    });
    await expect(lost).rejects.toThrow(words);
    expect(reason()).toMatch(words);
  });

  it("with what another program writes into it in order is ours still", async () => {
    const other = new DatabaseSync(path);
    other.exec("INSERT INTO facts VALUES ('others', '1'); PRAGMA wal_checkpoint(TRUNCATE)");
    other.close();
    await write("second");
    expect(await names()).toEqual(["first", "others", "second"]);
  });
});

it("a look of a moment ago will do where that is said, unless it found the file lost", () => {
  const raw = new DatabaseSync(path);
  let now = 0;
  const file = watchOwnFile(path, Number(raw.prepare("PRAGMA user_version").get()?.["user_version"]), () => now);
  expect(file.trouble()).toBeNull();
  renameSync(path, `${path}.away`);
  now = 4;
  expect(file.trouble(5)).toBeNull();
  now = 5;
  expect(file.trouble(5)?.message).toBe("the database’s file was removed or renamed");
  renameSync(`${path}.away`, path);
  expect(file.trouble(5)).toBeNull();
  renameSync(path, `${path}.away`);
  expect(file.trouble()).not.toBeNull();
  renameSync(`${path}.away`, path);
  raw.close();
  file.close();
});

it("a copy of a minute ago, of the same run, is known as such", () => {
  const raw = new DatabaseSync(path);
  let now = 0;
  const mark = Number(raw.prepare("PRAGMA user_version").get()?.["user_version"]);
  const file = watchOwnFile(path, mark, () => now);
  expect(file.nextMark()).toBeNull();
  now = 60_000;
  copyOver(path, `${path}.copy`);
  const next = file.nextMark();
  raw.exec(`PRAGMA user_version = ${next}`);
  file.marked(next ?? 0);
  // As long as it stands in the log only, the file may hold either.
  expect([file.trouble(), file.nextMark()]).toEqual([null, null]);
  raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  expect(file.trouble()).toBeNull();
  copyOver(`${path}.copy`, path);
  expect(file.trouble()?.message).toBe("another database was copied over ours");
  raw.close();
  file.close();
});

it("a copy of any minute since the log was written into the file last is known once it is written again", async () => {
  const raw = new DatabaseSync(path);
  let now = 0;
  const file = watchOwnFile(path, Number(raw.prepare("PRAGMA user_version").get()?.["user_version"]), () => now);
  for (let minute = 1; minute <= 3; minute += 1) {
    now = minute * 60_000;
    const next = file.nextMark() ?? 0;
    raw.exec(`PRAGMA user_version = ${next}`);
    file.marked(next);
    // Page for page, as `.backup` does, with what stands in the log.
    if (minute === 2) await backup(raw, `${path}.copy`);
  }
  expect(file.trouble()).toBeNull();
  raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  expect(file.trouble()).toBeNull();
  copyOver(`${path}.copy`, path);
  expect(file.trouble()?.message).toBe("another database was copied over ours");
  raw.close();
  file.close();
});

describe("a log that kill -9 left beside the file", () => {
  /** As the disk is after kill -9: what is in the log only is not in the file yet. */
  function crash(): string {
    const left = mkdtempSync(join(tmpdir(), "valvomo-crash-"));
    onTestFinished(() => rmSync(left, { recursive: true }));
    for (const end of ["", "-wal", ".mark"]) copyOver(path + end, join(left, `valvomo.db${end}`));
    return join(left, "valvomo.db");
  }
  /** What the next start finds, and what it tells. */
  async function startOn(at: string): Promise<{ readonly found: readonly string[]; readonly told: readonly string[] }> {
    const told: string[] = [];
    const next = openDatabaseFile(at, { onPutAside: (words) => void told.push(words) });
    onTestFinished(() => next.close());
    const rows = await next.all<{ name: string }>("SELECT name FROM facts ORDER BY name");
    return { found: rows.map(({ name }) => name), told };
  }

  it("is taken into its own file", async () => {
    await write("second");
    expect(await startOn(crash())).toEqual({ found: ["first", "second"], told: [] });
    await database.close();
    await open();
    await write("third");
    const at = crash();
    // Of a database that 0.1 left, nothing is noted.
    rmSync(`${at}.mark`);
    expect(await startOn(at)).toEqual({ found: ["first", "second", "third"], told: [] });
  });

  it.each([
    ["VACUUM INTO made of another", (copy: string) => new DatabaseSync(path).exec(`VACUUM INTO '${copy}'`)],
    ["was closed in order", (copy: string) => copyOver(`${path}.before`, copy)],
  ])("is never written into a copy over it that %s, but put aside and told", async (_, makeCopy) => {
    await database.close();
    copyOver(path, `${path}.before`);
    await open();
    const copy = join(folder, "copy.db");
    makeCopy(copy);
    for (const name of ["second", "third"]) await write(name);
    const at = crash();
    copyOver(copy, at);
    const { found, told } = await startOn(at);
    expect(found).toEqual(["first"]);
    expect(told).toEqual([expect.stringMatching(/put over another database .* is kept in valvomo\.db-wal\.old$/)]);
    expect(existsSync(`${at}-wal.old`)).toBe(true);
  });

  it("is known over any number of minutes, as the file's marks change", () => {
    const raw = new DatabaseSync(path);
    let now = 0;
    const file = watchOwnFile(path, Number(raw.prepare("PRAGMA user_version").get()?.["user_version"]), () => now);
    for (let minute = 1; minute <= 3; minute += 1) {
      now = minute * 60_000;
      const next = file.nextMark() ?? 0;
      raw.exec(`PRAGMA user_version = ${next}`);
      file.marked(next);
      if (minute === 2) raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      expect(file.trouble()).toBeNull();
      expect(hasStrangeLog(crash())).toBe(false);
    }
    raw.close();
    file.close();
  });
});
