import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { TOPIC } from "../support/alarms.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { hasRabbitmq, startCluster, type Cluster } from "../support/rabbitmq.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, type World } from "../support/world.ts";

const later = <T extends { remove(): Promise<void> }>(thing: T): T => {
  onTestFinished(() => thing.remove());
  return thing;
};

/** The program with a list of brokers; its cards go to the admin. */
async function start(urls: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<World> {
  const settings = { MQTT_URL: urls.join(","), TELEGRAM_ALARM_CHAT_IDS: String(ADMIN), ...more };
  const world = later(await createWorld(urls[0] ?? "", settings));
  await world.start();
  return world;
}

/** A plant that publishes at one of some brokers, whichever it can have, each time until the broker says that it has it. */
async function createPlant(ports: readonly number[], login: { username?: string; password?: string } = {}) {
  const servers = ports.map((port) => ({ host: "127.0.0.1", port }));
  // A node listens before it lets anybody in.
  const client = mqtt.connect({
    ...login,
    servers,
    clientId: "plant",
    clean: false,
    reconnectPeriod: 200,
    reconnectOnConnackError: true,
  });
  client.on("error", () => undefined);
  onTestFinished(() => void client.endAsync(true));
  await until("the plant is let in", () => client.connected, 60_000);
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
    const plant = await createPlant([first.port, second.port]);
    await plant.warn(20);
    await expectToldOnce(world, 20);
    await first.kill();
    await plant.warn(20);
    await until("at the second", () => said(world, "subscribed").length === 2);
    await plant.warn(20);
    // The second one does not know us yet: what was published there before we came is kept by the bridge for the first.
    const isTold = () => world.telegram.messages(ADMIN).some(({ text }) => text.includes("did not know our session"));
    await until("that is told", isTold);
    world.telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/status" });
    const where = `Broker: 127.0.0.1:${second.port} connected since `;
    const status = await world.telegram.waitFor(
      () => world.telegram.messages(ADMIN).find(({ text }) => text.includes(where)),
      10_000,
    );
    expect(status.text).toContain(`, in the place of 127.0.0.1:${first.port} (`);
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
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(3);
  }, 280_000);
  afterAll(() => cluster?.remove());
  const plantOf = (ports: readonly number[]) => createPlant(ports, { username: "plant", password: "right" });

  it("hangs up on who may not publish: after the second time we do not, and alarms come", async () => {
    const [node] = cluster.nodes.slice(-1);
    const world = await start([node?.url("reader") ?? ""], { MQTT_CLIENT_ID: "reader" });
    await until("the loop test is given up", () => said(world, "not published").length === 1, 60_000);
    const reason = said(world, "not published")[0]?.["reason"];
    expect(reason).toMatch(/hung up on us twice when we published on lut\/AMBsystem\/warnings\/valvomo-loop/);
    await until("the link stands", () => said(world, "subscribed").length === 3);
    const plant = await plantOf([node?.port ?? 0]);
    await plant.warn(5);
    await expectToldOnce(world, 5);
    expect(said(world, "broker connected")).toHaveLength(3);
  }, 120_000);

  it("loses nothing when the node that we are at is killed, and the session is there at the next", async () => {
    const { nodes } = cluster;
    const [first] = nodes;
    const world = await start(nodes.map(({ url }) => url("valvomo")));
    const plant = await plantOf(nodes.map(({ port }) => port).toReversed());
    await plant.warn(20);
    await expectToldOnce(world, 20);
    // What it has not acknowledged when the node dies is handed out by the next one.
    const warning = plant.warn(100);
    await until("some are told", () => machines(world).length > 30);
    await first?.kill();
    await warning;
    await expectToldOnce(world, 120);
    expect(said(world, "broker connected").map(({ sessionPresent }) => sessionPresent)).toEqual([false, true]);
    expect(world.telegram.messages(ADMIN).filter(({ text }) => text.includes("may be lost"))).toEqual([]);
  }, 300_000);
});
