import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsApart } from "../src/store/quality/reader.ts";
import { migrate } from "../src/store/schema.ts";
import { openSqlite } from "../src/store/sqlite/sqlite.ts";
import { createWorker } from "../src/worker/pool.ts";
import { WORST } from "../src/quality/limits.ts";
import { RULES } from "../test/support/rules.ts";
import { monotonicMs } from "./support/clock.ts";
import { openPostgres } from "../src/store/postgres/database.ts";
import type { Database } from "../src/store/sql/database.ts";
import type { DatabaseSettings } from "../src/store/sql/settings.ts";
import { createDatabase, hasPostgres, startPostgres } from "../test/support/postgres.ts";
import { atMost, type Bench, type Defer, type Figure } from "./support/figure.ts";

const EVENTS = 5_000_000;
const ALARMS = 500;
const MONTH_MS = 30 * 86_400_000;
const START_AT = Date.UTC(2026, 10, 1);
/** Written at a time. */
const PORTION = 100_000;

/** How long a report on a month of very many events takes: every second of them is an alarm that comes. */
export const quality: Bench = {
  name: "quality",
  async run(defer) {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-quality-"));
    defer(async () => rmSync(folder, { recursive: true }));
    const file = { kind: "file", path: join(folder, "month.sqlite") } as const;
    const figures = await report(file, openSqlite(file.path), "", defer);
    if (!hasPostgres) return figures;
    const server = await startPostgres();
    defer(() => server.remove());
    const settings = await createDatabase(server.port);
    return [
      ...figures,
      ...(await report(settings, await openPostgres(settings), ", PostgreSQL on the same machine", defer)),
    ];
  },
};

async function report(settings: DatabaseSettings, database: Database, where: string, defer: Defer): Promise<Figure[]> {
  defer(() => database.close());
  await fill(database);
  const worker = createWorker();
  defer(() => worker.stop());
  const request = {
    startAt: START_AT,
    endAt: START_AT + MONTH_MS,
    timeZone: "Europe/Helsinki",
    shiftStarts: [360, 840, 1_320],
    returnAfterMs: 900_000,
    scope: "everything",
  } as const;
  // Its thread is there already when somebody goes on to the next report.
  await worker.run({
    kind: "quality",
    database: settingsApart(settings),
    request: { ...request, endAt: START_AT + 1 },
  });
  const beganAt = monotonicMs();
  const found = await worker.run({ kind: "quality", database: settingsApart(settings), request });
  const tookMs = monotonicMs() - beganAt;
  if (found.load.total !== EVENTS / 2) throw new Error(`${found.load.total} alarms came, of ${EVENTS / 2}`);
  const askedAt = monotonicMs();
  const { startAt, endAt, scope } = request;
  const rules = { ...RULES, returnAfterMs: request.returnAfterMs };
  const asked = { startAt, endAt, scope, rules, routes: [], reading: {} };
  const foretold = await Promise.all(
    Array.from({ length: WORST }, (_, i) =>
      worker.run({ kind: "whatIf", database: settingsApart(settings), request: { ...asked, alarmId: i + 1 } }),
    ),
  );
  const foretoldMs = monotonicMs() - askedAt;
  if (foretold.some((whatIf) => !whatIf?.rings)) throw new Error("an alarm of the month did not ring");
  const events = ((WORST * EVENTS) / ALARMS).toLocaleString("en");
  return [
    atMost(`report on the alarms of a month of ${EVENTS / 1e6} million events${where}`, 3_000, tookMs, "ms"),
    atMost(`what rules would have done for ten alarms with ${events} events${where}`, 3_000, foretoldMs, "ms"),
  ];
}

async function fill(database: Database): Promise<void> {
  await migrate(database);
  const count = (from: number, to: number): string =>
    `WITH RECURSIVE numbers(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM numbers WHERE i < ${to})`;
  await database.transaction(({ run }) =>
    run(
      `${count(1, ALARMS)} INSERT INTO alarms (id, alarm_key, topic, message, severity, peak_severity, state, is_cleared_by_plant,
         occurrence, event_count, started_at, last_at, last_received_at, version)
       SELECT i, 'alarm ' || i, 't', 'bearing ' || i, 1, 1, 'active', 1, 1, 1, ${START_AT}, ${START_AT}, ${START_AT}, 1 FROM numbers`,
    ),
  );
  const payload = Buffer.from('{"id":"bearing-hot","message":"bearing 82.1 °C","severity":"warning"}');
  for (let from = 1; from <= EVENTS; from += PORTION) {
    await database.transaction(({ run }) =>
      run(
        `${count(from, from + PORTION - 1)} INSERT INTO events (id, alarm_id, topic, payload, is_retained, received_at, severity, state)
         SELECT i, 1 + i % ${ALARMS}, 'lut/AMBsystem/warnings/pump-7', $1, 0,
           ${START_AT} + i * CAST(${Math.floor(MONTH_MS / EVENTS)} AS BIGINT), 1 + i % 3,
           CASE (i / ${ALARMS}) % 2 WHEN 0 THEN 'active' ELSE 'cleared' END FROM numbers`,
        payload,
      ),
    );
  }
}
