import type { MqttClient } from "mqtt";
import type { Logger } from "../lib/log.ts";
import { systemClock } from "../lib/time/clock.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import { withDeadline } from "../lib/time/deadline.ts";

/** What the broker said to one topic filter. */
export interface Subscription {
  readonly topic: string;
  /** As granted in the SUBACK. `null`: refused, or, for a live topic, not answered (yet). */
  readonly qos: number | null;
  /** Asked for with QoS 0 on purpose: what is published while we are away is old news. */
  readonly isLive: boolean;
}

/** Asks a broker for topics until it grants them all. */
export interface Subscriber {
  /** To be called after each CONNACK of the broker at this place of the list. */
  connected(client: MqttClient, isSessionPresent: boolean, place: number): void;
  /** To be called when the connection is gone, and at the end. */
  disconnected(): void;
}

/** A refused subscription may be granted once an admin has mended the broker's access list. No answer for so long is a refusal. */
const RESUBSCRIBE_MS = 30_000;

/**
 * Subscribes to filters with one QoS, and asks again for those that are refused or granted with less.
 * @param options.onAnswer takes what was said to each filter, in their order
 */
export function createSubscriber(options: {
  readonly topics: readonly string[];
  readonly qos: 0 | 1;
  readonly onAnswer: (subscriptions: readonly Subscription[]) => void;
  /** Between two tries. */
  readonly retryMs?: number | undefined;
  readonly log: Pick<Logger, "error">;
}): Subscriber {
  const { topics, qos, onAnswer, retryMs = RESUBSCRIBE_MS, log } = options;
  const onError = (error: unknown): void => log.error({ err: error }, "subscribing failed; trying again");
  /** What this run was granted, by place: the broker keeps it with the session. What another broker keeps may be of an earlier run. */
  const granted = new Map<number, readonly Subscription[]>();
  /** Of the connection that stands. */
  let asking: Loop | null = null;

  /**
   * Asks for what is not granted yet: to ask again for what is would bring all retained messages again.
   * @returns when to ask once more; `null`: all is granted, or the connection went
   */
  async function subscribe(client: MqttClient, place: number): Promise<number | null> {
    const kept = granted.get(place) ?? [];
    const subscriptions = await Promise.all(
      topics.map(
        async (topic) =>
          kept.find((subscription) => subscription.topic === topic) ?? {
            topic,
            qos: await grantedQos(client, topic, qos, retryMs),
            isLive: qos === 0,
          },
      ),
    );
    if (!client.connected) return null;
    const strong = subscriptions.filter((subscription) => subscription.qos !== null && subscription.qos >= qos);
    granted.set(place, strong);
    onAnswer(subscriptions);
    return strong.length < topics.length ? retryMs : null;
  }

  return {
    connected(client, isSessionPresent, place) {
      if (!isSessionPresent) granted.delete(place);
      void asking?.stop();
      asking = createLoop({ step: () => subscribe(client, place), clock: systemClock, onError });
      asking.wake();
    },
    disconnected: () => void asking?.stop(),
  };
}

async function grantedQos(client: MqttClient, topic: string, qos: 0 | 1, deadlineMs: number): Promise<number | null> {
  try {
    const noAnswer = (): Error => new Error("no SUBACK");
    const [grant] = await withDeadline(client.subscribeAsync(topic, { qos }), deadlineMs, noAnswer);
    return grant?.qos ?? null;
  } catch {
    // Refused, or the connection went: the next one subscribes again.
    return null;
  }
}
