import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import mqtt from "mqtt";
import { nextMessage } from "./support/broker.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atLeast, atMost, type Bench, type Defer } from "./support/figure.ts";
import { checkCards } from "./support/cards.ts";
import { startPlant, TOPIC, warning } from "./support/plant.ts";

const ALARMS = 1_000;
const POUR_MS = 12_000;
/** The plant pours as fast as the program stores, with so many on the way: what is measured is the program's own speed. */
const MAX_UNDER_WAY = 5_000;

/** How many warnings a second get through to the disk while the alarms and the chat's cards follow; then whether all of it is true. */
export const throughput: Bench = {
  name: "throughput",
  async run(defer) {
    const { publisher, sink, app, brokerUrl } = await startPlant(defer);
    const count = countRows(app.databasePath, defer);
    const published: number[] = Array.from({ length: ALARMS }, () => 0);
    let total = 0;
    const beganAt = monotonicMs();
    while (monotonicMs() < beganAt + POUR_MS) {
      for (const room = count.newestEvent() + MAX_UNDER_WAY; total < room; total++) {
        const alarm = total % ALARMS;
        published[alarm]! += 1;
        publisher.publish(TOPIC, warning(alarm, total), { qos: 1 });
      }
      await setTimeout(5);
    }
    await waitUntil("every event is stored", () => count.newestEvent() >= total, { everyMs: 5 });
    const storedAt = monotonicMs();
    await waitUntil("no card waits", () => count.waitingCards() === 0);
    const calls = await sink.calls();
    const lastCardAt = calls.at(-1)?.receivedAt ?? Number.NaN;

    if (count.events() !== total) throw new Error(`${count.events()} of ${total} events are stored`);
    checkCards(calls, published);
    await app.stop();
    await checkAcknowledged(brokerUrl);
    const perSecond = total / ((storedAt - beganAt) / 1_000);
    return [
      atLeast(
        `events stored and acknowledged, sustained, ${ALARMS.toLocaleString("en")} alarms and cards`,
        8_000,
        perSecond,
        "/s",
      ),
      atMost("… after the last of them, every card is up to date within", 2_000, lastCardAt - storedAt, "ms"),
    ];
  },
};

/** Looks at the program's database from outside. */
function countRows(path: string, defer: Defer) {
  const database = new DatabaseSync(path, { readOnly: true });
  defer(async () => database.close());
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    return () => Number(Object.values(statement.get() ?? {})[0] ?? 0);
  };
  return {
    /** Numbers are given out in order, so this is quick to ask and tells how many there are. */
    newestEvent: prepare("SELECT MAX(id) FROM events"),
    events: prepare("SELECT COUNT(*) FROM events"),
    waitingCards: prepare("SELECT COUNT(*) FROM cards WHERE is_pending = 1"),
  };
}

/**
 * Takes the program's place at the broker. What was not acknowledged would come again, and first.
 * @throws Error if anything does
 */
async function checkAcknowledged(brokerUrl: string): Promise<void> {
  const client = mqtt.connect(brokerUrl, { clientId: "valvomo", clean: false, manualConnect: true });
  const first = nextMessage(client);
  client.once("connect", () => client.publish(TOPIC, "the end", { qos: 1 }));
  client.connect();
  const message = await first.finally(() => client.end());
  if (message !== "the end") throw new Error("the broker still had events that were not acknowledged");
}
