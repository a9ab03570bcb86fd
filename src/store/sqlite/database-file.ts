import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../lib/errors.ts";
import { reasonOf } from "../sql/disk-reason.ts";
import { hasStrangeLog, putLogAside } from "./file-mark.ts";
import { makeFolder } from "./folder.ts";
import { MAGIC, takeLock, type Holder } from "./lock.ts";
import { OPEN_PATIENCE_MS } from "./lock-wait.ts";
import { openSqlite, type DatabaseFile } from "./sqlite.ts";
import { codesOf } from "../sql/error-codes.ts";

/** Of the first Valvomo on; what has none of them, and others, is another program's. */
const OUR_TABLES = ["schema_version", "alarms", "events"];

/**
 * Opens the program's database, for this process alone. What is not ours is left as it is, its mode included.
 * @param path as the settings have it
 * @throws ConfigError in words, if that cannot be
 */
export function openDatabaseFile(path: string, options: Parameters<typeof openSqlite>[1]): DatabaseFile {
  const release = inWords(path, () => take(path));
  try {
    inWords(path, () => leaveStrangeLog(path, options));
    const database = inWords(path, () => openSqlite(path, { ...options, isOwn: true }));
    return {
      ...database,
      async close() {
        await database.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** A log that is not the file's own is not to be written into it. */
function leaveStrangeLog(path: string, { onPutAside }: Parameters<typeof openSqlite>[1] = {}): void {
  if (!existsSync(path) || !hasStrangeLog(realpathSync(path))) return;
  putLogAside(realpathSync(path));
  onPutAside?.(
    `${path} was put over another database that was still open: what the ${basename(path)}-wal beside it held is not in it, and is kept in ${basename(path)}-wal.old`,
  );
}

/** @returns what gives it back */
function take(path: string): () => void {
  const folder = dirname(resolve(path));
  try {
    makeFolder(folder);
  } catch (error) {
    throw refusal(`the folder ${folder} cannot be made (${reasonOf(error)})`, mayPass(error));
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined) {
    if (stat.isDirectory()) throw refusal(`${path} is a folder: name a file in it`);
    if (!stat.isFile()) throw refusal(`${path} is not a file`);
    if (stat.size > 0) checkIsOurs(path);
  }
  const real = stat === undefined ? join(realpathSync(folder), basename(path)) : realpathSync(path);
  const lock = takeLock(`${real}.lock`);
  if ("heldBy" in lock) throw refusal(inUse(path, lock.heldBy));
  return lock.release;
}

function inUse(path: string, holder: Holder | null): string {
  const who = holder === null ? "" : ` (process ${holder.process} on ${holder.host}, since ${holder.since})`;
  return `another Valvomo${who} uses ${path}: end it first, or give this one its own database and MQTT_CLIENT_ID`;
}

/** Reads, and nothing else: to open a database in the usual way may already change it, or put files beside it. */
function checkIsOurs(path: string): void {
  if (firstBytes(path) !== MAGIC) throw refusal(`${path} is not a database of Valvomo, and was left as it is`);
  const url = pathToFileURL(resolve(path));
  // All is in the one file, unless the last to write it left something beside; what is not its own is not looked at.
  const real = realpathSync(path);
  if (!existsSync(`${real}-wal`) || hasStrangeLog(real)) url.searchParams.set("immutable", "1");
  const file = new DatabaseSync(url, { readOnly: true, timeout: OPEN_PATIENCE_MS });
  try {
    const tables = file.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = tables.map(({ name }) => name);
    if (names.length > 0 && !OUR_TABLES.every((name) => names.includes(name))) {
      throw refusal(`${path} is the database of another program, and was left as it is`);
    }
  } finally {
    file.close();
  }
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(MAGIC.length);
  const file = openSync(path, "r");
  try {
    return bytes.toString("latin1", 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * What is to be told of an error at the start, if it is one of the database.
 * @returns any other as it is
 */
export function databaseTrouble(path: string, error: unknown): unknown {
  const isOfSqlite = error instanceof Error && "errcode" in error;
  return isOfSqlite ? refusal(`${path} cannot be used (${reasonOf(error)})`, mayPass(error)) : error;
}

const refusal = (problem: string, canPass = false): ConfigError =>
  new ConfigError([`DATABASE_URL: ${problem}.`], { mayPass: canPass });

function inWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refusal(`${path} cannot be opened (${reasonOf(error)})`, mayPass(error));
  }
}

/** Busy, broken for now, or full. */
const PASSING: ReadonlySet<unknown> = new Set([5, 10, 13, "ENOSPC", "EDQUOT", "EIO"]);

function mayPass(error: unknown): boolean {
  const { code, errcode } = codesOf(error);
  return PASSING.has(errcode === undefined ? code : errcode & 0xff);
}
