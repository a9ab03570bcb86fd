import { createDatabase, hasPostgres, startPostgres } from "../test/support/postgres.ts";
import { checkAcknowledged } from "./throughput.ts";
import { hasMosquitto } from "../test/support/mosquitto.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atLeast, atMost, type Bench, type Defer, type Figure } from "./support/figure.ts";
import { flood } from "./support/flood.ts";
import { createPlant, TOPIC, warning } from "./support/plant.ts";
import { processorMs } from "./support/resident.ts";
import { openNumbers } from "./support/rows.ts";

const EVENTS = 120_000;
const ALARMS = 1_000;
/** V8 compiles what is used often while the first of them come. */
const FIRST = EVENTS / 6;
/**
 * All of them wait at the broker, so that nobody publishes while they are stored. A commit holds what is under way: mosquitto hands out 20
 * messages ahead of their PUBACKs, unless it is told otherwise.
 */
const BROKER = ["max_inflight_messages 1000", "max_queued_messages 0"];
/** As in the field: 1,000 alarms at once are a flood, told by a board at Telegram's pace. */
const FIELD = { TELEGRAM_PACE: "on", FLOOD_RATE: "10/10m" };

/** How many events a second are stored and acknowledged, and what else there is to do for them done as in the field. */
export const stored: Bench = {
  name: "stored",
  async run(defer) {
    if (!hasMosquitto) throw new Error("needs a mosquitto: aedes would share this process");
    const figures = await measure(defer, "SQLite", { aim: 15_000 });
    if (!hasPostgres) return figures;
    const server = await startPostgres();
    defer(() => server.remove());
    const settings = { DATABASE_URL: (await createDatabase(server.port)).url };
    return [...figures, ...(await measure(defer, "PostgreSQL on the same machine", { aim: 8_000, settings }))];
  },
};

async function measure(
  defer: Defer,
  database: string,
  { aim, settings = {} }: { readonly aim: number; readonly settings?: Readonly<Record<string, string>> },
): Promise<Figure[]> {
  const { app, brokerUrl } = await createPlant(defer, { ...FIELD, ...settings }, BROKER);
  // The broker keeps what comes for it from here on.
  await app.start();
  await waitUntil("the program has subscribed", () => app.log.some(({ msg }) => msg === "subscribed"));
  await app.stop();
  const payloads = Array.from({ length: EVENTS }, (_, serial) => warning(serial % ALARMS, serial));
  const port = Number(new URL(brokerUrl).port);
  await flood({ port, topics: [TOPIC], payloads, qos: 1, perSecond: EVENTS / 4, seconds: 4 });

  await app.start();
  const ask = await openNumbers(app.databaseUrl, defer);
  const until = (count: number) =>
    waitUntil(`${count} events are stored`, async () => (await ask("SELECT MAX(id) FROM events")) >= count, {
      everyMs: 10,
      timeoutMs: 300_000,
    });
  await until(FIRST);
  const [beganAt, busyBefore] = [monotonicMs(), processorMs(app.pid)];
  await until(EVENTS);
  const [tookMs, busyMs] = [monotonicMs() - beganAt, processorMs(app.pid) - busyBefore];
  // Besides those of the program itself, as of a take-over.
  const events = await ask(`SELECT COUNT(*) FROM events WHERE topic = '${TOPIC}'`);
  if (events !== EVENTS) throw new Error(`${events} of ${EVENTS} events are stored`);
  await app.stop();
  await checkAcknowledged(brokerUrl);
  const count = EVENTS - FIRST;
  return [
    atLeast(`events stored and acknowledged, ${database}`, aim, count / (tookMs / 1_000), "/s"),
    atMost("… processor time of the program for each", 1_000_000 / aim, (busyMs / count) * 1_000, "µs"),
  ];
}
