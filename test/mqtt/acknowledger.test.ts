import { PassThrough } from "node:stream";
import type { IPublishPacket } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import type { PlantMessage } from "../../src/alarms/plant-message.ts";
import { Acknowledger } from "../../src/mqtt/acknowledger.ts";
import { until } from "../support/until.ts";

const packetOf = (payload: Buffer): IPublishPacket => ({
  cmd: "publish",
  topic: "plant",
  payload,
  qos: 0,
  dup: false,
  retain: false,
});

describe("what waits to be stored", () => {
  it.each([
    ["messages", 10, 2_000],
    ["bytes", 60_000, 8_000_000 / 60_000],
  ])("is bounded by its %s: the socket is not read on until the store has taken some", async (_, size, most) => {
    const stored: PlantMessage[] = [];
    const disk = Promise.withResolvers<void>();
    const acknowledger = new Acknowledger({
      store: async (messages) => {
        await disk.promise;
        stored.push(...messages);
      },
      now: Date.now,
      onFailure: (error) => {
        throw error;
      },
    });
    const total = 2 * most;
    let received = 0;
    const stream = new PassThrough();
    const receive = (): void => {
      if (received >= total) return;
      received += 1;
      acknowledger.receive(packetOf(Buffer.alloc(size)), stream, receive);
    };
    receive();
    await new Promise((resolve) => setImmediate(resolve));
    expect(received).toBeGreaterThan(0.9 * most);
    expect(received).toBeLessThanOrEqual(most + 1);
    disk.resolve();
    await until("all are stored", () => stored.length >= total);
    await acknowledger.close();
  });
});
