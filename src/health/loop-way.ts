import { topicMeantBy, withoutGroup } from "../alarms/alarm-filter.ts";
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

const LEVEL = "valvomo-loop";
/** After as many in a row it is not an accident. */
const MAX_MISSED = 3;

/** One filter's way through the broker and back, and the test of it that is under way. */
export class LoopWay {
  readonly filter: string;
  readonly topic: string;
  #state: FilterLoop["state"] = "unknown";
  #delayMs: number | null = null;
  /** When the test under way was published, epoch ms; `null`: none is. */
  #sentAt: number | null = null;
  /** Whether anything else came by the filter since then, which says as much of the right to read. */
  #isHeard = false;
  #missed = 0;

  constructor(filter: string) {
    this.filter = filter;
    this.topic = topicMeantBy(filter, LEVEL);
  }

  get hasPassed(): boolean {
    return this.#state === "passes";
  }

  get isUnderWay(): boolean {
    return this.#sentAt !== null;
  }

  /** Whether something did not come back, and not often enough to be sure. */
  get isDoubtful(): boolean {
    return this.#missed > 0 && this.#missed < MAX_MISSED;
  }

  status(): FilterLoop {
    return { filter: this.filter, topic: this.topic, state: this.#state, delayMs: this.#delayMs };
  }

  begin(now: number): void {
    this.#sentAt = now;
    this.#isHeard = false;
  }

  /** It could not be published. */
  giveUp(): void {
    this.#sentAt = null;
  }

  /** The broker hangs up on who publishes there. */
  refuse(): void {
    this.#sentAt = null;
    this.#state = "impossible";
  }

  /** The connection went: what was under way may come by the next one, or never. */
  restart(): void {
    this.#sentAt = null;
    this.#missed = 0;
  }

  /** What was published came back. */
  comeBack(receivedAt: number): void {
    if (this.#sentAt !== null) this.#delayMs = Math.max(0, receivedAt - this.#sentAt);
    this.#state = "passes";
    this.restart();
  }

  /** Something else came, on a topic that the filter may take. */
  hear(topic: string): void {
    const isWaiting = this.#state === "lost" || (this.#sentAt !== null && !this.#isHeard);
    if (!isWaiting || !matchesFilter(this.filter, topic)) return;
    this.#isHeard = true;
    if (this.#state !== "lost") return;
    this.#state = "passes";
    this.#delayMs = null;
  }

  /** Evaluates what did not come back. @param hasPassedBefore whether anything ever came back by this filter */
  evaluate(hasPassedBefore: boolean): void {
    if (this.#sentAt === null) return;
    this.#sentAt = null;
    this.#missed = hasPassedBefore && this.#isHeard ? 0 : this.#missed + 1;
    if (this.#missed >= MAX_MISSED) this.#state = hasPassedBefore ? "lost" : "impossible";
  }
}

/** The ways of those filters that leave something open for a topic of ours, and are ours alone. */
export const waysOf = (filters: readonly string[]): readonly LoopWay[] =>
  filters
    .filter((filter) => !filter.startsWith("$") && topicMeantBy(filter, LEVEL) !== withoutGroup(filter))
    .map((filter) => new LoopWay(filter));
