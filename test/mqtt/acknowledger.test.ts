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

describe("what comes while the disk writes what came before", () => {
  /** Two messages, of which the second comes when the first is committed and not yet on the disk. */
  async function twoOnTheirWay() {
    const disk = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const begun: string[] = [];
    const failures: unknown[] = [];
    const acknowledger = new Acknowledger({
      store: (messages, onTaken) => {
        begun.push(messages.map(({ payload }) => String(payload)).join());
        onTaken();
        return disk[begun.length - 1]?.promise ?? Promise.resolve();
      },
      now: Date.now,
      onFailure: (error) => failures.push(error),
    });
    const acknowledged: number[] = [];
    const stream = new PassThrough().on("data", (packet: Buffer) => {
      for (let at = 0; at < packet.length; at += 4) acknowledged.push(packet.readUInt16BE(at + 2));
    });
    const receive = (messageId: number) =>
      acknowledger.receive({ ...packetOf(Buffer.from(`m${messageId}`)), qos: 1, messageId }, stream, () => undefined);
    receive(1);
    await until("the first is being stored", () => begun.length === 1);
    receive(2);
    await until("the second is being stored", () => begun.length === 2);
    return { acknowledger, acknowledged, begun, disk, failures };
  }

  it("is stored meanwhile, and acknowledged behind it", async () => {
    const { acknowledger, acknowledged, begun, disk, failures } = await twoOnTheirWay();
    expect(begun).toEqual(["m1", "m2"]);
    disk[1]?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(acknowledged).toEqual([]);
    disk[0]?.resolve();
    await acknowledger.settled();
    await until("both are acknowledged", () => acknowledged.length === 2);
    expect([acknowledged, failures]).toEqual([[1, 2], []]);
  });

  it("is not acknowledged if that was not written: all of it comes again, in order", async () => {
    const { acknowledger, acknowledged, disk, failures } = await twoOnTheirWay();
    disk[1]?.resolve();
    disk[0]?.reject(new Error("disk full"));
    await acknowledger.settled();
    expect([acknowledged, failures]).toEqual([[], [new Error("disk full")]]);
  });
});
