import { PassThrough } from "node:stream";
import mqtt from "mqtt";
import { describe, expect, it } from "vitest";
import { checkInside, createPatchedClient } from "../../src/mqtt/patched-client.ts";

const connect = () =>
  createPatchedClient(
    {},
    { open: () => new PassThrough(), closed: () => 1_000, receive: (_packet, _stream, done) => done() },
  );

describe("a patched client", () => {
  it("is made of the mqtt.js that is installed", () => {
    expect(connect().connected).toBe(false);
  });

  it.each(["handleMessage", "onKeepaliveTimeout", "reschedulePing", "sendPing"])(
    "is refused in words where mqtt.js has no %s",
    (member) => {
      const other = Object.create(connect(), { [member]: { value: undefined } }) as object;
      expect(() => checkInside(other)).toThrow(
        `This mqtt.js has no ${member}, which Valvomo relies on: install the version that package.json names.`,
      );
    },
  );

  it("is not made at all where mqtt.js looks different", () => {
    const inside = mqtt.MqttClient.prototype;
    const sendPing = Object.getOwnPropertyDescriptor(inside, "sendPing");
    Reflect.deleteProperty(inside, "sendPing");
    try {
      expect(connect).toThrow("This mqtt.js has no sendPing");
    } finally {
      if (sendPing) Object.defineProperty(inside, "sendPing", sendPing);
    }
  });
});
