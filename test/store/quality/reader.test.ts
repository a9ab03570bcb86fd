import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openReaderApart, settingsApart } from "../../../src/store/quality/reader.ts";
import { openPostgres } from "../../../src/store/postgres/database.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import type { DatabaseSettings } from "../../../src/store/sql/settings.ts";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { createWorker } from "../../../src/worker/pool.ts";
import { createSharedDatabase } from "../../support/databases.ts";
import { askPostgres, hasPostgres } from "../../support/postgres.ts";
import { MONTH, plantedMonth, storeTimes } from "../../support/quality-month.ts";
import { RULES } from "../../support/rules.ts";
import { openTables } from "../../support/store.ts";

interface Opened {
  readonly database: Database;
  readonly settings: DatabaseSettings;
}

async function inFile(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-reader-"));
  ends.push(async () => rmSync(folder, { recursive: true }));
  const settings = { kind: "file", path: join(folder, "valvomo.sqlite") } as const;
  return { database: openSqlite(settings.path), settings };
}

async function onServer(): Promise<Opened> {
  const settings = await createSharedDatabase();
  return { database: await openPostgres(settings), settings };
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

describe.each([["SQLite", inFile] as const, ...(hasPostgres ? [["PostgreSQL", onServer] as const] : [])])(
  "the history in %s",
  (_, open) => {
    it("is read by another thread while the program has it open and goes on writing", async () => {
      const { database, settings } = await open();
      ends.push(() => database.close());
      await openTables(database);
      const times = plantedMonth(2);
      await storeTimes(database, times);
      const worker = createWorker();
      ends.push(() => worker.stop());
      const request = {
        ...MONTH,
        timeZone: "UTC",
        shiftStarts: [360],
        returnAfterMs: 900_000,
        scope: "shared",
      } as const;
      const report = worker.run({ kind: "quality", database: settingsApart(settings), request });
      await database.transaction(({ run }) => run("INSERT INTO facts (name, content) VALUES ('a', '1')"));
      expect((await report).load.total).toBe(times.length);
      const alarmId = [...new Set(times.map(({ alarm }) => alarm))].indexOf("fleeting") + 1;
      const asked = { ...MONTH, alarmId, rules: RULES, routes: [], scope: "shared", reading: {} } as const;
      const whatIf = await worker.run({ kind: "whatIf", database: settingsApart(settings), request: asked });
      expect(whatIf).toMatchObject({ rings: 6, trueAlarms: 0 });
    });
  },
);

it.runIf(hasPostgres)("reads on with one session where the server has no room for more", async () => {
  const { url, ...settings } = await createSharedDatabase();
  const user = `${settings.database}_reader`;
  await askPostgres(url, `CREATE ROLE ${user} LOGIN CONNECTION LIMIT 1`);
  ends.push(() => askPostgres(url, `DROP ROLE ${user}`));
  const reader = await openReaderApart({ ...settings, user });
  ends.push(() => reader.close());
  for (const n of [1, 2, 3]) expect(await reader.all("SELECT $1::int AS n", n)).toEqual([{ n }]);
});
