import type { MqttSession } from "../../mqtt/session.ts";
import { createOutbox, type Outbox } from "../../outbox/outbox.ts";
import { createUrlSender } from "../../outbox/url-sender.ts";
import type { BrokerSideOptions } from "./options.ts";

/** What goes out, to the broker and by the second path. */
export function createOutboxOf(
  { config, store, mayAct, onRetry, clock, log }: BrokerSideOptions,
  mqtt: Pick<MqttSession, "publish" | "status">,
): Outbox {
  const { topic, url } = config.secondPath;
  async function dropUnset(): Promise<null> {
    log.warn("dropped what waited for a second path that is no longer set");
    return null;
  }
  async function say(where: string, payload: string, isRetained: boolean): Promise<null> {
    await mqtt.publish({ topic: where, payload, isRetained });
    return null;
  }
  return createOutbox({
    store: store.outbox,
    refused: () => mqtt.status().refusedTopics,
    maySend: mayAct,
    onRetry,
    clock,
    log,
    send: {
      mqtt: ({ target, payload, isRetained }) => say(target, payload, isRetained),
      secondTopic: topic === null ? dropUnset : ({ payload }) => say(topic, payload, false),
      secondUrl: url === null ? dropUnset : createUrlSender({ url, outgoing: config.outgoing }),
    },
  });
}
