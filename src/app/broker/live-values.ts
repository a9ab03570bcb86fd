import type { BrokerMemory } from "../../health/broker-memory.ts";
import type { PlantMessage } from "../../alarms/plant-message.ts";
import { during } from "../../lib/main-thread.ts";
import type { Watchdog } from "../../watchdog/watchdog.ts";
import type { FilterWatch } from "../../health/filter-watch.ts";
import type { LoopTest } from "../../health/loop-test.ts";
import type { BrokerSideOptions } from "./options.ts";

/**
 * Where mosquitto says, since its start and for all its clients, how many messages it dropped because a queue was full; listened
 * to if `MQTT_LIVE_TOPICS` names it, as some brokers hang up on who asks for what they do not know. See mosquitto(8).
 */
const BROKER_DROPS = "$SYS/broker/publish/messages/dropped";

/** What live values are shown to. */
interface Watchers {
  readonly loopTest: Pick<LoopTest, "isOwn">;
  readonly filterWatch: Pick<FilterWatch, "take">;
  readonly watchdog: Pick<Watchdog, "take">;
  readonly memory: Pick<BrokerMemory, "dropped">;
}

/** Reads what comes on live topics. What one value does to our own code must not end the program. */
export function createLiveValues(
  { config, feed, devices, dropped, log }: BrokerSideOptions,
  { loopTest, filterWatch, watchdog, memory }: Watchers,
): (message: PlantMessage, place: number) => void {
  function countDrops(total: string, place: number): void {
    if (!/^\d{1,15}$/.test(total)) return;
    memory.dropped(Number(total), place).then(
      (count) => count > 0 && dropped.add("broker", count),
      (error: unknown) => log.error({ err: error }, "could not note what the broker dropped"),
    );
  }

  function read(message: PlantMessage, place: number): void {
    filterWatch.take(message.topic);
    // No sign of life: it is said when it changes.
    if (message.topic === BROKER_DROPS) return countDrops(Buffer.from(message.payload).toString(), place);
    watchdog.take(message);
    feed.take(message);
    if (config.twincat.mainTopics.some((main) => message.topic.startsWith(`${main}/`))) devices.take(message);
  }

  return (message, place) => {
    try {
      if (!loopTest.isOwn(message.topic)) during("a live value", () => read(message, place));
    } catch (error) {
      log.error({ err: error, topic: message.topic }, "could not read a live value: left out");
    }
  };
}
