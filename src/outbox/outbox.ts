import type { Clock } from "../lib/time/clock.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import type { Logger } from "../lib/log.ts";
import type { OutboxBacklog, OutboxKind, OutboxRow, OutboxStorage, WaitingRow } from "../store/outbox.ts";

/** What is sent, and where to. */
type OutboxMessage = Pick<OutboxRow, "target" | "payload" | "isRetained">;

/**
 * Sends one row. Resolves with `null` when the other side has it, and with the reason in words when it never will; rejects if it is
 * worth another try. `signal` aborts when the program stops.
 */
export type Send = (outgoing: OutboxMessage, signal: AbortSignal) => Promise<string | null>;

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
  readonly status: () => Promise<readonly OutboxStatus[]>;
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
  const lanes = KINDS.map((kind) => new KindLane(kind, options));
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
class KindLane {
  readonly kind: OutboxKind;
  readonly #options: OutboxOptions;
  readonly #stopping = new AbortController();
  readonly #loop: Loop;
  #failure: string | null = null;
  /** That nothing is sent for now is told once an outage, not once a minute. */
  #isTold = false;

  constructor(kind: OutboxKind, options: OutboxOptions) {
    this.kind = kind;
    this.#options = options;
    this.#loop = createLoop({
      step: () => this.#step(),
      // A new row does not cut a wait short: the one before it goes first.
      waitsOut: true,
      clock: options.clock,
      onError: (error) => this.#failed(error),
    });
  }

  wake(): void {
    this.#loop.wake();
  }

  failure(): string | null {
    return this.#failure;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop.stop();
  }

  /** Sends the oldest row, after which there may be another one. */
  async #step(): Promise<number | null> {
    const { store, clock, log, refused, maySend } = this.#options;
    const { kind } = this;
    const row = await store.oldest(kind, [...(refused?.().keys() ?? [])]);
    if (!row) return null;
    const end = endOf(row, clock.now());
    // It is the next one's, or ours in a moment: nothing failed.
    if (end === null && maySend?.() === false) return STANDBY_MS;
    if (end === null) await this.#deliver(row);
    else {
      log.warn({ kind, alarm: row.alarm?.id, createdAt: row.createdAt, end }, "no longer told by the second path");
      await store.delete(row.id);
    }
    this.#isTold = false;
    return 0;
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const { store, log } = this.#options;
    const { kind } = this;
    this.#failure = await this.#sent(row);
    await store.delete(row.id);
    if (this.#failure !== null) log.error({ kind, reason: this.#failure }, "outbox: refused for good");
    else if (this.#isTold) log.info({ kind, createdAt: row.createdAt }, "outbox: sending again");
  }

  /** What it fails of is noted; that the store fails tells nothing of the way out. */
  async #sent(row: OutboxRow): Promise<string | null> {
    try {
      return await this.#options.send[this.kind](row, this.#stopping.signal);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    const { log, onRetry } = this.#options;
    const { kind } = this;
    if (this.#stopping.signal.aborted) return;
    onRetry?.(kind);
    if (!this.#isTold) log.warn({ err: error, kind }, "outbox: not sent; trying until it is");
    this.#isTold = true;
  }
}

/** Why a row is not sent any more. A clock that was set back makes nothing old. */
function endOf({ kind, ended, createdAt }: WaitingRow, now: number): string | null {
  return ended ?? (kind !== "mqtt" && now - createdAt >= SECOND_PATH_FOR_MS ? "too old" : null);
}
