import { setTimeout } from "node:timers/promises";
import mqtt from "mqtt";
import { nextMessage } from "./support/broker.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atLeast, atMost, type Bench, type Defer } from "./support/figure.ts";
import { openNumbers } from "./support/rows.ts";
import { checkCards } from "./support/cards.ts";
import { startPlant, TOPIC, warning } from "./support/plant.ts";
import { processorMs } from "./support/resident.ts";

const ALARMS = 1_000;
const POUR_MS = 12_000;
/** The plant pours as fast as the program stores, with so many on the way: what is measured is the program's own speed. */
const MAX_UNDER_WAY = 5_000;

/** A commit holds what is under way: mosquitto hands out 20 messages ahead of their PUBACKs, unless it is told otherwise. */
const UNBOUND = ["max_inflight_messages 0"];

/** How many warnings a second get through to the disk while the alarms and the chat's cards follow; then whether all of it is true. */
export const throughput: Bench = {
  name: "throughput",
  async run(defer) {
    const { perSecond, lagMs } = await pour(defer);
    const alarms = ALARMS.toLocaleString("en");
    return [
      atLeast(`events stored and acknowledged, sustained, ${alarms} alarms and cards`, 8_000, perSecond, "/s"),
      atMost("… after the last of them, every card is up to date within", 2_000, lagMs, "ms"),
    ];
  },
};

/**
 * Pours warnings into the program for a while.
 * @returns how many a second were stored, and how long after the last of them the last card came
 */
export async function pour(
  defer: Defer,
  settings: Readonly<Record<string, string>> = {},
  brokerLines: readonly string[] = UNBOUND,
): Promise<{ readonly perSecond: number; readonly lagMs: number; readonly busyUs: number }> {
  const { publisher, sink, app, brokerUrl } = await startPlant(defer, settings, brokerLines);
  const ask = await openNumbers(app.databaseUrl, defer);
  // Numbers are given out in order, so this is quick to ask and tells how many there are.
  const newestEvent = () => ask("SELECT MAX(id) FROM events");
  const published: number[] = Array.from({ length: ALARMS }, () => 0);
  let total = 0;
  const busyBefore = processorMs(app.pid);
  const beganAt = monotonicMs();
  while (monotonicMs() < beganAt + POUR_MS) {
    for (const room = (await newestEvent()) + MAX_UNDER_WAY; total < room; total++) {
      const alarm = total % ALARMS;
      published[alarm]! += 1;
      publisher.publish(TOPIC, warning(alarm, total), { qos: 1 });
    }
    await setTimeout(5);
  }
  await waitUntil("every event is stored", async () => (await newestEvent()) >= total, { everyMs: 5 });
  const storedAt = monotonicMs();
  const busyMs = processorMs(app.pid) - busyBefore;
  await waitUntil("no card waits", async () => (await ask("SELECT COUNT(*) FROM cards WHERE is_pending = 1")) === 0);
  const calls = await sink.calls();
  const lastCardAt = calls.at(-1)?.receivedAt ?? Number.NaN;

  const events = await ask("SELECT COUNT(*) FROM events");
  if (events !== total) throw new Error(`${events} of ${total} events are stored`);
  checkCards(calls, published);
  await app.stop();
  await checkAcknowledged(brokerUrl);
  return {
    perSecond: total / ((storedAt - beganAt) / 1_000),
    lagMs: lastCardAt - storedAt,
    busyUs: (busyMs / total) * 1_000,
  };
}

/**
 * Takes the program's place at the broker. What was not acknowledged would come again, and first.
 * @throws Error if anything does
 */
export async function checkAcknowledged(brokerUrl: string): Promise<void> {
  const client = mqtt.connect(brokerUrl, { clientId: "valvomo", clean: false, manualConnect: true });
  const first = nextMessage(client);
  client.once("connect", () => client.publish(TOPIC, "the end", { qos: 1 }));
  client.connect();
  const message = await first.finally(() => client.end());
  if (message !== "the end") throw new Error("the broker still had events that were not acknowledged");
}
