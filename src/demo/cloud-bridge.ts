import type { Broker } from "./broker.ts";
import { toNewEntry } from "./thingspeak/routes.ts";
import type { ThingSpeakServer } from "./thingspeak/server.ts";

const TOPIC = /^remote\/thingspeak\/(\d+)\/publish\/[^/]+$/;

/**
 * Carries measurements from the plant's broker to ThingSpeak, as the broker's bridge does (`topic # out 0 remote/thingspeak/
 * channels/`): many fields a message, `field1=100&field2=50&created_at=…`.
 */
export async function bridgeToCloud(broker: Broker, thingspeak: ThingSpeakServer): Promise<void> {
  await broker.listen("remote/thingspeak/#", ({ topic, payload }) => {
    const channelId = TOPIC.exec(topic)?.[1];
    if (channelId === undefined) return;
    thingspeak.append(Number(channelId), toNewEntry(new URLSearchParams(Buffer.from(payload).toString()), Date.now()));
  });
}
