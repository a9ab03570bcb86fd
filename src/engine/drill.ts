import { DRILL_SOURCE } from "../alarms/payloads/own.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm, Destination } from "../alarms/types.ts";
import { doubtOf, topicMeantBy } from "../alarms/alarm-filter.ts";
import { withDeadline } from "../lib/time/deadline.ts";
import type { Publication } from "../mqtt/publish.ts";
import type { DecisionRecord } from "../store/alarms/decisions.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import { wasMade } from "../store/alarms/decisions.ts";
import { createProbe, nameOfProbe, readProbeNames, type Probe, type ProbeName } from "./drill-probe.ts";

/** When the test alarms passed each point of their way; epoch ms, `null`: not all of them got there. */
export interface DrillReport {
  readonly alarmId: number | null;
  readonly publishedAt: number;
  /** The broker has it. */
  readonly confirmedAt: number | null;
  /** They came back to us, the last one now. */
  readonly receivedAt: number | null;
  readonly storedAt: number | null;
  /** Telegram has shown it. */
  readonly shownAt: number | null;
  /** What went wrong, for an admin; `null`: nothing. */
  readonly problem: string | null;
  /** Topics that a test came by, one for each filter. */
  readonly topics: readonly string[];
  /** Why a plant's message may not come all the same. */
  readonly doubts: readonly string[];
}

/** What a drill is made from. */
export interface DrillOptions {
  /** Those by which alarms come. */
  readonly filters: readonly string[];
  readonly publish: (publication: Publication) => Promise<void>;
  readonly alarmOf: (event: AlarmEvent) => Promise<Alarm | null>;
  readonly keyValue: Pick<KeyValue, "read" | "write">;
  readonly decisions: (alarmId: number, chatId: number, limit: number) => Promise<readonly DecisionRecord[]>;
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** For each half of the way: to here, and into the chat. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10_000;
/** How often one looks whether it is shown. */
const LOOK_MS = 50;
const LEVEL = "valvomo-drill";
/** Names in the store the test alarms that are not ended yet. */
const NAME = "drill";
/** Without a name: it stays with the broker, too. The audit log has it. */
const MESSAGE = "DRILL: a test of the whole way. Nothing has happened.";

/**
 * Sends marked test alarms the way of a plant's messages, one for each filter: to the broker, on a topic that the filter was meant
 * to take; back, through the store, and into one chat. All must come back; the first is critical and rings, as alarms do that matter.
 */
export class Drill {
  readonly #options: DrillOptions;
  readonly #deadlineMs: number;
  readonly #topics: readonly string[];
  #destination: Destination | null = null;
  #probes: readonly Probe[] = [];
  #isRunning = false;

  constructor(options: DrillOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#topics = [...new Set(options.filters.map((filter) => topicMeantBy(filter, LEVEL)))];
  }

  /** Whether something is one of our tests. */
  isTest({ topic, source }: Pick<Alarm, "topic" | "source">): boolean {
    return source === DRILL_SOURCE && this.#topics.includes(topic);
  }

  /** Where the cards of test alarms go: to who asked for it last, or to nobody after a restart; `null`: it is no test. */
  destinationsOf(alarm: Alarm): readonly Destination[] | null {
    if (!this.isTest(alarm)) return null;
    return this.#destination === null ? [] : [this.#destination];
  }

  /** To be called when what came from the broker is stored. */
  stored(events: readonly AlarmEvent[]): void {
    for (const event of this.#isRunning ? events : []) {
      const probe = this.#probes.find(({ id, topic }) => id === event.id && topic === event.topic);
      if (event.state === "active") probe?.onStored(event);
    }
  }

  /** Resolves when it is over, in any case; `null`: another one is under way. */
  async run(to: Destination): Promise<DrillReport | null> {
    if (this.#isRunning) return null;
    const { keyValue, now } = this.#options;
    this.#isRunning = true;
    this.#destination = to;
    const id = `drill ${now()}`;
    this.#probes = this.#topics.map((topic, i) => createProbe({ topic, id, severity: i === 0 ? "critical" : "info" }));
    try {
      // A store that fails is what a drill is to find.
      await keyValue.write(NAME, this.#probes.map(nameOfProbe)).catch(() => undefined);
      const report = await this.#pass(to.chatId);
      // Also when it failed: what comes late must not stand as an alarm.
      await this.#end(this.#probes).catch(() => undefined);
      return report;
    } finally {
      this.#isRunning = false;
    }
  }

  /** To be called when the broker can be told: ends the test alarms that a run left which did not live to end them. */
  async clear(): Promise<void> {
    const left = readProbeNames(await this.#options.keyValue.read(NAME));
    if (left.length > 0 && !this.#isRunning) await this.#end(left);
  }

  /** The way there, and what is known of each point of it. */
  async #pass(chatId: number): Promise<DrillReport> {
    const { filters, alarmOf, now } = this.#options;
    const about = { topics: this.#topics, doubts: filters.flatMap((filter) => doubtOf(filter) ?? []) };
    const nothing = { alarmId: null, confirmedAt: null, receivedAt: null, storedAt: null, shownAt: null, ...about };
    const publishedAt = now();
    try {
      await Promise.all(this.#probes.map((probe) => this.#say(probe, "active")));
    } catch (error) {
      return { ...nothing, publishedAt, problem: `the broker did not take it: ${String(error)}` };
    }
    const confirmedAt = now();
    const events = await this.#storedEvents();
    const lost = this.#topics.filter((_, i) => events[i] === null);
    const [first] = events;
    if (lost.length > 0 || !first) {
      const where = lost.join(" and ");
      const problem = `it did not come back: may we publish to ${where}, and do we get what is published there?`;
      return { ...nothing, publishedAt, confirmedAt, problem };
    }
    const storedAt = now();
    const alarm = await alarmOf(first);
    const shown = alarm && (await this.#shownAt(alarm, chatId, storedAt + this.#deadlineMs));
    return {
      alarmId: alarm?.id ?? null,
      publishedAt,
      confirmedAt,
      receivedAt: Math.max(...events.map((event) => event?.receivedAt ?? 0)),
      storedAt,
      shownAt: shown,
      problem: shown === null ? `it was not shown within ${this.#deadlineMs / 1_000} s` : null,
      ...about,
    };
  }

  /** What came back of each; `null`: it did not in time. */
  #storedEvents(): Promise<readonly (AlarmEvent | null)[]> {
    const late = (): Error => new Error("late");
    return Promise.all(
      this.#probes.map(({ stored }) => withDeadline(stored, this.#deadlineMs, late).catch(() => null)),
    );
  }

  async #shownAt(alarm: Alarm, chatId: number, deadlineAt: number): Promise<number | null> {
    const { decisions, now, after } = this.#options;
    while (now() < deadlineAt) {
      const found = await decisions(alarm.id, chatId, 5);
      const shown = found.findLast((decision) => decision.action === "send" && wasMade(decision));
      if (shown) return shown.decidedAt;
      await new Promise<void>((resolve) => after(LOOK_MS, resolve));
    }
    return null;
  }

  #say({ id, topic, severity }: ProbeName, state: "active" | "cleared"): Promise<void> {
    const payload = JSON.stringify({ id, message: MESSAGE, severity, source: DRILL_SOURCE, state });
    return this.#options.publish({ topic, payload, isRetained: false });
  }

  async #end(ended: readonly ProbeName[]): Promise<void> {
    await Promise.all(ended.map((probe) => this.#say(probe, "cleared")));
    await this.#options.keyValue.write(NAME, []);
  }
}
