import type { Clock } from "../../lib/time/clock.ts";
import { createLoop } from "../../lib/time/loop.ts";

/** What a call told about Telegram. */
interface CallSeen {
  readonly isThere: boolean;
  /** By that call something was shown in a chat. */
  readonly isShown: boolean;
  /** Since when it is so at least, by the clock that nobody sets: what was not answered tells of all that time. */
  readonly from: number;
}

/** Notices that Telegram is back as soon as it is, so that nothing waits for longer. */
export interface Comeback {
  note(sign: CallSeen): void;
  stop(): void;
}

/** What was away for less is tried again about as soon by whoever waits. */
const PATIENCE_MS = 2_000;
const MAX_PATIENCE_MS = 60_000;
/** A question without content is answered quickly, or not at all. */
const PROBE_MS = 5_000;

/**
 * Asks Telegram a question without content every two seconds while it is away; whatever call succeeds first tells that it is back. Where
 * it answers questions and shows nothing all the same, that is believed less and less often, up to once a minute: each try of a card may
 * be shown without our knowing.
 * @param options.probe makes a call; what comes of it is noted as of any other
 */
export function createComeback(options: {
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
  readonly onBack: () => void;
  readonly clock: Pick<Clock, "elapsed" | "after">;
}): Comeback {
  const { probe, onBack, clock } = options;
  /** Since when it is away, by the clock that nobody sets; `null`: it is not, as far as is known. */
  let awayFrom: number | null = null;
  let patienceMs = PATIENCE_MS;
  let isStopped = false;
  const loop = createLoop({
    async step() {
      if (awayFrom !== null) await probe(AbortSignal.timeout(PROBE_MS)).catch(() => undefined);
      return awayFrom === null ? null : patienceMs;
    },
    clock,
    // It is away, and asked again.
    onError: () => undefined,
  });

  return {
    note({ isThere, isShown, from }) {
      if (isStopped) return;
      if (!isThere) {
        if (awayFrom === null) loop.wake(patienceMs);
        awayFrom ??= from;
        return;
      }
      if (isShown) patienceMs = PATIENCE_MS;
      const awayMs = awayFrom === null ? 0 : clock.elapsed() - awayFrom;
      awayFrom = null;
      if (awayMs < patienceMs) return;
      if (!isShown) patienceMs = Math.min(MAX_PATIENCE_MS, patienceMs * 2);
      onBack();
    },
    stop() {
      isStopped = true;
      void loop.stop();
    },
  };
}
