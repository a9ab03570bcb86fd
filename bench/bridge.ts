import { setTimeout } from "node:timers/promises";
import mqtt from "mqtt";
import { parser } from "mqtt-packet";
import { startMosquitto, hasMosquitto } from "../test/support/mosquitto.ts";
import { startProxy } from "../test/support/proxy.ts";
import { createWorld, ADMIN } from "../test/support/world.ts";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { atMost, percentile, type Bench, type Defer } from "./support/figure.ts";
import { flood } from "./support/flood.ts";
import { TOPIC, warning } from "./support/plant.ts";
import { residentMb } from "./support/resident.ts";

/** As many as ThingSpeak takes in one call. */
const ENTRIES = 960;
const MESSAGES = 20;
const PER_SECOND = 1_000;
const ALARM_EVERY_MS = 200;
const BULK_TOPIC = "bulkWrite";

/** The way to ThingSpeak: how soon a full message is safe, and what a flood of them does to memory and to alarms. */
export const bridge: Bench = {
  name: "bridge",
  run: async (defer, seconds) => [await acceptance(defer), ...(await underFlood(defer, seconds))],
};

/** The program behind a proxy that sees its PUBACKs. */
async function openWorld(defer: Defer) {
  if (!hasMosquitto) throw new Error("needs a mosquitto: aedes would share this process");
  const broker = await startMosquitto();
  defer(() => broker.remove());
  const proxy = await startProxy(broker.port);
  defer(() => proxy.close());
  const world = await createWorld(broker.url, {
    MQTT_URL: `mqtt://127.0.0.1:${proxy.port}`,
    MQTT_BULK_TOPIC: BULK_TOPIC,
    THINGSPEAK_WRITE_API_KEY: "WRITEKEY12345678",
    TELEGRAM_ALARM_CHAT_IDS: String(ADMIN),
  });
  defer(() => world.remove());
  await world.start();
  await waitUntil("the bridge listens", () =>
    world.app.log.some(({ msg, link }) => msg === "subscribed" && link === "bridge"),
  );
  const publisher = await mqtt.connectAsync(broker.url);
  defer(() => publisher.endAsync());
  return { ...world, broker, proxy, publisher };
}

/** From the call of `publish` to the PUBACK of the program, which it sends when its commit is on the disk. */
async function acceptance(defer: Defer) {
  const { proxy, publisher } = await openWorld(defer);
  let acknowledgedAt = 0;
  const packets = parser({ protocolVersion: 4 });
  packets.on("packet", ({ cmd }) => {
    if (cmd === "puback") acknowledgedAt = monotonicMs();
  });
  proxy.watch("toServer", (chunk) => packets.parse(chunk));
  const took: number[] = [];
  for (let message = 0; message < MESSAGES; message++) {
    const entries = Array.from(
      { length: ENTRIES },
      (_, i) => `1,${20 + (i % 100) / 10},3.1,5.6,9000,${message}.5,,,,,,|`,
    );
    const publishedAt = monotonicMs();
    acknowledgedAt = 0;
    publisher.publish(BULK_TOPIC, entries.join(""), { qos: 1 });
    await waitUntil("it is acknowledged", () => acknowledgedAt > 0, { everyMs: 5 });
    took.push(acknowledgedAt - publishedAt);
    await setTimeout(100);
  }
  return atMost(
    `${ENTRIES} entries accepted → in the database and acknowledged: p95`,
    50,
    percentile(took, 0.95),
    "ms",
  );
}

/** A thousand bulk messages a second, and an alarm five times a second among them. */
async function underFlood(defer: Defer, seconds: number) {
  const { app, broker, publisher, telegram } = await openWorld(defer);
  const restMb = residentMb(app.pid);
  const memory: number[] = [restMb];
  const latencies: number[] = [];
  let isOver = false;
  const alarms = (async () => {
    for (let alarm = 0; !isOver; alarm++) {
      const publishedAt = monotonicMs();
      publisher.publish(TOPIC, warning(alarm, alarm), { qos: 1 });
      const words = `Coil ${alarm} is hot`;
      await telegram.waitFor(() => telegram.messages(ADMIN).findLast(({ text }) => text.includes(words)), 60_000);
      latencies.push(monotonicMs() - publishedAt);
      memory.push(residentMb(app.pid));
      await setTimeout(ALARM_EVERY_MS);
    }
  })();
  const payloads = Array.from(
    { length: 100 },
    (_, i) => `1,${20 + i / 10},3.1,5.6,9000,0.5,,,,,,|1,${21 + i / 10},,,,,,,,,,|`,
  );
  await flood({ port: broker.port, topics: [BULK_TOPIC], payloads, qos: 1, perSecond: PER_SECOND, seconds });
  isOver = true;
  await alarms;
  const what = `${PER_SECOND.toLocaleString("en")} bulk messages/s for ${seconds} s`;
  return [
    atMost(`${what}: memory above rest`, 150, Math.max(...memory) - restMb, "MB"),
    atMost("… an alarm meanwhile: p99", 50, percentile(latencies, 0.99), "ms"),
  ];
}
