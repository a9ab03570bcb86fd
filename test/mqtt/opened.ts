import { onTestFinished } from "vitest";
import { createMqttSession, type MqttSession } from "../../src/mqtt/session.ts";
import type { Broker, MqttSettings } from "../../src/mqtt/settings.ts";
import { silentLog } from "../support/log.ts";
import { startMosquitto, type Mosquitto } from "../support/mosquitto.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";

/** Ends it after the test; what was opened last, first. */
export function endLater<T extends { remove(): unknown }>(thing: T): T {
  onTestFinished(async () => void (await thing.remove()));
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
  endLater({ remove: () => created.stop() });
  created.start();
  return created;
}

/** Whether the broker granted all topics. */
export const isGranted = (s: MqttSession): boolean =>
  s.status().subscriptions.length > 0 && s.status().subscriptions.every(({ qos }) => qos === 1);
