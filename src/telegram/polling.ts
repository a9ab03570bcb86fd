import { setTimeout } from "node:timers/promises";
import { run, type RunnerHandle } from "@grammyjs/runner";
import type { Bot, Context } from "grammy";
import type { Logger } from "../log.ts";

/** Receives updates for as long as the program runs. */
export interface Polling {
  start(): void;
  stop(): Promise<void>;
}

/** grammY types its signals after an older library's; the platform's own works. */
type GrammySignal = NonNullable<Parameters<Bot["api"]["getMe"]>[0]>;

const RETRY_MS = 3_000;
const SETTLE_MS = 5;
/** One person's long answer never holds up another's; more than this at once is a flood, and the rest waits at Telegram. */
const MAX_AT_ONCE = 50;
const ALLOWED_UPDATES = ["message", "callback_query", "my_chat_member"] as const;

/**
 * Long polling that never ends for good: grammY's runner gives up on 401 and 409, and grammY's own start waits up to 20
 * minutes between its tries, so both are begun anew here after three seconds.
 * @param onReady called when polling begins, until it succeeds; nothing waits for it
 */
export function createPolling<C extends Context>(options: {
  readonly bot: Bot<C>;
  readonly log: Logger;
  readonly onReady: () => Promise<void>;
  /** Between two tries. */
  readonly retryMs?: number;
}): Polling {
  const { bot, log, onReady, retryMs = RETRY_MS } = options;
  const stopped = new AbortController();
  let runner: RunnerHandle | null = null;
  let isReady = false;
  let supervision: Promise<void> = Promise.resolve();

  async function supervise(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        if (!bot.isInited()) bot.botInfo = await bot.api.getMe(stopped.signal as GrammySignal);
        if (stopped.signal.aborted) return;
        runner = run(bot, {
          runner: { fetch: { allowed_updates: ALLOWED_UPDATES }, retryInterval: retryMs, silent: true },
          sink: { concurrency: MAX_AT_ONCE },
        });
        void ready();
        await runner.task();
      } catch (error) {
        if (!stopped.signal.aborted) log.error({ reason: String(error) }, "Telegram polling ended; trying again");
      }
      await pause();
    }
  }

  async function ready(): Promise<void> {
    while (!isReady && !stopped.signal.aborted) {
      try {
        await onReady();
        isReady = true;
      } catch (error) {
        log.warn({ reason: String(error) }, "could not register the commands; trying again");
        await pause();
      }
    }
  }

  const pause = (): Promise<void> =>
    setTimeout(retryMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);

  return {
    start() {
      supervision = supervise();
    },
    async stop() {
      stopped.abort();
      if (runner?.isRunning()) await runner.stop();
      await supervision;
      // The runner does not wait for the answers under way; cut off, a question would be asked and then forgotten.
      while (runner && runner.size() > 0) await setTimeout(SETTLE_MS);
    },
  };
}
