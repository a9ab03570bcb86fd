import mqtt, { type MqttClient } from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { TOPIC } from "../support/alarms.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { hasRabbitmq, startCluster } from "../support/rabbitmq.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, type World } from "../support/world.ts";

const later = <T extends { remove(): Promise<void> }>(thing: T): T => {
  onTestFinished(() => thing.remove());
  return thing;
};

/** The program with a list of brokers; its cards go to the admin. */
async function start(urls: readonly string[]): Promise<World> {
  const settings = { MQTT_URL: urls.join(","), TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) };
  const world = later(await createWorld(urls[0] ?? "", settings));
  await world.start();
  return world;
}

/** A plant that publishes at one of some brokers, whichever it can have, each time until the broker says that it has it. */
async function createPlant(urls: readonly string[]) {
  const servers = urls.map((url) => ({ host: "127.0.0.1", port: Number(new URL(url).port) }));
  const client: MqttClient = await mqtt.connectAsync({
    servers,
    clientId: "plant",
    clean: false,
    reconnectPeriod: 200,
  });
  onTestFinished(() => void client.endAsync(true));
  let count = 0;
  return {
    count: () => count,
    async warn(times: number): Promise<void> {
      for (let i = 0; i < times; i++) {
        count += 1;
        const says = { id: `machine-${count}`, message: `Machine ${count} stopped.`, timestamp: Date.now() };
        await client.publishAsync(TOPIC, JSON.stringify(says), { qos: 1 });
      }
    },
  };
}

/** The machine that each card names. */
const machines = ({ telegram }: World): string[] =>
  telegram.messages(ADMIN).flatMap(({ text }) => (/#\d/.test(text) ? (/Machine \d+/.exec(text) ?? []) : []));
const said = ({ app }: World, message: string) => app.log.filter(({ msg }) => msg === message);
/** Each machine has one card, and none was counted twice. */
async function expectToldOnce(world: World, count: number): Promise<void> {
  await until("all are told", () => new Set(machines(world)).size === count, 60_000);
  expect(machines(world)).toHaveLength(count);
  expect(world.telegram.messages(ADMIN).filter(({ text }) => text.includes("2×"))).toEqual([]);
}

describe.skipIf(!hasMosquitto)("two mosquittos with a bridge between them", () => {
  it("lose nothing when the first is killed and comes back, and bring nothing twice that has a time", async () => {
    const lines = ["autosave_interval 1", "autosave_on_changes true"];
    const first = later(await startMosquitto({ lines }));
    const bridge = [
      "connection to-first",
      `address 127.0.0.1:${first.port}`,
      "topic lut/# both 1",
      "cleansession false",
      "restart_timeout 1",
    ];
    const second = later(await startMosquitto({ lines: [...lines, ...bridge] }));
    const world = await start([first.url, second.url]);
    const plant = await createPlant([first.url, second.url]);
    await plant.warn(20);
    await expectToldOnce(world, 20);
    await first.kill();
    await plant.warn(20);
    await until("at the second", () => said(world, "subscribed").length === 2);
    await plant.warn(20);
    await first.start();
    await until("at the first again", () => said(world, "broker connected").length === 3, 60_000);
    expect(said(world, "broker connected").at(-1)).toMatchObject({
      sessionPresent: true,
      broker: new URL(first.url).host,
    });
    await plant.warn(20);
    await expectToldOnce(world, 80);
  }, 180_000);
});

describe.skipIf(!hasRabbitmq)("a RabbitMQ cluster that keeps durable sessions in quorum queues", () => {
  it("loses nothing when the node that we are at is killed, and the session is there at the next", async () => {
    const cluster = later(await startCluster(3));
    const urls = cluster.nodes.map(({ url }) => url);
    const world = await start(urls);
    const plant = await createPlant(urls.toReversed());
    await plant.warn(20);
    await expectToldOnce(world, 20);
    // What it has not acknowledged when the node dies is handed out by the next one.
    const warning = plant.warn(100);
    await until("some are told", () => machines(world).length > 30);
    await cluster.nodes[0]?.kill();
    await warning;
    await expectToldOnce(world, 120);
    expect(said(world, "broker connected").map(({ sessionPresent }) => sessionPresent)).toEqual([false, true]);
    await plant.warn(20);
    await cluster.nodes[0]?.start();
    await until("at the first again", () => said(world, "broker connected").length === 3, 120_000);
    await plant.warn(20);
    await expectToldOnce(world, 160);
    expect(said(world, "broker connected").at(-1)).toMatchObject({
      sessionPresent: true,
      broker: new URL(urls[0] ?? "").host,
    });
    expect(world.telegram.messages(ADMIN).filter(({ text }) => text.includes("may be lost"))).toEqual([]);
  }, 300_000);
});
