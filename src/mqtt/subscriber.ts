import type { MqttClient } from "mqtt";
import { withDeadline } from "../deadline.ts";

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
  /** To be called after each CONNACK. */
  connected(client: MqttClient, isSessionPresent: boolean): void;
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
  readonly retryMs?: number;
}): Subscriber {
  const { topics, qos, onAnswer, retryMs = RESUBSCRIBE_MS } = options;
  /** What this run was granted: the broker keeps it with the session. */
  let kept: readonly Subscription[] = [];
  let retry: NodeJS.Timeout | undefined;

  /** Asks for what is not granted yet: to ask again for what is would bring all retained messages again. */
  async function subscribe(client: MqttClient): Promise<void> {
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
    if (!client.connected) return;
    kept = subscriptions.filter((subscription) => subscription.qos !== null && subscription.qos >= qos);
    if (kept.length < topics.length) retry = setTimeout(() => void subscribe(client), retryMs).unref();
    onAnswer(subscriptions);
  }

  return {
    connected(client, isSessionPresent) {
      if (!isSessionPresent) kept = [];
      void subscribe(client);
    },
    disconnected: () => clearTimeout(retry),
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
