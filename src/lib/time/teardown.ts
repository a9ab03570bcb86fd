import { withDeadline } from "./deadline.ts";
import type { Logger } from "../log.ts";

/** What goes on by itself, or holds something open, until it is stopped. */
export interface Part {
  stop(): Promise<void> | void;
}

/** What was opened and is to be closed: in the opposite order, also where a start failed half-way. */
export interface Teardown {
  /** Adds parts that stop together; they do so before all that was added earlier. What has no end of its own is added as what is done at the end. */
  add(what: string, ...parts: readonly (Part | (() => Promise<void> | void))[]): void;
  /**
   * Stops all of them, the newest first. One that fails is logged and keeps the others from nothing.
   * @param deadlineMs for all together; what is late is left, and what was added before it has 400 ms each
   */
  stop(deadlineMs: number): Promise<void>;
}

/** What is stopped after others were late still gets so long, such as a database: a dozen of them end before a service manager kills (deploy/). */
const LEAST_MS = 400;

/** Begins a lifecycle with nothing in it. */
export function createTeardown(log: Pick<Logger, "error">): Teardown {
  const stack: { readonly what: string; readonly stops: readonly (() => Promise<void> | void)[] }[] = [];

  async function stopTogether(what: string, stops: readonly (() => Promise<void> | void)[]): Promise<void> {
    const results = await Promise.allSettled(stops.map(async (stop) => stop()));
    for (const result of results)
      if (result.status === "rejected") log.error({ err: result.reason }, `${what} did not stop in order`);
  }

  return {
    add(what, ...parts) {
      stack.push({ what, stops: parts.map((part) => (typeof part === "function" ? part : () => part.stop())) });
    },
    async stop(deadlineMs) {
      const endsAt = performance.now() + deadlineMs;
      for (let level = stack.pop(); level !== undefined; level = stack.pop()) {
        const { what, stops } = level;
        const leftMs = Math.max(LEAST_MS, endsAt - performance.now());
        const late = () => new Error(`${what}: not stopped within ${deadlineMs} ms`);
        await withDeadline(stopTogether(what, stops), leftMs, late).catch((error: unknown) =>
          log.error({ err: error }, "stopping anyway"),
        );
      }
    },
  };
}
