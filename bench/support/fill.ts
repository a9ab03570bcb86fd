import { DatabaseSync } from "node:sqlite";
import { DEFAULT_ESCALATIONS } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { decode } from "../../src/alarms/payloads/decode.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import { TOPIC } from "../../test/support/alarms.ts";
import { chatOf } from "../../test/support/rules.ts";
import { openStore, type Store } from "../../test/support/store.ts";

const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;
const BATCH = 5_000;
/** Of those that showed them. */
const FIRST_MESSAGE = 1_000_000;

/** Raises the alarms through the store, as if this chat had been shown them all. */
export async function fillAlarms(path: string, count: number, chatId: number): Promise<void> {
  const now = Date.now();
  const store: Store = await openStore(openSqlite(path), {
    rules: {
      returnAfterMs: DAY_MS,
      chatter: { count: 5, withinMs: 600_000 },
      repeating: null,
      escalations: DEFAULT_ESCALATIONS,
      single: [],
    },
    destinationsOf: () => [chatOf(chatId)],
    answers: { suffix: null },
    timeZone: "UTC",
    now: () => now,
  });
  for (let from = 0; from < count; from += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => {
      const content = {
        id: `open${from + i}`,
        message: `Alarm ${from + i}`,
        source: `Machine ${i % 50}`,
        state: "active",
      };
      return decode({
        topic: TOPIC,
        payload: Buffer.from(JSON.stringify(content)),
        isRetained: false,
        receivedAt: now,
      })[0];
    });
    await store.record(events);
  }
  await store.close();
  const database = new DatabaseSync(path);
  database.exec(`UPDATE cards SET message_id = ${FIRST_MESSAGE} + alarm_id, rung = rings, is_pending = 0;
    INSERT INTO messages (chat_id, message_id, alarm_id, shown_at) SELECT chat_id, message_id, alarm_id, rang_at FROM cards`);
  database.close();
}

/**
 * Adds events of those alarms, evenly over the days that are kept and before.
 * @param options.old so many are older than what is kept: to be forgotten
 */
export function fillEvents(
  path: string,
  options: { readonly alarms: number; readonly events: number; readonly old: number },
): void {
  const { alarms, events, old } = options;
  const database = new DatabaseSync(path);
  const now = Date.now();
  database.exec("PRAGMA synchronous = OFF");
  const insert = database.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 - 1)
     INSERT INTO events (id, alarm_id, dedupe_key, topic, payload, is_retained, received_at, occurred_at, severity, state, value)
     SELECT ?1 + i, 1 + i % ?3, NULL, ?4, ?5, 0, ?6 + i * ?7 / ?2, NULL, 1, 'active', i % 100 FROM n`,
  );
  const payload = Buffer.from(JSON.stringify({ message: "Coil hot", value: 82.1, unit: "°C" }));
  const [keptMs, oldMs] = [KEPT_DAYS * DAY_MS, 10 * DAY_MS];
  database.exec("BEGIN");
  // The alarms' own events come after these, as the newest.
  database.prepare("UPDATE events SET id = id + ?1").run(events + old);
  if (old > 0) insert.run(1, old, alarms, TOPIC, payload, now - keptMs - oldMs, oldMs);
  insert.run(1 + old, events, alarms, TOPIC, payload, now - keptMs + 60_000, keptMs - 120_000);
  database.exec("COMMIT");
  database.close();
}
