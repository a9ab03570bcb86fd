import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import type { PlantMessage } from "../../src/alarms/plant-message.ts";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import type { MqttSettings } from "../../src/mqtt/settings.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { collectingLog, silentLog } from "../support/log.ts";
import { hasMosquitto, startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { until } from "../support/until.ts";
import { startAedes } from "./aedes.ts";

const TOPIC = "lut/AMBsystem/warnings/#";

describe.skipIf(!hasMosquitto)("session with a real mosquitto", () => {
  const opened: { remove(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.remove();
  });

  async function broker(options: Parameters<typeof startMosquitto>[0] = {}): Promise<Mosquitto> {
    const mosquitto = await startMosquitto(options);
    opened.push(mosquitto);
    return mosquitto;
  }

  function session(
    url: string,
    store: (messages: readonly PlantMessage[]) => Promise<void>,
    more: Partial<MqttSettings> = {},
  ) {
    const created = createMqttSession({
      settings: { ...anonymous, ...at([url]), topics: [TOPIC], ...more },
      store,
      now: Date.now,
      log: silentLog,
    });
    opened.push({ remove: () => created.stop() });
    created.start();
    return created;
  }

  async function publisher(url: string): Promise<MqttClient> {
    const client = await mqtt.connectAsync(url);
    opened.push({ remove: () => client.endAsync() });
    return client;
  }

  const granted = (s: MqttSession) =>
    s.status().subscriptions.length > 0 && s.status().subscriptions.every(({ qos }) => qos === 1);
  const texts = (batch: readonly PlantMessage[]) => batch.map(({ payload }) => Buffer.from(payload).toString());

  it("receives with QoS 1, in order, whatever comes at once", async () => {
    const { url } = await broker();
    const received: string[] = [];
    const s = session(url, async (batch) => void received.push(...texts(batch)));
    await until("subscribed", () => granted(s));
    const plant = await publisher(url);
    const sent = Array.from({ length: 3_000 }, (_, i) => `w${i}`);
    await Promise.all(sent.map((text) => plant.publishAsync("lut/AMBsystem/warnings/chatbot", text, { qos: 1 })));
    await until("all received", () => received.length >= sent.length);
    expect(received).toEqual(sent);
  });

  it("warns of no connection that it ended itself", async () => {
    const { url } = await broker();
    const { log, lines } = collectingLog();
    const settings = { ...anonymous, ...at([url]), topics: [TOPIC] };
    const s = createMqttSession({ settings, store: async () => undefined, now: Date.now, log });
    s.start();
    await until("subscribed", () => granted(s));
    await s.stop();
    expect(lines().map(({ msg }) => msg)).toEqual(["broker connected", "subscribed"]);
  });

  it("gets what was published while it was away", async () => {
    const { url } = await broker();
    const received: string[] = [];
    const store = async (batch: readonly PlantMessage[]) => void received.push(...texts(batch));
    const first = session(url, store);
    await until("subscribed", () => granted(first));
    await first.stop();
    const plant = await publisher(url);
    for (let i = 0; i < 50; i++) await plant.publishAsync("lut/AMBsystem/warnings/chatbot", `w${i}`, { qos: 1 });
    expect(received).toEqual([]);
    session(url, store);
    await until("all received", () => received.length >= 50);
    expect(received).toEqual(Array.from({ length: 50 }, (_, i) => `w${i}`));
  });

  it("stops while messages keep coming: what it did not take is there for the next run, in order", async () => {
    const { url } = await broker();
    const received: string[] = [];
    const store = async (batch: readonly PlantMessage[]) => void received.push(...texts(batch));
    const first = session(url, store);
    await until("subscribed", () => granted(first));
    const plant = await publisher(url);
    const sent = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
    const publishing = Promise.all(
      sent.map((text) => plant.publishAsync("lut/AMBsystem/warnings/chatbot", text, { qos: 1 })),
    );
    await until("they come", () => received.length > 0);
    await first.stop();
    const before = received.length;
    expect(before).toBeLessThan(sent.length);
    await publishing;
    session(url, store);
    // Those whose acknowledgement was cut off come once more.
    await until("all are there", () => new Set(received).size === sent.length);
    expect(received.slice(0, before)).toEqual(sent.slice(0, before));
    expect(new Set(received)).toEqual(new Set(sent));
  });

  it("hears no more of what is taken out of the session that the broker kept", async () => {
    const { url } = await broker();
    const former = session(url, async () => undefined, { topics: ["hall/#"] });
    await until("subscribed", () => granted(former));
    await former.stop();
    const received: string[] = [];
    const s = session(url, async (batch) => void received.push(...texts(batch)));
    await until("subscribed", () => granted(s));
    const plant = await publisher(url);
    const say = (topic: string, text: string) => plant.publishAsync(topic, text, { qos: 1 });
    await say("hall/fan", "still");
    await until("the broker has it still", () => received.includes("still"));
    await s.unsubscribe(["hall/#"]);
    await say("hall/fan", "no more");
    await say("lut/AMBsystem/warnings/chatbot", "last");
    await until("the last came", () => received.includes("last"));
    expect(received).toEqual(["still", "last"]);
  });

  it("acknowledges nothing that could not be stored: the broker sends it again", async () => {
    const { url } = await broker();
    const stored: string[] = [];
    let isBroken = true;
    const s = session(url, async (batch) => {
      if (isBroken) throw new Error("disk full");
      stored.push(...texts(batch));
    });
    await until("subscribed", () => granted(s));
    const plant = await publisher(url);
    for (const text of ["a", "b", "c"]) await plant.publishAsync("lut/AMBsystem/warnings/chatbot", text, { qos: 1 });
    await until("link dropped", () => !s.status().isConnected);
    isBroken = false;
    await until("stored", () => stored.length >= 3);
    expect(stored).toEqual(["a", "b", "c"]);
  });

  it("subscribes again after the broker restarted, with nothing lost", async () => {
    const mosquitto = await broker();
    const received: string[] = [];
    const s = session(mosquitto.url, async (batch) => void received.push(...texts(batch)));
    await until("subscribed", () => granted(s));
    await mosquitto.stop();
    await until("link down", () => !s.status().isConnected);
    expect(s.status().error).not.toBeNull();
    await mosquitto.start();
    const plant = await publisher(mosquitto.url);
    await plant.publishAsync("lut/AMBsystem/warnings/chatbot", "after", { qos: 1 });
    await until("received", () => received.includes("after"));
    await until("subscribed again", () => granted(s));
    expect(s.status().error).toBeNull();
  });

  it("finds out that another program has its client id", async () => {
    const { url } = await broker();
    const rivals = [session(url, async () => undefined), session(url, async () => undefined)];
    for (const rival of rivals) await until("each finds out", () => rival.status().isContested === true, 30_000);
    await until("one gives way", () => rivals.some((rival) => rival.status().error?.includes("client id “valvomo”")));
  });

  it("starts without a broker and connects when there is one", async () => {
    const mosquitto = await broker();
    await mosquitto.stop();
    const s = session(mosquitto.url, async () => undefined);
    await until("refused", () => s.status().error?.includes("ECONNREFUSED"));
    await mosquitto.start();
    await until("subscribed", () => granted(s));
  });
});

describe("session with a broker that refuses", () => {
  it("says which subscription, and keeps the others", async () => {
    const broker = await startAedes({
      authorizeSubscribe: (_, subscription, done) => done(null, subscription.topic === TOPIC ? subscription : null),
    });
    const s = createMqttSession({
      settings: { ...anonymous, ...at([broker.url]), topics: [TOPIC, "secret/#"] },
      store: async () => undefined,
      now: Date.now,
      log: silentLog,
    });
    s.start();
    await until("answered", () => s.status().subscriptions.length === 2);
    expect(s.status().subscriptions).toEqual([
      { topic: TOPIC, qos: 1, isLive: false },
      { topic: "secret/#", qos: null, isLive: false },
    ]);
    expect(s.status().error).toBe("not granted with QoS 1: secret/#");
    await s.stop();
    await broker.remove();
  });

  it("asks again until an admin has mended it, on the same connection", async () => {
    let isMended = false;
    const broker = await startAedes({
      authorizeSubscribe: (_, subscription, done) => done(null, isMended ? subscription : null),
    });
    const s = createMqttSession({
      settings: { ...anonymous, ...at([broker.url]), topics: [TOPIC] },
      store: async () => undefined,
      resubscribeMs: 20,
      now: Date.now,
      log: silentLog,
    });
    s.start();
    await until("refused", () => s.status().error !== null);
    const { since } = s.status();
    isMended = true;
    await until("granted", () => s.status().error === null);
    expect(s.status()).toMatchObject({ since, subscriptions: [{ topic: TOPIC, qos: 1 }] });
    await s.stop();
    await broker.remove();
  });
});
