import type { Clock } from "../lib/time/clock.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import type { Logger } from "../lib/log.ts";
import type { OutboxBacklog, OutboxKind, OutboxRow, OutboxStorage, WaitingRow } from "../store/outbox.ts";

/** What is sent, and where to. */
type Outgoing = Pick<OutboxRow, "target" | "payload" | "isRetained">;

/**
 * Sends one row. Resolves with `null` when the other side has it, and with the reason in words when it never will; rejects if it is
 * worth another try. `signal` aborts when the program stops.
 */
export type Send = (outgoing: Outgoing, signal: AbortSignal) => Promise<string | null>;

/** How it stands with one kind. */
export interface OutboxStatus extends Omit<OutboxBacklog, "oldestAt"> {
  /** Since when the oldest waits, epoch ms; `null`: nothing does. */
  readonly oldestAt: number | null;
  /** Why the newest try of this run failed; `null`: it did not, or there was none. */
  readonly failure: string | null;
}

/** Brings out what is stored to go out. */
export interface Outbox {
  /** Takes up what an earlier run left. */
  start(): void;
  /** Says that rows were added; cheap, and never lost. */
  wake(): void;
  /** What waits, and what fails; only kinds of which there is something to say. */
  status(): Promise<readonly OutboxStatus[]>;
  /** Why the second path does not work, by the newest try of each of its kinds. */
  secondPathFailures(): readonly string[];
  /** Gives up what is under way (it is sent again by the next run), and resolves when nothing is any more. */
  stop(): Promise<void>;
}

interface OutboxOptions {
  readonly store: OutboxStorage;
  readonly clock: Clock;
  readonly log: Logger;
  readonly send: Readonly<Record<OutboxKind, Send>>;
  /** Topics that the broker does not take for now, each with the reason in words: what is for them waits, and nothing waits for it. */
  readonly refused?: () => ReadonlyMap<string, string>;
  /** Whether this process may send, of several that share a database; left out: always. */
  readonly maySend?: () => boolean;
  /** To be told that something was not sent, and will be tried again. */
  readonly onRetry?: (kind: OutboxKind) => void;
}

/** Until it is told whether this process may send. */
const STANDBY_MS = 1_000;
/** What waited for longer is not sent any more: by then the chats can be reached, or somebody has found it. */
export const SECOND_PATH_FOR_MS = 4 * 3_600_000;
const KINDS = ["mqtt", "secondTopic", "secondUrl"] as const;

/**
 * Sends the rows of each kind in order, one at a time, each until it is sent: at least once, whatever happens to this
 * program, since a row goes only after its send resolved. What is for the second path ends when its alarm does, or is acknowledged, or
 * after hours. No kind waits for another.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const lanes = KINDS.map((kind) => createLane(kind, options));
  const wake = () => {
    for (const lane of lanes) lane.wake();
  };
  return {
    start: wake,
    wake,
    async status() {
      const waiting = await options.store.waiting();
      const held = options.refused?.().get((await options.store.oldest("mqtt"))?.target ?? "") ?? null;
      return lanes.flatMap((lane): OutboxStatus[] => {
        const { kind } = lane;
        const [count, oldestAt] = waiting
          .filter((one) => one.kind === kind)
          .map((one) => [one.count, one.oldestAt] as const)[0] ?? [0, null];
        const failure = (kind === "mqtt" ? held : null) ?? lane.failure();
        return count === 0 && failure === null ? [] : [{ kind, count, oldestAt, failure }];
      });
    },
    secondPathFailures: () =>
      lanes.flatMap((lane) => (lane.kind === "mqtt" ? [] : [lane.failure()])).filter((failure) => failure !== null),
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

/** The rows of one kind. */
interface Lane extends Loop {
  readonly kind: OutboxKind;
  failure(): string | null;
}

function createLane(kind: OutboxKind, options: OutboxOptions): Lane {
  const { store, clock, log, send, refused = () => new Map(), maySend = () => true, onRetry } = options;
  const stopping = new AbortController();
  let failure: string | null = null;
  /** That nothing is sent for now is told once an outage, not once a minute. */
  let isTold = false;

  /** Sends the oldest row, after which there may be another one. */
  async function step(): Promise<number | null> {
    const row = await store.oldest(kind, [...refused().keys()]);
    if (!row) return null;
    const end = endOf(row);
    // It is the next one's, or ours in a moment: nothing failed.
    if (end === null && !maySend()) return STANDBY_MS;
    if (end === null) await deliver(row);
    else {
      log.warn({ kind, alarm: row.alarm?.id, createdAt: row.createdAt, end }, "no longer told by the second path");
      await store.delete(row.id);
    }
    isTold = false;
    return 0;
  }

  async function deliver(row: OutboxRow): Promise<void> {
    failure = await sent(row);
    await store.delete(row.id);
    if (failure !== null) log.error({ kind, reason: failure }, "outbox: refused for good");
    else if (isTold) log.info({ kind, createdAt: row.createdAt }, "outbox: sending again");
  }

  /** What it fails of is noted; that the store fails tells nothing of the way out. */
  async function sent(row: OutboxRow): Promise<string | null> {
    try {
      return await send[kind](row, stopping.signal);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** Why a row is not sent any more. A clock that was set back makes nothing old. */
  function endOf({ kind: what, ended, createdAt }: WaitingRow): string | null {
    return ended ?? (what !== "mqtt" && clock.now() - createdAt >= SECOND_PATH_FOR_MS ? "too old" : null);
  }

  const loop = createLoop({
    step,
    // A new row does not cut a wait short: the one before it goes first.
    waitsOut: true,
    clock,
    onError(error) {
      if (stopping.signal.aborted) return;
      onRetry?.(kind);
      if (!isTold) log.warn({ err: error, kind }, "outbox: not sent; trying until it is");
      isTold = true;
    },
  });
  return {
    kind,
    wake: loop.wake,
    failure: () => failure,
    async stop() {
      stopping.abort();
      await loop.stop();
    },
  };
}
