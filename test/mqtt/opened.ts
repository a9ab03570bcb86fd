import { afterEach } from "vitest";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import type { Broker, MqttSettings } from "../../src/mqtt/settings.ts";
import { silentLog } from "../support/log.ts";
import { startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";

const opened: { remove(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.remove();
});

/** Ends it after the test. */
export function endLater<T extends { remove(): unknown }>(thing: T): T {
  opened.push(thing);
  return thing;
}

/** A mosquitto for one test. */
export async function broker(options: Parameters<typeof startMosquitto>[0] = {}): Promise<Mosquitto> {
  return endLater(await startMosquitto(options));
}

/** A session for one test that keeps nothing. */
export function session(url: string, settings: Partial<MqttSettings & Omit<Broker, "url">> = {}): MqttSession {
  const { username = null, password = null, ...more } = settings;
  const created = createMqttSession({
    settings: { ...anonymous, ...at([url], { username, password }), topics: ["lut/AMBsystem/warnings/#"], ...more },
    store: async () => undefined,
    resubscribeMs: 400,
    now: Date.now,
    log: silentLog,
  });
  opened.push({ remove: () => created.stop() });
  created.start();
  return created;
}

/** Whether the broker granted all topics. */
export const isGranted = (s: MqttSession): boolean =>
  s.status().subscriptions.length > 0 && s.status().subscriptions.every(({ qos }) => qos === 1);
