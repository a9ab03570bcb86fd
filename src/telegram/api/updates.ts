import { setTimeout } from "node:timers/promises";
import type { Bot, BotError, Context } from "grammy";
import { systemClock } from "../../lib/time/clock.ts";
import { createLoop, type Loop } from "../../lib/time/loop.ts";
import type { Logger } from "../../lib/log.ts";
import { reasonOf } from "./failure.ts";
import type { Inbox } from "./inbox.ts";

/** Receives updates for as long as the program runs. */
export interface Updates {
  start(): void;
  /** Takes no more; resolves when the answers under way are done. */
  stop(): Promise<void>;
}

/** What both ways to receive them are made from. */
export interface UpdatesOptions<C extends Context> {
  readonly bot: Bot<C>;
  readonly inbox: Pick<Inbox, "take" | "left">;
  readonly log: Logger;
  /** Called when receiving begins, until it succeeds; nothing waits for it. */
  readonly onReady: () => Promise<void>;
  /** Whether what is delivered may be taken; left out: always. A poll is not begun then (link.ts). */
  readonly mayTake?: () => boolean;
  /** Between two tries. */
  readonly retryMs?: number;
}

/** One person's long answer never holds up another's; more than this at once is a flood, and the rest waits at Telegram. */
export const MAX_AT_ONCE = 50;
export const ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"] as const;

/** grammY types its signals after an older library's; the platform's own works. */
export type GrammySignal = NonNullable<Parameters<Bot["api"]["getMe"]>[0]>;

export const RETRY_MS = 3_000;
const SETTLE_MS = 5;

/**
 * Begins to receive, and begins anew after a while whenever that ends, for whatever reason.
 * @param receive ends when updates do not come any more; rejects if they do not begin to. `began` is to be called when they do.
 * @param underWay how many answers are
 */
export function createSupervisor<C extends Context>(
  { bot, inbox, log, onReady, retryMs = RETRY_MS }: UpdatesOptions<C>,
  options: {
    readonly receive: (began: () => void, signal: AbortSignal) => Promise<void>;
    readonly onStop: () => Promise<void>;
    readonly underWay: () => number;
  },
): Updates {
  const stopped = new AbortController();
  const { signal } = stopped;
  let isReady = false;
  let isTakenUp = false;
  /** How many that an earlier run left are being answered. */
  let takenUp = 0;
  /** Why they do not come, told already. */
  let reason: string | null = null;

  const receiving = again(retryMs, async () => {
    try {
      if (!bot.isInited()) bot.botInfo = await bot.api.getMe(signal as GrammySignal);
      await takeUp();
      if (!signal.aborted) await options.receive(begin, signal);
    } catch (error) {
      if (!signal.aborted) tell(reasonOf(error));
    }
    return false;
  });
  const readying = again(retryMs, async () => {
    try {
      if (!isReady) await onReady();
      return (isReady = true);
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, "could not register the commands; trying again");
      return false;
    }
  });

  /** Answers first what an earlier run did not live to answer: it came before all else. */
  async function takeUp(): Promise<void> {
    if (isTakenUp || signal.aborted) return;
    const left = await inbox.left();
    isTakenUp = true;
    for (const update of left) {
      takenUp += 1;
      void bot
        .handleUpdate(update)
        .catch((error: unknown) => bot.errorHandler(error as BotError<C>))
        .finally(() => (takenUp -= 1));
    }
  }

  function begin(): void {
    reason = null;
    readying.wake();
  }

  function tell(text: string): void {
    if (text !== reason) log.error({ reason: text }, "Telegram updates do not come; trying again");
    reason = text;
  }

  return {
    start: receiving.wake,
    async stop() {
      stopped.abort();
      // Nobody waits for the list of commands.
      void readying.stop();
      const received = receiving.stop();
      await options.onStop();
      await received;
      // Cut off, a question would be asked and then forgotten.
      while (options.underWay() + takenUp > 0) await setTimeout(SETTLE_MS);
    },
  };
}

/** Does `work` until it says that it is done, so long apart. */
const again = (everyMs: number, work: () => Promise<boolean>): Loop =>
  createLoop({
    step: async () => ((await work()) ? null : everyMs),
    clock: systemClock,
    onError: () => undefined,
  });

/** Waits, but not for a program that stops. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal, ref: false }).catch(() => undefined);
