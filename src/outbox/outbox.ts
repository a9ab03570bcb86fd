import type { Clock } from "../clock.ts";
import type { Logger } from "../log.ts";
import type { OutboxKind, OutboxRow, OutboxStorage } from "../store/outbox.ts";

/** What is sent, and where to. */
type Outgoing = Pick<OutboxRow, "target" | "payload" | "isRetained">;

/**
 * Sends one row. Resolves when the other side has it, or never will and somebody was told; rejects if it is worth another
 * try. `signal` aborts when the program stops.
 */
export type Send = (outgoing: Outgoing, signal: AbortSignal) => Promise<void>;

/** Brings out what is stored to go out. */
export interface Outbox {
  /** Takes up what an earlier run left. */
  start(): void;
  /** Says that rows were added; cheap, and never lost. */
  wake(): void;
  /** Gives up what is under way (it is sent again by the next run), and resolves when nothing is any more. */
  stop(): Promise<void>;
}

interface OutboxOptions {
  readonly store: OutboxStorage;
  readonly clock: Clock;
  readonly log: Logger;
  readonly send: Readonly<Record<OutboxKind, Send>>;
}

const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Sends the rows of each kind in order, one at a time, each until it is sent: at least once, whatever happens to this
 * program, since a row goes only after its send resolved. No kind waits for another.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const lanes = (["mqtt", "https"] as const).map((kind) => createLane(kind, options));
  const wake = () => {
    for (const lane of lanes) lane.wake();
  };
  return {
    start: wake,
    wake,
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

/** The rows of one kind. */
function createLane(kind: OutboxKind, { store, clock, log, send }: OutboxOptions): Pick<Outbox, "wake" | "stop"> {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  let isAwaken = false;
  let cancelRetry: (() => void) | null = null;
  /** In a row. */
  let failures = 0;

  function wake(): void {
    isAwaken = true;
    // A new row does not cut a wait short: the one before it goes first.
    if (stopping.signal.aborted || running || cancelRetry) return;
    running = run().finally(() => {
      running = null;
      if (isAwaken) wake();
    });
  }

  async function run(): Promise<void> {
    isAwaken = false;
    try {
      while (!stopping.signal.aborted && (await sendOldest())) failures = 0;
    } catch (error) {
      if (!stopping.signal.aborted) retry(error);
    }
  }

  /** @returns whether there was one */
  async function sendOldest(): Promise<boolean> {
    const row = await store.oldest(kind);
    if (!row) return false;
    await send[kind](row, stopping.signal);
    await store.delete(row.id);
    if (failures > 0) log.info({ kind, createdAt: row.createdAt }, "outbox: sending again");
    return true;
  }

  function retry(error: unknown): void {
    const afterMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    // An outage is told once, not once a minute.
    if (failures === 0) log.warn({ err: error, kind }, "outbox: not sent; trying until it is");
    failures += 1;
    cancelRetry = clock.after(afterMs, () => {
      cancelRetry = null;
      wake();
    });
  }

  return {
    wake,
    async stop() {
      stopping.abort();
      cancelRetry?.();
      await running;
    },
  };
}
