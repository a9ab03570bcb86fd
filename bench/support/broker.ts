import mqtt, { type MqttClient } from "mqtt";
import { startBroker as startAedes } from "../../src/demo/broker.ts";
import { hasMosquitto, startMosquitto } from "../../test/support/mosquitto.ts";

/**
 * What the program listens to: a real mosquitto if there is one, else aedes in this process.
 * @param lines of mosquitto's configuration
 */
export async function startBroker(
  lines: readonly string[] = [],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  if (!hasMosquitto) return startAedes();
  const mosquitto = await startMosquitto({ lines });
  return { url: mosquitto.url, stop: mosquitto.remove };
}

/** Name and version of the broker, as it says itself. */
export async function brokerName(): Promise<string> {
  if (!hasMosquitto) return "aedes, as there is no mosquitto";
  const broker = await startBroker();
  const client = await mqtt.connectAsync(broker.url);
  try {
    const version = nextMessage(client);
    await client.subscribeAsync("$SYS/broker/version");
    return (await version).replace("version ", "");
  } finally {
    await client.endAsync();
    await broker.stop();
  }
}

/** The next message that a client gets, as text; rejects after ten seconds without one. */
export function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("waited 10 s in vain for a message")), 10_000);
    client.once("message", (_, payload) => {
      clearTimeout(timer);
      resolve(payload.toString());
    });
  });
}
