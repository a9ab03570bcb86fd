import { DRILL_SOURCE } from "../alarms/payloads/own.ts";
import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm, Destination, Severity } from "../alarms/types.ts";
import { doubtOf, topicMeantBy } from "../alarms/alarm-filter.ts";
import { withDeadline } from "../lib/time/deadline.ts";
import type { Publication } from "../mqtt/publish.ts";
import type { DecisionRecord } from "../store/alarms/decisions.ts";
import type { KeyValue } from "../store/sql/facts.ts";

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

/**
 * Sends marked test alarms the way of a plant's messages, one for each filter: to the broker, on a topic that the filter was meant
 * to take; back, through the store, and into one chat. All must come back; the first is critical and rings, as alarms do that matter.
 */
export interface Drill {
  /** Whether something is one of our tests. */
  isTest(alarm: Pick<Alarm, "topic" | "source">): boolean;
  /** Where the cards of test alarms go: to who asked for it last, or to nobody after a restart; `null`: it is no test. */
  destinationsOf(alarm: Alarm): readonly Destination[] | null;
  /** To be called when what came from the broker is stored. */
  stored(events: readonly AlarmEvent[]): void;
  /** Resolves when it is over, in any case; `null`: another one is under way. */
  run(to: Destination): Promise<DrillReport | null>;
  /** To be called when the broker can be told: ends the test alarms that a run left which did not live to end them. */
  clear(): Promise<void>;
}

const DEADLINE_MS = 10_000;
/** How often one looks whether it is shown. */
const LOOK_MS = 50;
const LEVEL = "valvomo-drill";
/** Names in the facts the test alarms that are not ended yet. */
const NAME = "drill";

/**
 * Publishes one test alarm for each filter, waits until all are back and shown, and ends them.
 * @param options.filters those by which alarms come
 */
export function createDrill(options: {
  readonly filters: readonly string[];
  readonly publish: (publication: Publication) => Promise<void>;
  readonly alarmOf: (event: AlarmEvent) => Promise<Alarm | null>;
  readonly facts: Pick<KeyValue, "read" | "write">;
  readonly decisions: (alarmId: number, chatId: number, limit: number) => Promise<readonly DecisionRecord[]>;
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** For each half of the way: to here, and into the chat. */
  readonly deadlineMs?: number;
}): Drill {
  const { filters, publish, alarmOf, facts, decisions, now, after, deadlineMs = DEADLINE_MS } = options;
  const topics = [...new Set(filters.map((filter) => topicMeantBy(filter, LEVEL)))];
  let destination: Destination | null = null;
  let probes: readonly Probe[] = [];
  let isRunning = false;

  const say = ({ id, topic, severity }: ProbeName, state: "active" | "cleared"): Promise<void> => {
    // Without a name: it stays with the broker, too. The audit log has it.
    const message = "DRILL: a test of the whole way. Nothing has happened.";
    return publish({
      topic,
      payload: JSON.stringify({ id, message, severity, source: DRILL_SOURCE, state }),
      isRetained: false,
    });
  };

  async function shownAt(alarm: Alarm, chatId: number, deadlineAt: number): Promise<number | null> {
    while (now() < deadlineAt) {
      const found = await decisions(alarm.id, chatId, 5);
      const shown = found.findLast(({ action, result }) => action === "send" && result === "ok");
      if (shown) return shown.decidedAt;
      await new Promise<void>((resolve) => after(LOOK_MS, resolve));
    }
    return null;
  }

  async function pass(chatId: number): Promise<DrillReport> {
    const about = { topics, doubts: filters.flatMap((filter) => doubtOf(filter) ?? []) };
    const nothing = { alarmId: null, confirmedAt: null, receivedAt: null, storedAt: null, shownAt: null, ...about };
    const publishedAt = now();
    try {
      await Promise.all(probes.map((probe) => say(probe, "active")));
    } catch (error) {
      return { ...nothing, publishedAt, problem: `the broker did not take it: ${String(error)}` };
    }
    const confirmedAt = now();
    const late = (): Error => new Error("late");
    const events = await Promise.all(
      probes.map(({ stored }) => withDeadline(stored, deadlineMs, late).catch(() => null)),
    );
    const lost = topics.filter((_, i) => events[i] === null);
    const [first] = events;
    if (lost.length > 0 || !first) {
      const where = lost.join(" and ");
      const problem = `it did not come back: may we publish to ${where}, and do we get what is published there?`;
      return { ...nothing, publishedAt, confirmedAt, problem };
    }
    const storedAt = now();
    const alarm = await alarmOf(first);
    const shown = alarm && (await shownAt(alarm, chatId, storedAt + deadlineMs));
    return {
      alarmId: alarm?.id ?? null,
      publishedAt,
      confirmedAt,
      receivedAt: Math.max(...events.map((event) => event?.receivedAt ?? 0)),
      storedAt,
      shownAt: shown,
      problem: shown === null ? `it was not shown within ${deadlineMs / 1_000} s` : null,
      ...about,
    };
  }

  async function end(ended: readonly ProbeName[]): Promise<void> {
    await Promise.all(ended.map((probe) => say(probe, "cleared")));
    await facts.write(NAME, []);
  }

  const isTest = ({ topic, source }: Pick<Alarm, "topic" | "source">): boolean =>
    source === DRILL_SOURCE && topics.includes(topic);

  return {
    isTest,
    destinationsOf(alarm) {
      if (!isTest(alarm)) return null;
      return destination === null ? [] : [destination];
    },
    stored(events) {
      for (const event of isRunning ? events : []) {
        const probe = probes.find(({ id, topic }) => id === event.id && topic === event.topic);
        if (event.state === "active") probe?.onStored(event);
      }
    },
    async run(to) {
      if (isRunning) return null;
      isRunning = true;
      destination = to;
      probes = topics.map((topic, i) => createProbe(topic, `drill ${now()}`, i === 0 ? "critical" : "info"));
      try {
        // A store that fails is what a drill is to find.
        await facts.write(NAME, probes.map(nameOf)).catch(() => undefined);
        const report = await pass(to.chatId);
        // Also when it failed: what comes late must not stand as an alarm.
        await end(probes).catch(() => undefined);
        return report;
      } finally {
        isRunning = false;
      }
    },
    async clear() {
      const left = ((await facts.read(NAME)) ?? []) as readonly ProbeName[];
      if (left.length > 0 && !isRunning) await end(left);
    },
  };
}

/** By what a test is known. */
interface ProbeName {
  readonly topic: string;
  readonly id: string;
  readonly severity: Severity;
}

const nameOf = ({ topic, id, severity }: Probe): ProbeName => ({ topic, id, severity });

/** A test on its way. */
interface Probe extends ProbeName {
  readonly stored: Promise<AlarmEvent>;
  readonly onStored: (event: AlarmEvent) => void;
}

function createProbe(topic: string, id: string, severity: Severity): Probe {
  const { promise: stored, resolve: onStored } = Promise.withResolvers<AlarmEvent>();
  return { topic, id, severity, stored, onStored };
}
