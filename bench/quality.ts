import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsApart } from "../src/store/quality/reader.ts";
import { migrate } from "../src/store/schema.ts";
import { openSqlite } from "../src/store/sqlite/sqlite.ts";
import { createWorker } from "../src/worker/pool.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, type Bench } from "./support/figure.ts";

const EVENTS = 5_000_000;
const ALARMS = 500;
const MONTH_MS = 30 * 86_400_000;
const START_AT = Date.UTC(2026, 10, 1);

/** How long a report on a month of very many events takes: every second of them is an alarm that comes. */
export const quality: Bench = {
  name: "quality",
  async run(defer) {
    const folder = mkdtempSync(join(tmpdir(), "valvomo-quality-"));
    defer(async () => rmSync(folder, { recursive: true }));
    const path = join(folder, "month.sqlite");
    const database = openSqlite(path);
    defer(() => database.close());
    await migrate(database);
    await database.transaction(async ({ run }) => {
      const count = (limit: number): string =>
        `WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${limit})`;
      await run(
        `${count(ALARMS)} INSERT INTO alarms (id, alarm_key, topic, message, severity, peak_severity, state, is_cleared_by_plant,
           occurrence, event_count, started_at, last_at, last_received_at, version)
         SELECT i, 'alarm ' || i, 't', 'bearing ' || i, 1, 1, 'active', 1, 1, 1, ${START_AT}, ${START_AT}, ${START_AT}, 1 FROM numbers`,
      );
      await run(
        `${count(EVENTS)} INSERT INTO events (id, alarm_id, topic, payload, is_retained, received_at, severity, state)
         SELECT i, 1 + i % ${ALARMS}, 'lut/AMBsystem/warnings/pump-7',
           CAST('{"id":"bearing-hot","message":"bearing 82.1 °C","severity":"warning"}' AS BLOB), 0,
           ${START_AT} + i * ${Math.floor(MONTH_MS / EVENTS)}, 1 + i % 3,
           CASE (i / ${ALARMS}) % 2 WHEN 0 THEN 'active' ELSE 'cleared' END FROM numbers`,
      );
    });
    const worker = createWorker();
    defer(() => worker.stop());
    await worker.run({ kind: "prepare" });
    const beganAt = monotonicMs();
    const found = await worker.run({
      kind: "quality",
      database: settingsApart({ kind: "file", path }),
      request: {
        startAt: START_AT,
        endAt: START_AT + MONTH_MS,
        timeZone: "Europe/Helsinki",
        shiftStarts: [360, 840, 1_320],
        returnAfterMs: 900_000,
        scope: "everything",
      },
    });
    if (found.load.total !== EVENTS / 2) throw new Error(`${found.load.total} alarms came, of ${EVENTS / 2}`);
    const millions = EVENTS / 1e6;
    return [
      atMost(`report on the alarms of a month of ${millions} million events`, 3_000, monotonicMs() - beganAt, "ms"),
    ];
  },
};
