import { z } from "zod";
import type { PlantMessage } from "../alarms/plant-message.ts";
import { TopicRefused } from "../mqtt/hang-ups.ts";
import type { MqttStatus } from "../mqtt/broker-status.ts";
import type { MqttSession } from "../mqtt/session.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import { waysOf, type FilterLoop, type LoopWay } from "./loop-way.ts";

/** What a filter's test needs in mosquitto's access list. */
export const lineOf = ({ filter, topic }: Pick<FilterLoop, "filter" | "topic">): string =>
  `“topic read ${filter}” and “topic write ${topic}”`;

const NAME = "loop test";
/** A broker that starts, or is flooded, answers late. */
const DEADLINE_MS = 10_000;
const FIRST_MS = 5_000;

const kept = z.object({ session: z.string(), passed: z.array(z.string()) });

interface LoopTestOptions {
  readonly filters: readonly string[];
  /** Between two tests; `null`: there are none. */
  readonly everyMs: number | null;
  /** Names the broker and our session there: at another one, all begins anew. */
  readonly session: string;
  readonly mqtt: () => {
    status(): Pick<MqttStatus, "isConnected" | "since" | "subscriptions">;
    publish: MqttSession["publish"];
  };
  readonly keyValue: KeyValue;
  readonly clock: { readonly now: () => number; readonly elapsed: () => number };
}

/**
 * Publishes something now and then that comes back by each alarm filter: a broker says nothing of a read right that was taken away. Its
 * messages are empty and not retained, so that other receivers have nothing to do. Filters without a wildcard, and shared ones, are not
 * tested: the first leave no topic for us, and a message by the others may come back to another program.
 */
export class LoopTest {
  readonly #options: LoopTestOptions;
  readonly #ways: readonly LoopWay[];
  /** By which filters something ever came back; `null`: not read yet. */
  #passed: Set<string> | null = null;
  /** The connection that is tested, by its beginning, and when it is tested next by the clock that nobody sets. */
  #connectedAt = 0;
  #dueAt = 0;
  #judgedAt = 0;

  constructor(options: LoopTestOptions) {
    this.#options = options;
    this.#ways = options.everyMs === null ? [] : waysOf(options.filters);
  }

  /** Takes out what is ours of what came from the broker. */
  readonly sift = (messages: readonly PlantMessage[]): readonly PlantMessage[] =>
    messages.filter(({ topic, receivedAt }) => {
      const own = this.#ways.filter((way) => way.topic === topic);
      for (const way of own) way.comeBack(receivedAt);
      if (own.length > 0) return false;
      for (const way of this.#ways) way.hear(topic);
      return true;
    });

  /** To be called about once a second: publishes, or judges what came back. */
  readonly check = async (): Promise<void> => {
    const { everyMs, mqtt, clock } = this.#options;
    if (everyMs === null || this.#ways.length === 0) return;
    const passed = (this.#passed ??= await this.#read());
    const { isConnected, since } = mqtt().status();
    if (!isConnected || since !== this.#connectedAt) {
      for (const way of this.#ways) way.restart();
      [this.#connectedAt, this.#dueAt, this.#judgedAt] = [since, clock.elapsed() + FIRST_MS, 0];
      return;
    }
    for (const way of this.#ways.filter(({ hasPassed }) => hasPassed)) await this.#keep(passed, way);
    const now = clock.elapsed();
    if (this.#judgedAt > 0 && (now >= this.#judgedAt || this.#ways.every(({ isUnderWay }) => !isUnderWay))) {
      for (const way of this.#ways) way.evaluate(passed.has(way.filter));
      this.#judgedAt = 0;
      this.#dueAt = this.#ways.some(({ isDoubtful }) => isDoubtful) ? now : now + everyMs;
    }
    if (this.#judgedAt === 0 && now >= this.#dueAt) await this.#send();
  };

  readonly status = (): readonly FilterLoop[] => this.#ways.map((way) => way.status());

  /** Whether a topic is one of ours. */
  isOwn(topic: string): boolean {
    return this.#ways.some((way) => way.topic === topic);
  }

  async #read(): Promise<Set<string>> {
    const { keyValue, session } = this.#options;
    const past = kept.safeParse(await keyValue.read(NAME));
    return new Set(past.success && past.data.session === session ? past.data.passed : []);
  }

  async #keep(passed: Set<string>, way: LoopWay): Promise<void> {
    if (passed.has(way.filter)) return;
    passed.add(way.filter);
    const { keyValue, session } = this.#options;
    await keyValue.write(NAME, { session, passed: [...passed] });
  }

  #isGranted({ filter }: LoopWay): boolean {
    const { subscriptions } = this.#options.mqtt().status();
    return subscriptions.some(({ topic, qos, isLive }) => topic === filter && qos !== null && !isLive);
  }

  async #send(): Promise<void> {
    const { mqtt, clock } = this.#options;
    this.#judgedAt = clock.elapsed() + DEADLINE_MS;
    for (const way of this.#ways.filter((one) => this.#isGranted(one))) {
      way.begin(clock.now());
      try {
        await mqtt().publish({ topic: way.topic, payload: "", isRetained: false });
      } catch (error) {
        way.giveUp();
        // Who may not publish there may as a rule not where the others are, and each would cost two links.
        if (error instanceof TopicRefused) return way.refuse();
        const { isConnected, since } = mqtt().status();
        // That a broker does not take it in time is told as its own trouble.
        if (!isConnected || since !== this.#connectedAt) return;
      }
    }
  }
}
