import { setImmediate } from "node:timers/promises";

/** Waits until a condition holds, looking again at each turn of the event loop; the error says what was waited for. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<Exclude<Awaited<T>, false | null | undefined | 0>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<Awaited<T>, false | null | undefined | 0>;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await setImmediate();
  }
}
