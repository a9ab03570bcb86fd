import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publish } from "../../src/mqtt/publish.ts";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { silentLog } from "../support/log.ts";
import { hasMosquitto, startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { startAedes, type AedesBroker } from "./aedes.ts";

const ACK = "lut/AMBsystem/warnings/chatbot/ack";

const opened: { remove(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.remove();
});

function session(url: string): MqttSession {
  const created = createMqttSession({
    settings: { ...anonymous, ...at([url]), topics: ["nothing"] },
    store: async () => undefined,
    now: Date.now,
    log: silentLog,
  });
  opened.push({ remove: () => created.stop() });
  return created;
}

async function connected(url: string): Promise<MqttSession> {
  const created = session(url);
  created.start();
  await until("connected", () => created.status().isConnected);
  return created;
}

async function listener(url: string, topic: string): Promise<string[]> {
  const client = await mqtt.connectAsync(url);
  opened.push({ remove: () => client.endAsync() });
  const heard: string[] = [];
  client.on("message", (_, payload, { retain, qos }) => heard.push(`${payload.toString()} ${retain} ${qos}`));
  await client.subscribeAsync(topic, { qos: 1 });
  return heard;
}

describe.skipIf(!hasMosquitto)("publishing to a real mosquitto", () => {
  let mosquitto: Mosquitto;
  beforeEach(async () => {
    mosquitto = await startMosquitto();
    opened.push(mosquitto);
  });

  it("resolves when the broker has it, retained if asked for", async () => {
    const s = await connected(mosquitto.url);
    const heard = await listener(mosquitto.url, "#");
    await s.publish({ topic: ACK, payload: "once", isRetained: false });
    await s.publish({ topic: "kept", payload: "Räume", isRetained: true });
    await until("both heard", () => heard.length === 2);
    expect(heard).toEqual(["once false 1", "Räume false 1"]);
    const later = await listener(mosquitto.url, "#");
    await until("kept", () => later.length > 0);
    expect(later).toEqual(["Räume true 1"]);
  });

  it("rejects at once without a connection, and what was rejected is never sent", async () => {
    const early = session(mosquitto.url);
    await expect(early.publish({ topic: ACK, payload: "too early", isRetained: true })).rejects.toThrow(
      "no connection",
    );
    const s = await connected(mosquitto.url);
    await mosquitto.stop();
    await until("link down", () => !s.status().isConnected);
    await expect(s.publish({ topic: ACK, payload: "away", isRetained: true })).rejects.toThrow("no connection");
    await mosquitto.start();
    const heard = await listener(mosquitto.url, "#");
    await until("link up", () => s.status().isConnected);
    await s.publish({ topic: ACK, payload: "again", isRetained: false });
    await until("heard", () => heard.length > 0);
    expect(heard).toEqual(["again false 1"]);
    await s.stop();
    await expect(s.publish({ topic: ACK, payload: "too late", isRetained: true })).rejects.toThrow("no connection");
  });
});

describe("publishing to a broker that does not answer", () => {
  let broker: AedesBroker;
  let isMute: boolean;
  const came: string[] = [];

  beforeEach(async () => {
    isMute = true;
    came.length = 0;
    broker = await startAedes({
      authorizePublish(_, { topic, payload }, done) {
        if (topic === ACK) came.push(payload.toString());
        if (!isMute) done(null);
      },
    });
    opened.push(broker);
  });

  async function client(): Promise<MqttClient> {
    const created = await mqtt.connectAsync(broker.url, { clientId: "valvomo", clean: false, reconnectPeriod: 1 });
    opened.push({ remove: () => created.endAsync(true) });
    return created;
  }

  it("rejects when the connection is lost, and the next connection does not send it behind our back", async () => {
    const c = await client();
    const listeners = c.listenerCount("close");
    const lost = publish(c, { topic: ACK, payload: "lost", isRetained: false });
    const cut = until("with the broker", () => came.length === 1).then(() => broker.cut());
    await expect(lost).rejects.toThrow("connection lost before the PUBACK");
    await cut;
    isMute = false;
    await until("connected again", () => c.connected);
    await publish(c, { topic: ACK, payload: "again", isRetained: false });
    expect(came).toEqual(["lost", "again"]);
    expect(c.listenerCount("close")).toBe(listeners);
  });

  it("rejects after the deadline, and the next connection does not send it behind our back", async () => {
    const c = await client();
    await expect(publish(c, { topic: ACK, payload: "late", isRetained: false }, 20)).rejects.toThrow(
      "no PUBACK within 20 ms",
    );
    isMute = false;
    broker.cut();
    await until("gone", () => !c.connected);
    await until("connected again", () => c.connected);
    await publish(c, { topic: ACK, payload: "again", isRetained: false });
    expect(came).toEqual(["late", "again"]);
  });
});
