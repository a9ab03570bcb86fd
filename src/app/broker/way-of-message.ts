import type { BrokerMemory } from "../../health/broker-memory.ts";
import type { AlarmEvent } from "../../alarms/event.ts";
import { decode } from "../../alarms/payloads/decode.ts";
import { ownEvent, unreadMessage } from "../../alarms/payloads/own.ts";
import { isOwnAnswer } from "../../alarms/payloads/plant-answer.ts";
import type { PlantMessage } from "../../alarms/plant-message.ts";
import type { Drill } from "../../engine/drill.ts";
import { createIngest, createRaw, observed, read, recorded, sifted } from "../../engine/ingest.ts";
import type { Watchdog } from "../../watchdog/watchdog.ts";
import { isStorageFailure } from "../../store/sql/failure.ts";
import type { FilterWatch } from "../../health/filter-watch.ts";
import type { LoopTest } from "../../health/loop-test.ts";
import type { BrokerSideOptions } from "./options.ts";

/** What a message is shown to on its way. */
interface Watchers {
  readonly loopTest: Pick<LoopTest, "sift">;
  readonly memory: Pick<BrokerMemory, "isFirstTime">;
  readonly drill: Pick<Drill, "stored" | "isTest">;
  readonly filterWatch: Pick<FilterWatch, "take">;
  readonly watchdog: Pick<Watchdog, "take">;
}

/** The way of messages that may be alarms, as one list: what is ours is sifted out, the rest decoded, recorded, and looked at. */
export function createWayOfMessage(options: BrokerSideOptions, watchers: Watchers): ReturnType<typeof createIngest> {
  const { config, plants, notifier, dropped, isForBridge, clock, log } = options;
  const { loopTest, memory, drill, filterWatch, watchdog } = watchers;
  const answers = { suffix: config.ackSuffix };
  const raw = createRaw(
    (topic, error) =>
      void notifier
        .take([ownEvent(unreadMessage(topic, error), clock.now())])
        .catch((failure: unknown) => log.error({ err: failure }, "could not tell of a message that was stored raw")),
    log,
  );

  function countCut(messages: readonly PlantMessage[]): readonly PlantMessage[] {
    const cut = messages.filter(({ cutFrom }) => cutFrom !== undefined).length;
    if (cut > 0) dropped.add("cut", cut);
    return messages;
  }

  async function markFound(messages: readonly PlantMessage[]): Promise<readonly PlantMessage[]> {
    const isFound = messages.some(({ isRetained }) => isRetained) && (await memory.isFirstTime());
    return messages.map((message) => (isFound && message.isRetained ? { ...message, isFound } : message));
  }

  const decodeAlarm = (message: PlantMessage): readonly AlarmEvent[] =>
    isOwnAnswer(message, answers) || isForBridge(message.topic)
      ? []
      : decode(message, {
          plcTimeZone: config.alarms.twincatTimeZone,
          severities: plants.severities,
          names: plants.names,
        });

  return createIngest([
    sifted((messages) => loopTest.sift(messages)),
    sifted(countCut),
    sifted(markFound),
    read(decodeAlarm, raw),
    recorded(notifier.take, isStorageFailure, raw),
    observed(
      [
        (_, events) => drill.stored(events),
        (_, events) => events.forEach((event) => drill.isTest(event) || filterWatch.take(event.topic)),
        (messages) => messages.forEach((message) => watchdog.take(message)),
      ],
      log,
    ),
  ]);
}
