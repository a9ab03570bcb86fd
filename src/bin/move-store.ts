import { existsSync } from "node:fs";
import { readDatabase } from "../config/database-url.ts";
import { readSettingsFile } from "../config/settings-file.ts";
import { readGiven, SETTING_NAMES } from "../config/given.ts";
import { calledAs, ConfigError } from "../lib/errors.ts";
import { moveStore, nothingIn } from "../store/move.ts";
import { openDatabase } from "../store/open-database.ts";
import { nameOfDatabase, type DatabaseSettings } from "../store/sql/settings.ts";

/**
 * `npm run move-store -- <from> <to>`: copies everything from one database into another, empty one, and compares. Password and
 * authority of a PostgreSQL are those of the settings.
 */

const USAGE = `From where, and where to? The target has to be empty, and no Valvomo may use either.
  npm run move-store -- file:data/valvomo.db postgres://user@host:5432/database
  npm run move-store -- postgres://user@host:5432/database file:data/valvomo.db\n`;

const EXIT_NOT_DONE = 1;
const EXIT_CONFIG = 2;

/** What an argument names, with password and authority of the settings where it is a server. */
function readBoth(urls: readonly string[]): readonly DatabaseSettings[] {
  const [problems, notes]: [string[], string[]] = [[], []];
  const settings = readSettingsFile(process.env, ".env", SETTING_NAMES);
  const { DATABASE_PASSWORD, DATABASE_CA_FILE } = readGiven(settings.variables, { problems, notes });
  const ofDatabase = problems.filter((problem) => problem.startsWith("DATABASE_"));
  const found = urls.map((DATABASE_URL, i) => {
    const isFile = DATABASE_URL.startsWith("file:");
    const given = isFile ? { DATABASE_URL } : { DATABASE_URL, DATABASE_PASSWORD, DATABASE_CA_FILE };
    const ofOne: string[] = [];
    const database = readDatabase(given, { problems: ofOne, notes });
    // What was typed may hold a password.
    const name = i === 0 ? "The first one" : "The second one";
    ofDatabase.push(...ofOne.map((problem) => problem.replace(/^DATABASE_URL\b/, name)));
    return database;
  });
  if (ofDatabase.length > 0) throw new ConfigError([...new Set(ofDatabase)]);
  return found.filter((one) => one !== null);
}

async function main(): Promise<number> {
  const urls = process.argv.slice(2);
  const [from, to] = urls.length === 2 ? readBoth(urls) : [];
  if (from === undefined || to === undefined) {
    process.stderr.write(USAGE);
    return EXIT_CONFIG;
  }
  // To open it would make it.
  if (from.kind === "file" && !existsSync(from.path)) throw nothingIn(nameOfDatabase(from));
  const open = (database: DatabaseSettings) =>
    calledAs(nameOfDatabase(database), "DATABASE_URL", () => openDatabase(database));
  const source = await open(from);
  try {
    const target = await open(to);
    try {
      await moveStore(source, target, {
        from: nameOfDatabase(from),
        to: nameOfDatabase(to),
        onTable: ({ table, rows, checksum }) => process.stdout.write(`${table}: ${rows} rows, ${checksum}\n`),
      });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  process.stdout.write(`All of it is in ${nameOfDatabase(to)} now. ${nameOfDatabase(from)} is as it was.\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  const words =
    error instanceof ConfigError
      ? error.problems
      : [`Not done: ${error instanceof Error ? error.message : String(error)}`];
  process.stderr.write(words.map((problem) => `- ${problem}\n`).join(""));
  process.exitCode = error instanceof ConfigError && !error.mayPass ? EXIT_CONFIG : EXIT_NOT_DONE;
}
