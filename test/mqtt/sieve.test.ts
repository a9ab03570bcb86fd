import mqtt from "mqtt";
import { describe, expect, it } from "vitest";
import { MAX_PAYLOAD_BYTES, type PlantMessage } from "../../src/alarms/plant-message.ts";
import { createMqttSession } from "../../src/mqtt/session.ts";
import { silentLog } from "../support/log.ts";
import { hasMosquitto } from "../support/mosquitto.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { until } from "../support/until.ts";
import { broker, endLater, isGranted } from "./opened.ts";

/** A session that keeps what comes. */
function listen(url: string) {
  const stored: PlantMessage[] = [];
  const session = createMqttSession({
    settings: { ...anonymous, ...at([url]), topics: ["plant/#"] },
    store: async (messages) => void stored.push(...messages),
    now: Date.now,
    log: silentLog,
  });
  session.start();
  endLater({ remove: () => session.stop() });
  return { stored, session };
}

describe.skipIf(!hasMosquitto)("a message that is too long", () => {
  it("is cut on its way, comes with its length, and is not sent again; those around it come as they are", async () => {
    const { url } = await broker();
    const { stored, session } = listen(url);
    await until("subscribed", () => isGranted(session));
    const plant = endLater(
      await mqtt.connectAsync(url).then((client) => ({ client, remove: () => client.endAsync() })),
    );
    const before = process.memoryUsage.rss();
    const sizes = [10, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES + 1, 1_000_000, 0, 60_000_000, 20];
    for (const size of sizes) await plant.client.publishAsync("plant/a", Buffer.alloc(size, "x"), { qos: 1 });
    await until("all came", () => stored.length === sizes.length);
    expect(stored.map(({ payload, cutFrom }) => cutFrom ?? payload.byteLength)).toEqual(sizes);
    expect(Math.max(...stored.map(({ payload }) => payload.byteLength))).toBe(MAX_PAYLOAD_BYTES);
    // The 60 MB are in this process too, as it publishes them.
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);

    // All are acknowledged: nothing is left for the next one.
    await session.stop();
    const next = listen(url);
    await until("subscribed again", () => isGranted(next.session));
    await plant.client.publishAsync("plant/a", "last", { qos: 1 });
    await until("the last came", () => next.stored.length > 0);
    expect(next.stored.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["last"]);
  });
});
