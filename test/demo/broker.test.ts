import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { expect, it, onTestFinished } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";

const TOPIC = "plant/warnings";

it("sends again what was not acknowledged, and says that it is a copy; what came meanwhile is none", async () => {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const publish = (payload: string) =>
    broker.publish({ topic: TOPIC, payload: Buffer.from(payload), qos: 1, retain: false });
  const seen: string[] = [];
  const connect = (options: IClientOptions = {}): MqttClient =>
    mqtt.connect(broker.url, { clientId: "room", clean: false, reconnectPeriod: 0, ...options });

  const first = connect();
  const cameFirst = new Promise<void>((resolve) => {
    // It is never acknowledged.
    first.handleMessage = ({ payload, dup }) => {
      seen.push(`${payload.toString()} ${dup}`);
      resolve();
    };
  });
  await first.subscribeAsync(TOPIC, { qos: 1 });
  await publish("hot");
  await cameFirst;
  const isGone = new Promise<void>((resolve) => void broker.listen("$SYS/+/disconnect/clients", () => resolve()));
  first.stream.destroy();
  await isGone;
  await publish("cold");

  const second = connect();
  onTestFinished(() => second.endAsync(true));
  await new Promise<void>((resolve) =>
    second.on("message", (_, payload, { dup }) => {
      seen.push(`${payload.toString()} ${dup}`);
      if (payload.toString() === "cold") resolve();
    }),
  );
  expect(seen).toEqual(["hot false", "hot true", "cold false"]);
});

it("is away for as long as it is told, and has then what came meanwhile", async () => {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const client = mqtt.connect(broker.url, { clientId: "room", clean: false, reconnectPeriod: 20 });
  onTestFinished(() => client.endAsync(true));
  await client.subscribeAsync(TOPIC, { qos: 1 });
  const isCut = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const came = new Promise<string>((resolve) => client.on("message", (_, payload) => resolve(payload.toString())));
  await broker.pause(100);
  await isCut;
  expect(client.connected).toBe(false);
  await broker.publish({ topic: TOPIC, payload: Buffer.from("hot"), qos: 1, retain: false });
  expect(await came).toBe("hot");
});
