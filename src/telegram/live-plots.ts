import type { Clock } from "../clock.ts";

/** Keeps plots up to date for a while. */
export interface LivePlots {
  /** Whether a message is kept up to date now. */
  has(chatId: number, messageId: number): boolean;
  /**
   * Begins; what was live in that chat before ends.
   * @param everyMs the cadence of what is shown
   * @param redraw resolves with whether the message is still there to be drawn into
   */
  start(chatId: number, messageId: number, everyMs: number, redraw: () => Promise<boolean>): void;
  /** Ends; nothing happens if it was not live. */
  stop(chatId: number, messageId: number): void;
  /** Ends what is live in a chat. */
  stopIn(chatId: number): void;
  stopAll(): void;
}

const HOUR = 3_600_000;
/** Devices of ThingSpeak send no quicker (FACTS: A), and a chat has other things to show. */
const MIN_EVERY_MS = 15_000;
const MAX_EVERY_MS = 600_000;

/**
 * Redraws each at its own cadence for an hour; one a chat.
 * @param options.mayCall whether the chat has room for one more call just now; if not, this round is left out
 */
export function createLivePlots(options: {
  readonly clock: Clock;
  readonly mayCall: (chatId: number) => boolean;
}): LivePlots {
  const { clock, mayCall } = options;
  const live = new Map<number, Live>();

  function stop(chatId: number, messageId: number): void {
    const one = live.get(chatId);
    if (one?.messageId !== messageId) return;
    one.cancel();
    live.delete(chatId);
  }

  function schedule(chatId: number, one: Live): void {
    one.cancel = clock.after(one.everyMs, () => void round(chatId, one));
  }

  async function round(chatId: number, one: Live): Promise<void> {
    const isOver = clock.elapsed() >= one.untilAt;
    // Before the last drawing, so that its buttons say so.
    if (isOver) live.delete(chatId);
    const isThere = !isOver && !mayCall(chatId) ? true : await one.redraw();
    if (live.get(chatId) !== one) return;
    if (isThere) schedule(chatId, one);
    else live.delete(chatId);
  }

  return {
    has: (chatId, messageId) => live.get(chatId)?.messageId === messageId,
    start(chatId, messageId, everyMs, redraw) {
      live.get(chatId)?.cancel();
      const one: Live = {
        messageId,
        redraw,
        everyMs: Math.min(MAX_EVERY_MS, Math.max(MIN_EVERY_MS, everyMs)),
        untilAt: clock.elapsed() + HOUR,
        cancel: () => undefined,
      };
      live.set(chatId, one);
      schedule(chatId, one);
    },
    stop,
    stopIn(chatId) {
      live.get(chatId)?.cancel();
      live.delete(chatId);
    },
    stopAll() {
      for (const { cancel } of live.values()) cancel();
      live.clear();
    },
  };
}

interface Live {
  readonly messageId: number;
  readonly everyMs: number;
  readonly redraw: () => Promise<boolean>;
  /** By a clock that nobody sets; ms. */
  readonly untilAt: number;
  cancel: () => void;
}
