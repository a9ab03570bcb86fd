import { setTimeout } from "node:timers/promises";
import { MAX_CATCH_UP_MS, type SimulatedPlant } from "./plant.ts";
import { isNow } from "./scan.ts";
import type { SimulatedMessage } from "./message.ts";

/** What a plant publishes on and listens to. */
export interface PlantLink {
  /** Resolves when the broker has it. */
  publish(message: SimulatedMessage): Promise<void>;
  /** Calls `listener` for each message that fits the filter. */
  listen(filter: string, listener: (payload: Buffer) => void): Promise<void>;
}

const TICK_MS = 500;

/**
 * Lets a plant run until it has run for `forMs` or `signal` aborts. It begins at `from` and goes `speed` times as fast as the clock
 * until it is at the present; then as fast as the clock.
 * @param options.from epoch ms, not ahead of `now`
 * @param options.say is told what became of commands
 */
export async function runPlant(options: {
  readonly plant: SimulatedPlant;
  readonly link: PlantLink;
  readonly from: number;
  readonly forMs: number;
  readonly speed: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}): Promise<void> {
  const { plant, link, from, forMs, speed, now, signal, say } = options;
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const listening = plant.hears.map(({ filter, take }) =>
    link.listen(filter, (payload) => {
      const sentence = take(payload);
      if (sentence !== null) say(sentence);
    }),
  );
  await Promise.race([aborted, Promise.all(listening)]);
  /** While the link is down this takes as long as that lasts. */
  const publish = (messages: readonly SimulatedMessage[]): Promise<unknown> =>
    Promise.race([aborted, Promise.all(messages.map((message) => link.publish(message)))]);
  const startedAt = now();
  // The end itself is no part of it.
  const endAt = from + forMs - 1;
  let at = from;
  let isAtPresent = false;
  await publish(plant.tick(at, now()));
  while (at < endAt && !signal.aborted) {
    const goal = Math.min(endAt, now(), from + (now() - startedAt) * speed);
    while (at < goal && !signal.aborted) {
      // One that was at the present has slept with its computer, and does not tell all that it missed.
      at = isAtPresent ? goal : Math.min(goal, at + MAX_CATCH_UP_MS);
      await publish(plant.tick(at, now()));
    }
    isAtPresent = isNow(at, now());
    if (at < endAt) await setTimeout(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
  if (signal.aborted) return;
  await publish([...plant.flush(now()), ...(plant.will === null ? [] : [plant.will])]);
}
