import type { Socket } from "node:net";
import { generate, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { CONNACK, startCrudeBroker } from "./crude-broker.ts";
import { session } from "./opened.ts";

/** A SUBACK that announces the most that MQTT can: 256 MB. */
const HUGE = Buffer.from([0x90, 0xff, 0xff, 0xff, 0x7f]);

/** Lets in whoever asks, and answers a subscription as told. */
const subscribing = (suback: (messageId: number) => Uint8Array) => (packet: Packet, socket: Socket) => {
  if (packet.cmd === "connect") socket.write(CONNACK);
  if (packet.cmd === "subscribe") socket.write(suback(packet.messageId ?? 0));
};
const onConnect = (bytes: Uint8Array | string) => (packet: Packet, socket: Socket) => {
  if (packet.cmd === "connect") socket.write(bytes);
};
const onSubscribe = (bytes: Uint8Array) => subscribing(() => bytes);

describe("a broker that lies", () => {
  it.each([
    [
      "speaks HTTP",
      onConnect("HTTP/1.1 400 Bad Request\r\n\r\n"),
      "what it sends is not MQTT: Invalid header flag bits, must be 0x0 for puback packet",
    ],
    [
      "sends rubbish",
      onConnect(Buffer.alloc(200, 0xff)),
      "what it sends is not MQTT: Invalid header flag bits, must be 0x0 for auth packet",
    ],
    ["hangs up on the login", (_: Packet, socket: Socket) => socket.end(), "it hung up on our login"],
    [
      "sends rubbish later",
      onSubscribe(Buffer.alloc(200, 0xff)),
      "what it sends is not MQTT: Invalid header flag bits, must be 0x0 for auth packet",
    ],
    [
      "grants what there is not",
      subscribing((id) => Buffer.from([0x90, 3, id >> 8, id & 0xff, 7])),
      "what it sends is not MQTT: Invalid suback QoS, must be 0, 1, 2 or 128",
    ],
  ])("that %s is told in one reason, and tried again", async (_, answer, reason) => {
    const { url, logins } = await startCrudeBroker(answer);
    const s = session(url);
    expect(await until("told", () => s.status().error)).toContain(reason);
    await until("tried again", () => logins() > 1);
    expect(s.status().error ?? reason).toContain(reason);
  });

  it.each([
    ["less than what was asked for", 0, 0],
    ["more than what was asked for", 2, 2],
    ["nothing at all", 0x80, null],
  ])("that grants %s is told", async (_, granted, qos) => {
    const { url } = await startCrudeBroker(
      subscribing((messageId) => generate({ cmd: "suback", messageId, granted: [granted] })),
    );
    const s = session(url);
    expect(await until("told", () => s.status().error)).toBe("not granted with QoS 1: lut/AMBsystem/warnings/#");
    expect(s.status()).toMatchObject({ isConnected: true, subscriptions: [{ qos }] });
  });

  it.each([
    ["another subscription", subscribing((id) => generate({ cmd: "suback", messageId: id + 1, granted: [1] }))],
    ["a subscription with nothing", subscribing((id) => Buffer.from([0x90, 2, id >> 8, id & 0xff]))],
    ["no subscription", onConnect(CONNACK)],
  ])("that answers %s has refused it", async (_, answer) => {
    const { url } = await startCrudeBroker(answer);
    const s = session(url);
    expect(await until("told", () => s.status().error)).toBe("not granted with QoS 1: lut/AMBsystem/warnings/#");
    expect(s.status().isConnected).toBe(true);
  });

  it("that announces a huge packet which is no message is left at once", async () => {
    const { url, logins } = await startCrudeBroker(onSubscribe(HUGE));
    const s = session(url);
    await until("told", () => s.status().error === "it announces a packet of 268 MB that is not a message");
    await until("tried again", () => logins() > 1);
  });
});
