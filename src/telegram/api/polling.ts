import { run, type RunnerHandle } from "@grammyjs/runner";
import type { Context } from "grammy";
import { toGrammySignal } from "./abort-signals.ts";
import { isUpdate } from "./update-form.ts";
import { ALLOWED_UPDATES, createSupervisor, RETRY_MS, type Updates, type UpdatesOptions } from "./updates.ts";

/** Twice what Telegram hands over at once (FACTS: C1), or the runner would fetch a flood one by one. */
const POLLED_AT_ONCE = 200;

/** The program ends soon after. */
const CONFIRM_MS = 12_000;

/**
 * Long polling that never ends for good: grammY's runner gives up on 401 and 409, and grammY's own start waits up to 20
 * minutes between its tries, so both are begun anew after three seconds. A webhook that was set before is taken back.
 */
export function createPolling<C extends Context>(options: UpdatesOptions<C>): Updates {
  const { bot, inbox, retryMs = RETRY_MS } = options;
  let runner: RunnerHandle | null = null;
  /** The next update that Telegram is to send, and what it surely knows of that: it sends again what it was not told of. */
  let [next, known] = [0, 0];
  let isStopped = false;
  bot.api.config.use(async (call, method, payload, signal) => {
    const answer = await call(method, payload, signal);
    if (method !== "getUpdates" || !answer.ok) return answer;
    known = Math.max(known, "offset" in payload ? Number(payload.offset) : 0);
    // What comes with the last answer is the next run's.
    if (isStopped) return answer;
    const updates = Array.isArray(answer.result) ? answer.result.filter(isUpdate) : [];
    await inbox.take(updates);
    for (const { update_id: id } of updates) next = Math.max(next, id + 1);
    return answer;
  });
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
      isStopped = true;
      if (next <= known) return;
      const late = toGrammySignal(AbortSignal.timeout(CONFIRM_MS));
      await bot.api.getUpdates({ offset: next, limit: 1, timeout: 0 }, late).catch(() => undefined);
    },
    // The runner does not wait for them.
    underWay: () => runner?.size() ?? 0,
  });
}
