import { contestedBy, namesOfBrokers, type MqttStatus } from "../mqtt/broker-status.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { FilterWatch } from "../health/filter-watch.ts";
import { lineOf, type LoopTest } from "../health/loop-test.ts";
import type { StatusLine } from "../lib/status-line.ts";

/** What is known of the broker link. */
export interface BrokerSources {
  readonly mqtt: () => MqttStatus;
  /** By which the broker knows us. */
  readonly clientId: string;
  /** How others may get at the link to the broker, in words. */
  readonly exposures: readonly string[];
  /** The topic filters by which nothing came for too long. */
  readonly idleFilters: FilterWatch["idle"];
  /** What is known of the way through the broker and back. */
  readonly loops: LoopTest["status"];
  readonly now: () => number;
}

/** The link, and what the broker grants. */
export function brokerLines({ mqtt, clientId, loops, now }: BrokerSources, timeZone: string): StatusLine[] {
  const { broker, isConnected, since, error, subscriptions, isContested, passedOver, refusedTopics } = mqtt();
  const age = `${formatInstant(since, timeZone, now())} (${formatDuration(now() - since)})`;
  if (!isConnected) {
    return [
      { level: "error", name: "Broker", detail: `${broker} not connected since ${age}: ${error ?? "connecting"}` },
    ];
  }
  const connected = `${broker} connected since ${age}`;
  const link: StatusLine = isContested
    ? { level: "error", name: "Broker", detail: `${connected}, but ${contestedBy(clientId)}` }
    : passedOver.length > 0
      ? { level: "warning", name: "Broker", detail: `${connected}, in the place of ${namesOfBrokers(passedOver)}` }
      : { level: "ok", name: "Broker", detail: connected };
  const tested = new Set(loops().map(({ topic }) => topic));
  const refused = [...refusedTopics].flatMap(([topic, detail]): StatusLine[] =>
    tested.has(topic) ? [] : [{ level: "warning", name: "Broker", detail, isForAdmins: true }],
  );
  if (subscriptions.length === 0)
    return [link, ...refused, { level: "warning", name: "Subscription", detail: "asked for, no answer yet" }];
  return [
    link,
    ...refused,
    ...subscriptions.map(({ topic, qos, isLive }): StatusLine => {
      if (isLive && qos !== null) return { level: "ok", name: "Live values", detail: topic };
      if (isLive) return { level: "warning", name: "Live values", detail: `${topic}: not granted, or not connected` };
      if (qos === null)
        return {
          level: "error",
          name: "Subscription",
          detail: `${topic} refused by the broker: check its access list`,
        };
      if (qos === 0)
        return {
          level: "warning",
          name: "Subscription",
          detail: `${topic} only with QoS 0: warnings are lost while we are away`,
        };
      return { level: "ok", name: "Subscription", detail: `${topic} (QoS ${qos})` };
    }),
  ];
}

/** The lines about a link that others can read or enter. */
export function exposureLines({ exposures }: BrokerSources): StatusLine[] {
  return exposures.map((detail) => ({ level: "warning", name: "Broker link", detail, isForAdmins: true }));
}

/** The lines about topic filters by which nothing came. */
export function idleLines({ idleFilters, now }: BrokerSources): StatusLine[] {
  return idleFilters().map(({ filter, since }) => ({
    level: "warning",
    name: "Subscription",
    detail: `${filter} has brought nothing in ${formatDuration(now() - since)}: does the plant publish there?`,
  }));
}

/** Whether what we publish comes back, and how long the slowest takes. */
export function loopLines({ loops, mqtt }: Pick<BrokerSources, "loops" | "mqtt">): StatusLine[] {
  if (!mqtt().isConnected) return [];
  const name = "Loop test";
  const delays = loops().flatMap(({ state, delayMs }) => (state === "passes" && delayMs !== null ? [delayMs] : []));
  const lines = loops().flatMap((loop): StatusLine[] => {
    if (loop.state === "lost")
      return [
        { level: "error", name, detail: `nothing comes by ${loop.filter} any more: the broker needs ${lineOf(loop)}` },
      ];
    if (loop.state !== "impossible") return [];
    const detail = `what we publish on ${loop.topic} does not come back: the broker needs ${lineOf(loop)}`;
    return [{ level: "warning", name, detail, isForAdmins: true }];
  });
  if (delays.length > 0)
    lines.push({
      level: "ok",
      name,
      detail: `through the broker and back in ${Math.max(1, Math.round(Math.max(...delays)))} ms`,
    });
  return lines;
}
