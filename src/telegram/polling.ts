import { run, type RunnerHandle } from "@grammyjs/runner";
import type { Context } from "grammy";
import { ALLOWED_UPDATES, createSupervisor, RETRY_MS, type Updates, type UpdatesOptions } from "./updates.ts";

/** Twice what Telegram hands over at once (FACTS: C1), or the runner would fetch a flood one by one. */
const POLLED_AT_ONCE = 200;

/**
 * Long polling that never ends for good: grammY's runner gives up on 401 and 409, and grammY's own start waits up to 20
 * minutes between its tries, so both are begun anew after three seconds. A webhook that was set before is taken back.
 */
export function createPolling<C extends Context>(options: UpdatesOptions<C>): Updates {
  const { bot, retryMs = RETRY_MS } = options;
  let runner: RunnerHandle | null = null;
  return createSupervisor(options, {
    async receive(began, signal) {
      await bot.api.deleteWebhook();
      if (signal.aborted) return;
      runner = run(bot, {
        runner: { fetch: { allowed_updates: ALLOWED_UPDATES }, retryInterval: retryMs, silent: true },
        sink: { concurrency: POLLED_AT_ONCE },
      });
      began();
      await runner.task();
    },
    async onStop() {
      if (runner?.isRunning()) await runner.stop();
    },
    // The runner does not wait for them.
    underWay: () => runner?.size() ?? 0,
  });
}
