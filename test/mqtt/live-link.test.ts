import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import type { PlantMessage } from "../../src/alarms/plant-message.ts";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { silentLog } from "../support/log.ts";
import { hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { startAedes } from "./aedes.ts";
import { granting, messageOf, startCrudeBroker } from "./crude-broker.ts";

const BRIDGES = "$SYS/broker/connection/+/state";
const textOf = ({ topic, payload }: PlantMessage) => `${topic} ${Buffer.from(payload).toString()}`;

const opened: { remove(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.remove();
});

/** A session that notes what comes, and how. */
function listen(
  url: string,
  topics: { alarms: string[]; live: string[] },
  onMessage?: (message: PlantMessage) => void,
) {
  const stored: string[] = [];
  const live: string[] = [];
  const session = createMqttSession({
    settings: { ...anonymous, ...at([url]), topics: topics.alarms },
    store: async (messages) => void stored.push(...messages.map(textOf)),
    live: {
      topics: topics.live,
      onMessage: onMessage ?? ((message) => void live.push(`${textOf(message)}${message.isRetained ? " kept" : ""}`)),
    },
    now: Date.now,
    log: silentLog,
  });
  opened.push({ remove: () => session.stop() });
  session.start();
  return { session, stored, live };
}

const isUp = (session: MqttSession, subscriptions: number) => {
  const answers = session.status().subscriptions;
  return answers.length === subscriptions && answers.every(({ qos }) => qos !== null);
};

async function publisher(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url);
  opened.push({ remove: () => client.endAsync() });
  return client;
}

describe.skipIf(!hasMosquitto)("live topics of a real mosquitto", () => {
  it("are handed on, in order, and not stored; alarms are stored, and handed on if they are live, too", async () => {
    const mosquitto = await startMosquitto();
    opened.push(mosquitto);
    const { session, stored, live } = listen(mosquitto.url, {
      alarms: ["p/warnings/#"],
      live: ["p/data/+", "p/warnings/hot"],
    });
    await until("subscribed", () => isUp(session, 3));
    expect(session.status().subscriptions).toEqual([
      { topic: "p/warnings/#", qos: 1, isLive: false },
      { topic: "p/data/+", qos: 0, isLive: true },
      { topic: "p/warnings/hot", qos: 0, isLive: true },
    ]);
    const plant = await publisher(mosquitto.url);
    const data = Array.from({ length: 2_000 }, (_, i) => `${i}`);
    await Promise.all(data.map((text) => plant.publishAsync("p/data/rpm", text)));
    for (const topic of ["p/warnings/hot", "p/warnings/cold", "elsewhere"])
      await plant.publishAsync(topic, "!", { qos: 1 });
    await until("all came", () => stored.length === 2 && live.length === 2_001);
    expect(stored).toEqual(["p/warnings/hot !", "p/warnings/cold !"]);
    expect(live).toEqual([...data.map((text) => `p/data/rpm ${text}`), "p/warnings/hot !"]);
  });

  it("never weaken alarms on the same topics: those are kept while we are away, and old live data is not", async () => {
    const mosquitto = await startMosquitto();
    opened.push(mosquitto);
    const topics = { alarms: ["p/#"], live: ["p/pump/#", "p/+/speed", "data/#"] };
    const first = listen(mosquitto.url, topics);
    await until("subscribed", () => isUp(first.session, 4));
    await first.session.stop();
    const plant = await publisher(mosquitto.url);
    for (const topic of ["p/pump/speed", "p/pump/hot", "data/rpm"]) await plant.publishAsync(topic, "!", { qos: 1 });
    const second = listen(mosquitto.url, topics);
    await until("stored", () => second.stored.length === 2);
    expect(second.stored).toEqual(["p/pump/speed !", "p/pump/hot !"]);
    await until("subscribed again", () => isUp(second.session, 4));
    expect(second.live).toEqual([]);
  });

  it("tell whether a bridge is up, as mosquitto keeps it, on each connection", async () => {
    const mosquitto = await startMosquitto({
      lines: ["connection plant", "address 127.0.0.1:9", "remote_clientid ring", "topic # in 1"],
    });
    opened.push(mosquitto);
    const { session, live, stored } = listen(mosquitto.url, { alarms: ["p/#"], live: [BRIDGES] });
    await until("told", () => live.length > 0);
    expect(live).toEqual(["$SYS/broker/connection/ring/state 0 kept"]);
    await mosquitto.stop();
    await until("down", () => !session.status().isConnected);
    await mosquitto.start();
    await until("told again", () => live.length > 1);
    await until("subscribed again", () => isUp(session, 2));
    expect(live[1]).toMatch(/^\$SYS\/broker\/connection\/ring\/state 0/);
    expect(stored).toEqual([]);
  });
});

describe("live topics", () => {
  it("leave everything else its turn, however much comes at once", async () => {
    const total = 50_000;
    const flood = Buffer.concat(Array.from({ length: total }, () => messageOf("a", "1")));
    const broker = await startCrudeBroker(granting((socket) => socket.write(flood)));
    let [count, most] = [0, 0];
    listen(broker.url, { alarms: [], live: ["a"] }, () => void (count += 1));
    await until("all came", async () => {
      const before = count;
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, count - before);
      return count === total;
    });
    expect(most).toBeLessThanOrEqual(400);
  });

  it("that the broker refuses are told, and no error of the link", async () => {
    const broker = await startAedes({
      authorizeSubscribe: (_, subscription, done) =>
        done(null, subscription.topic.startsWith("$") ? null : subscription),
    });
    opened.push(broker);
    const { session } = listen(broker.url, { alarms: ["p/#"], live: [BRIDGES, "data/#"] });
    await until("granted", () => session.status().subscriptions.some(({ qos, isLive }) => isLive && qos === 0));
    expect(session.status()).toMatchObject({
      isConnected: true,
      error: null,
      subscriptions: [
        { topic: "p/#", qos: 1, isLive: false },
        { topic: BRIDGES, qos: null, isLive: true },
        { topic: "data/#", qos: 0, isLive: true },
      ],
    });
  });

  it("survive a message that cannot be taken", async () => {
    const broker = await startAedes();
    opened.push(broker);
    const taken: string[] = [];
    const { session } = listen(broker.url, { alarms: ["p/#"], live: ["data/#"] }, (message) => {
      if (message.topic === "data/odd") throw new Error("odd");
      taken.push(message.topic);
    });
    await until("subscribed", () => isUp(session, 2));
    const plant = await publisher(broker.url);
    for (const topic of ["data/odd", "data/even"]) await plant.publishAsync(topic, "1");
    await until("taken", () => taken.length === 1);
    expect(taken).toEqual(["data/even"]);
  });

  it("open no second link if there are none", async () => {
    const broker = await startAedes();
    opened.push(broker);
    const { session } = listen(broker.url, { alarms: ["p/#"], live: [] });
    await until("subscribed", () => isUp(session, 1));
    expect(broker.aedes.connectedClients).toBe(1);
  });

  it("can be changed: others are listened to then, with what is retained, over a link that need not be there yet", async () => {
    const broker = await startAedes();
    opened.push(broker);
    const plant = await publisher(broker.url);
    for (const topic of ["data/a", "data/b"]) await plant.publishAsync(topic, "1", { retain: true, qos: 1 });
    const { session, live } = listen(broker.url, { alarms: ["p/#"], live: [] });
    await until("subscribed", () => isUp(session, 1));
    session.listen(["data/a"]);
    await until("a came", () => live.length === 1);
    session.listen(["data/a", "data/b"]);
    await until("both came", () => live.length === 3);
    await until("subscribed anew", () => isUp(session, 3));
    session.listen(["data/b"]);
    await until("b came again", () => live.length === 4);
    await until("subscribed to the last", () => isUp(session, 2));
    expect(broker.aedes.connectedClients).toBe(3);
    for (const topic of ["data/a", "data/b"]) await plant.publishAsync(topic, "2", { qos: 1 });
    await until("the new one came", () => live.length === 5);
    expect(live.toSorted()).toEqual(["data/a 1 kept", "data/a 1 kept", "data/b 1 kept", "data/b 1 kept", "data/b 2"]);
  });

  it("opens no link when it is changed after the end", async () => {
    const broker = await startAedes();
    opened.push(broker);
    const { session } = listen(broker.url, { alarms: ["p/#"], live: [] });
    await until("subscribed", () => isUp(session, 1));
    await session.stop();
    session.listen(["data/a"]);
    await until("all are gone", () => broker.aedes.connectedClients === 0);
    expect(session.status().isConnected).toBe(false);
  });
});
