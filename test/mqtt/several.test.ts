import mqtt from "mqtt";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import type { Broker } from "../../src/mqtt/settings.ts";
import { freePort } from "../support/free-port.ts";
import { collectingLog } from "../support/log.ts";
import { hasMosquitto, passwordLine } from "../support/mosquitto.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { until } from "../support/until.ts";
import { startCrudeBroker } from "./crude-broker.ts";
import { broker, endLater, isGranted } from "./opened.ts";

/** A session with a list of brokers, what it stored, and at which places it was granted its topics. */
function start(brokers: readonly Broker[], homeAfterMs = 60_000, mayConnect: () => boolean = () => true) {
  const received: string[] = [];
  const grants: [place: number, isSessionPresent: boolean][] = [];
  const { log, lines } = collectingLog();
  const session: MqttSession = createMqttSession({
    settings: { ...anonymous, brokers, topics: ["plant/#"] },
    store: async (batch) => void received.push(...batch.map(({ payload }) => Buffer.from(payload).toString())),
    onGranted: (isSessionPresent, place) => grants.push([place, isSessionPresent]),
    homeAfterMs,
    mayConnect,
    now: Date.now,
    log,
  });
  endLater({ remove: () => session.stop() });
  session.start();
  return { session, received, grants, lines };
}

async function publish(url: string, ...texts: readonly string[]): Promise<void> {
  const plant = await mqtt.connectAsync(url);
  for (const text of texts) await plant.publishAsync("plant/warnings", text, { qos: 1 });
  await plant.endAsync();
}

describe.skipIf(!hasMosquitto)("several brokers", () => {
  it("are tried in their order; killed, the next one serves, and we are told of it", async () => {
    const [first, second] = [await broker(), await broker()];
    const { session, received, grants, lines } = start(at([first.url, second.url]).brokers, 300);
    await until("at the first", () => isGranted(session));
    expect(session.status()).toMatchObject({ broker: new URL(first.url).host, passedOver: [] });
    await first.kill();
    const killedAt = performance.now();
    await until("at the second", () => grants.length === 2);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    expect(session.status()).toMatchObject({
      isConnected: true,
      broker: new URL(second.url).host,
      error: null,
      passedOver: [{ broker: new URL(first.url).host }],
    });
    const reason = () => session.status().passedOver[0]?.reason;
    await until("it was looked why", () => reason() === "nothing listens there (ECONNREFUSED)");
    expect(session.status().error).toBeNull();
    await publish(second.url, "by the second");
    await until("it came", () => received.includes("by the second"));
    expect(grants).toEqual([
      [0, false],
      [1, false],
    ]);
    const connected = lines().filter(({ msg }) => msg === "broker connected");
    expect(connected.map((line) => line["broker"])).toEqual([first.url, second.url].map((url) => new URL(url).host));
  });

  it("go back to the first as soon as it can be had: what waited there comes then", async () => {
    const [first, second] = [await broker(), await broker()];
    const { session, received, grants } = start(at([first.url, second.url]).brokers, 300);
    await until("at the first", () => isGranted(session));
    await first.stop();
    await until("at the second", () => grants.length === 2);
    await first.start();
    await publish(first.url, "waited at the first");
    await until("it came", () => received.includes("waited at the first"));
    expect(grants.at(-1)).toEqual([0, true]);
    // And so does what waited at the second, when we come there again.
    await publish(second.url, "waited at the second");
    await first.stop();
    await until("it came", () => received.includes("waited at the second"));
    expect(grants.at(-1)).toEqual([1, true]);
    expect(received).toEqual(["waited at the first", "waited at the second"]);
  });

  it("are each asked for all topics in each run: what one keeps may be of an earlier run, with other topics", async () => {
    const [first, second] = [await broker(), await broker()];
    const former = await mqtt.connectAsync(second.url, { clientId: "valvomo", clean: false });
    await former.subscribeAsync("hall/#", { qos: 1 });
    await former.endAsync();
    const { session, received, grants } = start(at([first.url, second.url]).brokers);
    await until("at the first", () => isGranted(session));
    await first.stop();
    await until("at the second", () => grants.length === 2);
    expect(grants[1]).toEqual([1, true]);
    await publish(second.url, "by the second");
    await until("it came", () => received.includes("by the second"));
  });

  it("are not gone through while we may not speak to any: we begin with the first", async () => {
    const [first, second] = [await broker(), await broker()];
    let asked = 0;
    const { session, grants } = start(at([first.url, second.url]).brokers, undefined, () => (asked += 1) > 1);
    await until("at one", () => isGranted(session));
    expect(grants).toEqual([[0, false]]);
  });

  it("are all named with their reasons while none can be had, and tried round and round", async () => {
    const [one, other] = [await freePort(), await freePort()];
    const { session, lines } = start(at([one, other].map((port) => `mqtt://127.0.0.1:${port}`)).brokers);
    const reason = "nothing listens there (ECONNREFUSED)";
    await until("both were tried", () => session.status().error?.endsWith(reason));
    expect(session.status()).toMatchObject({
      isConnected: false,
      broker: `127.0.0.1:${one}, 127.0.0.1:${other}`,
      error: `127.0.0.1:${one}: ${reason}; 127.0.0.1:${other}: ${reason}`,
    });
    // Each once in the log, however often they are tried.
    expect(lines().filter(({ msg }) => msg === "broker link")).toHaveLength(2);
  });

  it("are passed over when they do not answer, speak no TLS, refuse the login, or say that they take nobody now", async () => {
    const silent = await startCrudeBroker(() => undefined);
    const unavailable = await startCrudeBroker(({ cmd }, socket) => {
      if (cmd === "connect") socket.write(generate({ cmd: "connack", returnCode: 3, sessionPresent: false }));
    });
    const listener = "allow_anonymous false\npassword_file $DIR/passwords";
    const options = { listener, files: { passwords: passwordLine("valvomo", "right") } };
    const [wrong, right] = [await broker(options), await broker(options)];
    const { session } = start([
      ...at([silent.url, right.url.replace("mqtt:", "mqtts:"), unavailable.url]).brokers,
      ...at([wrong.url], { username: "valvomo", password: "wrong" }).brokers,
      ...at([right.url], { username: "valvomo", password: "right" }).brokers,
    ]);
    await until("at the last", () => isGranted(session));
    expect(session.status().passedOver.map(({ reason }) => reason)).toEqual([
      "it does not answer our login",
      expect.stringContaining("TLS"),
      expect.stringContaining("it accepts no client now"),
      expect.stringContaining("MQTT_PASSWORD"),
    ]);
  });
});
