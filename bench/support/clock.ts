import { setTimeout } from "node:timers/promises";

/** Milliseconds of the machine's monotonic clock, which all processes on it share; only differences mean anything. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * Waits until a condition holds, looking ten times a second: seldom enough not to take the processor away from what is
 * measured. What it resolves with tells when that was only roughly; timestamps are taken elsewhere.
 */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 30_000, everyMs = 100 } = {},
): Promise<void> {
  const deadline = monotonicMs() + timeoutMs;
  while (!(await condition())) {
    if (monotonicMs() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await setTimeout(everyMs);
  }
}
