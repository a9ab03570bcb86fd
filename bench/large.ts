import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { decode } from "../src/alarms/payloads/decode.ts";
import { DEFAULT_ESCALATIONS } from "../src/alarms/lifecycle/escalation-plan.ts";
import { openSqlite } from "../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../test/support/store.ts";
import { TOPIC } from "../test/support/alarms.ts";
import { ADMIN, createWorld, type World } from "../test/support/world.ts";
import { startBroker } from "./support/broker.ts";
import { monotonicMs } from "./support/clock.ts";
import { atMost, percentile, type Bench, type Figure } from "./support/figure.ts";

const OPEN = 100_000;
const EVENTS = 5_000_000;
/** Older than what is kept: to be forgotten while the rest is measured. */
const OLD = 200_000;
const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;
const ALARMS = 200;
const ASKED = 20;

/** What happens when very much is there: many open alarms, and years of events. */
export const large: Bench = {
  name: "large",
  async run(defer) {
    const broker = await startBroker();
    defer(() => broker.stop());
    const world = await createWorld(broker.url, { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) });
    defer(() => world.remove());
    await fillAlarms(world.app.databasePath);
    // A first start looks at all of them, as after a change of the rules.
    const firstAt = monotonicMs();
    await world.app.start();
    const firstMs = monotonicMs() - firstAt;
    await world.app.stop();
    const beganAt = monotonicMs();
    await world.app.start();
    const startMs = monotonicMs() - beganAt;
    await world.app.stop();
    await world.start();
    const figures: Figure[] = [
      atMost(`start with ${OPEN.toLocaleString("en")} open alarms`, 2_000, startMs, "ms"),
      atMost("… after a change of the rules", 2_000, firstMs, "ms"),
      atMost("… /alarms answers within (median)", 50, await median(world, "/alarms", `${OPEN} active`), "ms"),
    ];
    await world.app.stop();
    fillEvents(world.app.databasePath);
    await world.start();
    const latencies = await publishInTurn(world);
    const many = `${(EVENTS / 1e6).toLocaleString("en")} million events`;
    return [
      ...figures,
      atMost(`publish → card with ${many}: p99`, 25, percentile(latencies, 0.99), "ms"),
      atMost("… /alarms answers within (median)", 50, await median(world, "/alarms", " active"), "ms"),
      atMost(
        "… /history 24h answers within (median)",
        250,
        await median(world, "/history 24h", "alarms in the last"),
        "ms",
      ),
      atMost("… /alarm answers within (median)", 50, await median(world, "/alarm 7", "Newest first"), "ms"),
    ];
  },
};

/** The median of the time from a person's words to the bot's answer. */
async function median({ telegram }: World, words: string, answer: string): Promise<number> {
  const times: number[] = [];
  const answers = () =>
    telegram.messages(ADMIN).filter(({ from, text }) => from === "bot" && text.includes(answer)).length;
  for (let i = 0; i < ASKED; i++) {
    const before = answers();
    const askedAt = monotonicMs();
    telegram.say({ chatId: ADMIN, text: words });
    await telegram.waitFor(() => answers() > before, 20_000);
    times.push(monotonicMs() - askedAt);
  }
  return percentile(times, 0.5);
}

async function publishInTurn({ telegram, warn }: World): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < ALARMS; i++) {
    const publishedAt = monotonicMs();
    const sent = telegram.calls.length;
    await warn({ id: `new${i}`, message: `New alarm ${i}.` });
    const isThere = () =>
      telegram.calls.slice(sent).some(({ params }) => String(params["text"]).includes(`alarm ${i}.`));
    await telegram.waitFor(isThere, 10_000);
    latencies.push(monotonicMs() - publishedAt);
    await setTimeout(20);
  }
  return latencies;
}

/** Raises the alarms through the store, as if the chat had seen them all. */
async function fillAlarms(path: string): Promise<void> {
  const now = Date.now();
  const store: Store = await openStore(openSqlite(path), {
    rules: {
      returnAfterMs: DAY_MS,
      chatter: { count: 5, withinMs: 600_000 },
      repeating: null,
      escalations: DEFAULT_ESCALATIONS,
    },
    destinationsOf: () => [],
    answers: { suffix: null },
    timeZone: "UTC",
    now: () => now,
  });
  for (let from = 0; from < OPEN; from += 5_000) {
    const events = Array.from({ length: 5_000 }, (_, i) => {
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
}

/** Adds events of these alarms, evenly over the days that are kept and, fewer, before. */
function fillEvents(path: string): void {
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
  database.prepare("UPDATE events SET id = id + ?1").run(EVENTS + OLD);
  insert.run(1, OLD, OPEN, TOPIC, payload, now - keptMs - oldMs, oldMs);
  insert.run(1 + OLD, EVENTS, OPEN, TOPIC, payload, now - keptMs + 60_000, keptMs - 120_000);
  database.exec("COMMIT");
  database.close();
}
