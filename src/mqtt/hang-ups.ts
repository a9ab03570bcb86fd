import type { Link } from "./connection.ts";
import { ConnectionLost, publish, type Publication } from "./publish.ts";

/** Thrown in the place of publishing where the broker would hang up once more. */
export class TopicRefused extends Error {
  override readonly name = "TopicRefused";
}

/** Knows what a broker hangs up on. */
export interface HangUps {
  /** The topics on which nothing is published there for now, each with the reason in words. */
  refused(broker: string): ReadonlyMap<string, string>;
  /**
   * It ended the link as we published on a topic that it had not taken on that link.
   * @returns how many links ended in a row because of that, if the topic is given up now; else 0
   */
  hungUp(broker: string, topic: string): number;
  /** It took what we published. */
  taken(broker: string, topic: string): void;
}

/** MQTT 3.1.1 has no word for "you may not", so some brokers hang up (RabbitMQ, HiveMQ, AWS): twice in a row is not an accident. */
const MAX_HUNG_UP = 2;
/** So seldom we let them do it again: an access list may be mended. Whatever else we publish goes on meanwhile. */
const RARELY_MS = 3_600_000;

/**
 * Counts, for each broker and topic, how often the link ended right after we published there.
 * @param options.elapsed ms of a clock that nobody sets
 * @param options.onRefused is told the reason when a topic is given up
 */
export function createHangUps(options: {
  readonly elapsed: () => number;
  readonly onRefused: (reason: string) => void;
}): HangUps {
  const { elapsed, onRefused } = options;
  /** By broker, then by topic: how often in a row, and until when nothing is tried. */
  const known = new Map<string, Map<string, { readonly count: number; readonly until: number }>>();
  const wordsOf = (broker: string, topic: string): string =>
    `the broker ${broker} hung up on us twice when we published on ${topic}: may we publish there? We try again once an hour`;

  return {
    refused(broker) {
      const topics = [...(known.get(broker) ?? [])].filter(([, { until }]) => elapsed() < until);
      return new Map(topics.map(([topic]) => [topic, wordsOf(broker, topic)]));
    },
    hungUp(broker, topic) {
      const topics = known.get(broker) ?? new Map<string, { count: number; until: number }>();
      known.set(broker, topics);
      const count = (topics.get(topic)?.count ?? 0) + 1;
      const isTooOften = count >= MAX_HUNG_UP;
      topics.set(topic, { count, until: isTooOften ? elapsed() + RARELY_MS : 0 });
      if (!isTooOften) return 0;
      onRefused(wordsOf(broker, topic));
      return MAX_HUNG_UP;
    },
    taken: (broker, topic) => void known.get(broker)?.delete(topic),
  };
}

/**
 * Publishes with QoS 1, but not where the broker hangs up.
 * @param broker the name of the one that the link is at
 * @returns rejects as publish.ts does, and with `TopicRefused`
 */
export function createPublisher(
  link: Pick<Link, "client" | "isHungUp" | "forgive">,
  hangUps: HangUps,
  broker: () => string,
): (publication: Publication) => Promise<void> {
  const { client } = link;
  /** What it took on this link: that the link ends later is of another cause. */
  const taken = new Set<string>();
  client.on("connect", () => taken.clear());
  return async (publication) => {
    const { topic } = publication;
    const at = broker();
    const refusal = hangUps.refused(at).get(topic);
    if (refusal !== undefined) throw new TopicRefused(refusal);
    try {
      await publish(client, publication);
      taken.add(topic);
      hangUps.taken(at, topic);
    } catch (error) {
      if (error instanceof ConnectionLost && link.isHungUp() && !taken.has(topic))
        link.forgive(hangUps.hungUp(at, topic));
      throw error;
    }
  };
}

/** What is sent with QoS 0 has no answer: a link that ends so soon after the first time was ended because of it. */
const ANSWER_MS = 500;

/** Sends with QoS 0, once and no more, but not where the broker hangs up; while there is no connection, nothing. */
export function createSender(
  link: Pick<Link, "client" | "isHungUp" | "forgive">,
  hangUps: HangUps,
  broker: () => string,
  elapsed: () => number,
): {
  send(publication: Publication): void;
  /** To be called when the link is over. */
  ended(at: string): void;
} {
  const { client } = link;
  /** When each topic was first sent on this link; what outlived that was taken. */
  const sentAt = new Map<string, number>();
  return {
    send({ topic, payload, isRetained }) {
      // mqtt.js would keep it for the next connection, by when it is old.
      if (!client.connected || client.disconnecting || hangUps.refused(broker()).has(topic)) return;
      const first = sentAt.get(topic);
      if (first === undefined) sentAt.set(topic, elapsed());
      else if (elapsed() - first > ANSWER_MS) hangUps.taken(broker(), topic);
      client.publish(topic, payload, { qos: 0, retain: isRetained });
    },
    ended(at) {
      const blamed = [...sentAt].filter(([, first]) => link.isHungUp() && elapsed() - first <= ANSWER_MS);
      // All that was sent then may be the cause of the same links.
      link.forgive(Math.max(0, ...blamed.map(([topic]) => hangUps.hungUp(at, topic))));
      sentAt.clear();
    },
  };
}
