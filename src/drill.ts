import type { Destination } from "./alarms/route.ts";
import type { Alarm, AlarmEvent } from "./alarms/types.ts";
import { withDeadline } from "./deadline.ts";
import type { Publication } from "./mqtt/publish.ts";
import type { DecisionRecord } from "./store/decisions.ts";

/** When a test alarm passed each point of its way; epoch ms, `null`: it did not get there. */
export interface DrillReport {
  readonly alarmId: number | null;
  readonly publishedAt: number;
  /** The broker has it. */
  readonly confirmedAt: number | null;
  /** It came back to us. */
  readonly receivedAt: number | null;
  readonly storedAt: number | null;
  /** Telegram has shown it. */
  readonly shownAt: number | null;
  /** What went wrong, for an admin; `null`: nothing. */
  readonly problem: string | null;
}

/** Sends a marked test alarm the whole way: to the broker, back, through the store, into one chat. */
export interface Drill {
  /** Where the cards of a test alarm go: to who asked for it last, or to nobody after a restart; `null`: it is no test. */
  destinationsOf(alarm: Alarm): readonly Destination[] | null;
  /** To be called when what came from the broker is stored. */
  stored(events: readonly AlarmEvent[]): void;
  /** Resolves when it is over, in any case; `null`: another one is under way. */
  run(to: Destination): Promise<DrillReport | null>;
}

const DEADLINE_MS = 10_000;
/** How often one looks whether it is shown. */
const LOOK_MS = 50;
const LEVEL = "valvomo-drill";
const SOURCE = "Valvomo drill";

/**
 * Creates it.
 * @param options.topics the filters by which alarms come; a test goes to a topic that the first of them takes
 */
export function createDrill(options: {
  readonly topics: readonly string[];
  readonly publish: (publication: Publication) => Promise<void>;
  readonly alarmOf: (event: AlarmEvent) => Promise<Alarm | null>;
  readonly decisions: (alarmId: number, chatId: number, limit: number) => Promise<readonly DecisionRecord[]>;
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  /** For each half of the way: to here, and into the chat. */
  readonly deadlineMs?: number;
}): Drill {
  const { publish, alarmOf, decisions, now, after, deadlineMs = DEADLINE_MS } = options;
  const topic = (options.topics[0] ?? LEVEL).replace(/[#+]/g, LEVEL);
  let current: Passage | null = null;
  let isRunning = false;

  const say = (id: string, state: "active" | "cleared"): Promise<void> => {
    const content = {
      id,
      // Without a name: it stays with the broker, too. The audit log has it.
      message: "DRILL: a test of the whole way. Nothing has happened.",
      severity: "critical",
      source: SOURCE,
      state,
    };
    return publish({ topic, payload: JSON.stringify(content), isRetained: false });
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

  async function pass({ id, to, stored }: Passage): Promise<DrillReport> {
    const nothing = { alarmId: null, confirmedAt: null, receivedAt: null, storedAt: null, shownAt: null };
    const publishedAt = now();
    try {
      await say(id, "active");
    } catch (error) {
      return { ...nothing, publishedAt, problem: `the broker did not take it: ${String(error)}` };
    }
    const confirmedAt = now();
    const lost = new Error(`it did not come back: may we publish to ${topic}, and do we get what is published there?`);
    const event = await withDeadline(stored, deadlineMs, () => lost).catch(() => null);
    if (event === null) return { ...nothing, publishedAt, confirmedAt, problem: lost.message };
    const storedAt = now();
    const alarm = await alarmOf(event);
    const shown = alarm && (await shownAt(alarm, to.chatId, storedAt + deadlineMs));
    return {
      alarmId: alarm?.id ?? null,
      publishedAt,
      confirmedAt,
      receivedAt: event.receivedAt,
      storedAt,
      shownAt: shown,
      problem: shown === null ? `it was not shown within ${deadlineMs / 1_000} s` : null,
    };
  }

  return {
    destinationsOf(alarm) {
      if (alarm.topic !== topic || alarm.source !== SOURCE) return null;
      return current === null ? [] : [current.to];
    },
    stored(events) {
      const event = events.find(({ id, state }) => id !== null && id === current?.id && state === "active");
      if (event) current?.onStored(event);
    },
    async run(to) {
      if (isRunning) return null;
      isRunning = true;
      current = createPassage(to, now());
      try {
        const report = await pass(current);
        // Also when it failed: what comes late must not stand as an alarm.
        await say(current.id, "cleared").catch(() => undefined);
        return report;
      } finally {
        isRunning = false;
      }
    },
  };
}

/** A test on its way. */
interface Passage {
  readonly id: string;
  readonly to: Destination;
  readonly stored: Promise<AlarmEvent>;
  readonly onStored: (event: AlarmEvent) => void;
}

function createPassage(to: Destination, at: number): Passage {
  const { promise: stored, resolve: onStored } = Promise.withResolvers<AlarmEvent>();
  return { id: `drill ${at}`, to, stored, onStored };
}
