import { z } from "zod";
import type { PlantMessage } from "../alarms/types.ts";
import { topicMeantBy, withoutGroup } from "../alarms/alarm-filter.ts";
import { TopicRefused } from "../mqtt/hang-ups.ts";
import type { MqttSession, MqttStatus } from "../mqtt/session.ts";
import type { KeyValue } from "../store/sql/facts.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";

/** What is known of one filter's way through the broker and back. */
export interface FilterLoop {
  readonly filter: string;
  /** Where we publish, and what comes back by the filter. */
  readonly topic: string;
  /**
   * `impossible`: it never came back, or the broker hangs up, which a site has to allow first; `lost`: it did, and does not any more, nor does anything else come
   * by that filter; `unknown`: not known yet.
   */
  readonly state: "passes" | "impossible" | "lost" | "unknown";
  /** How long the newest that came back was on its way; ms. */
  readonly delayMs: number | null;
}

/** What a filter's test needs in mosquitto's access list. */
export const lineOf = ({ filter, topic }: Pick<FilterLoop, "filter" | "topic">): string =>
  `“topic read ${filter}” and “topic write ${topic}”`;

/** Publishes something now and then that comes back by each alarm filter: a broker says nothing of a read right that was taken away. */
export interface LoopTest {
  /** Takes out what is ours of what came from the broker. */
  sift(messages: readonly PlantMessage[]): readonly PlantMessage[];
  /** Whether a topic is one of ours. */
  isOwn(topic: string): boolean;
  /** To be called about once a second: publishes, or judges what came back. */
  check(): Promise<void>;
  status(): readonly FilterLoop[];
}

const LEVEL = "valvomo-loop";
const NAME = "loop test";
/** A broker that starts, or is flooded, answers late. */
const DEADLINE_MS = 10_000;
/** After as many in a row it is not an accident. */
const MAX_MISSED = 3;
const FIRST_MS = 5_000;

/** Whether it matters what else comes by its filter. */
const isWaiting = ({ sentAt, isHeard, state }: Way): boolean => state === "lost" || (sentAt !== null && !isHeard);

const kept = z.object({ session: z.string(), passed: z.array(z.string()) });

interface Way {
  readonly filter: string;
  readonly topic: string;
  state: FilterLoop["state"];
  delayMs: number | null;
  /** When the test under way was published, epoch ms; `null`: none is. */
  sentAt: number | null;
  /** Whether anything else came by the filter since then, which says as much of the right to read. */
  isHeard: boolean;
  missed: number;
}

/**
 * Creates the test. Its messages are empty and not retained, so that other receivers have nothing to do. Filters without a wildcard, and
 * shared ones, are not tested: the first leave no topic for us, and a message by the others may come back to another program.
 * @param options.everyMs between two tests; `null`: there are none
 * @param options.session names the broker and our session there: at another one, all begins anew
 */
export function createLoopTest(options: {
  readonly filters: readonly string[];
  readonly everyMs: number | null;
  readonly session: string;
  readonly mqtt: () => {
    status(): Pick<MqttStatus, "isConnected" | "since" | "subscriptions">;
    publish: MqttSession["publish"];
  };
  readonly facts: KeyValue;
  readonly clock: { readonly now: () => number; readonly elapsed: () => number };
}): LoopTest {
  const { everyMs, session, mqtt, facts, clock } = options;
  const ways = (everyMs === null ? [] : options.filters)
    .filter((filter) => !filter.startsWith("$") && topicMeantBy(filter, LEVEL) !== withoutGroup(filter))
    .map((filter): Way => ({
      filter,
      topic: topicMeantBy(filter, LEVEL),
      state: "unknown",
      delayMs: null,
      sentAt: null,
      isHeard: false,
      missed: 0,
    }));
  let passed: Set<string> | null = null;
  /** The connection that is tested, by its beginning, and when it is tested next by the clock that nobody sets. */
  let [connectedAt, dueAt, judgedAt] = [0, 0, 0];

  async function read(): Promise<Set<string>> {
    const past = kept.safeParse(await facts.read(NAME));
    return new Set(past.success && past.data.session === session ? past.data.passed : []);
  }

  async function keep(way: Way): Promise<void> {
    if (passed?.has(way.filter) !== false) return;
    passed.add(way.filter);
    await facts.write(NAME, { session, passed: [...passed] });
  }

  const isGranted = ({ filter }: Way): boolean =>
    mqtt()
      .status()
      .subscriptions.some(({ topic, qos, isLive }) => topic === filter && qos !== null && !isLive);

  async function send(): Promise<void> {
    judgedAt = clock.elapsed() + DEADLINE_MS;
    for (const way of ways.filter(isGranted)) {
      Object.assign(way, { sentAt: clock.now(), isHeard: false });
      try {
        await mqtt().publish({ topic: way.topic, payload: "", isRetained: false });
      } catch (error) {
        way.sentAt = null;
        if (error instanceof TopicRefused) {
          way.state = "impossible";
          // Who may not publish there may as a rule not where the others are, and each would cost two links.
          return;
        }
        const { isConnected, since } = mqtt().status();
        // That a broker does not take it in time is told as its own trouble.
        if (!isConnected || since !== connectedAt) return;
      }
    }
  }

  /** Judges what did not come back. */
  function judge(way: Way): void {
    if (way.sentAt === null) return;
    const hasPassed = passed?.has(way.filter) === true;
    way.sentAt = null;
    way.missed = hasPassed && way.isHeard ? 0 : way.missed + 1;
    if (way.missed >= MAX_MISSED) way.state = hasPassed ? "lost" : "impossible";
  }

  function noteBack(way: Way, receivedAt: number): void {
    if (way.sentAt !== null) way.delayMs = Math.max(0, receivedAt - way.sentAt);
    Object.assign(way, { state: "passes", sentAt: null, missed: 0 });
  }

  function noteOther(way: Way): void {
    way.isHeard = true;
    if (way.state === "lost") Object.assign(way, { state: "passes", delayMs: null });
  }

  return {
    sift: (messages) =>
      messages.filter(({ topic, receivedAt }) => {
        const own = ways.filter((way) => way.topic === topic);
        for (const way of own) noteBack(way, receivedAt);
        if (own.length > 0) return false;
        for (const way of ways) if (isWaiting(way) && matchesFilter(way.filter, topic)) noteOther(way);
        return true;
      }),
    isOwn: (topic) => ways.some((way) => way.topic === topic),
    async check() {
      if (everyMs === null || ways.length === 0) return;
      passed ??= await read();
      const { isConnected, since } = mqtt().status();
      if (!isConnected || since !== connectedAt) {
        // What was under way when the link went may come by the next one, or never.
        for (const way of ways) Object.assign(way, { sentAt: null, missed: 0 });
        [connectedAt, dueAt, judgedAt] = [since, clock.elapsed() + FIRST_MS, 0];
        return;
      }
      for (const way of ways.filter(({ state }) => state === "passes")) await keep(way);
      const now = clock.elapsed();
      if (judgedAt > 0 && (now >= judgedAt || ways.every(({ sentAt }) => sentAt === null))) {
        for (const way of ways) judge(way);
        judgedAt = 0;
        const isDoubtful = ways.some(({ missed }) => missed > 0 && missed < MAX_MISSED);
        dueAt = isDoubtful ? now : now + everyMs;
      }
      if (judgedAt === 0 && now >= dueAt) await send();
    },
    status: () => ways.map(({ filter, topic, state, delayMs }) => ({ filter, topic, state, delayMs })),
  };
}
