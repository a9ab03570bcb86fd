import { setImmediate, setTimeout } from "node:timers/promises";

/** What this process does alone mostly ends within as many turns of its event loop. */
const TURNS = 20;
/** Whoever waits for longer waits for another process or a clock: looking without a pause would take a core from it. */
const PAUSE_MS = 2;

/** Waits until a condition holds, looking again and again; the error says what was waited for. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<Exclude<Awaited<T>, false | null | undefined | 0>> {
  const deadline = Date.now() + timeoutMs;
  for (let turn = 0; ; turn += 1) {
    const value = await condition();
    if (value) return value as Exclude<Awaited<T>, false | null | undefined | 0>;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    if (turn >= TURNS) await setTimeout(PAUSE_MS);
    await setImmediate();
  }
}
