import { z } from "zod";
import type { Clock } from "../lib/time/clock.ts";
import { SET_BACK_MS } from "../lib/time/clock-watch.ts";
import { createFormerClock, type FormerClock } from "../lib/time/former-clock.ts";
import { newestAt } from "./set-back.ts";
import type { Queries } from "./sql/database.ts";
import { readValue, type KeyValue } from "./sql/key-value.ts";

/** Names in the store what our clock shows. */
const CLOCK = "clock";
/** As exactly the next run knows how far our clock was ahead of its own. */
const SIGN_MS = 60_000;
/** After a shorter pause, whoever goes on may well go by the same clock. */
const SAME_CLOCK_MS = 120_000;

/** What a clock showed when somebody began to go by it, and what it showed at the newest; epoch ms. */
const signForm = z.object({ since: z.number(), until: z.number() });

/** The clock of the run before, and when our own, or one that agrees with it, began to be gone by. */
export interface ClockHistory {
  readonly formerClock: FormerClock;
  /** Epoch ms. */
  readonly clockSince: number;
}

/**
 * What the next run must know and changes too often to be written each time, and what our clock shows; to be called about once a second.
 * @param parts what there is to be known, by the names under which it is kept
 * @param clockSince see `ClockHistory`
 */
export function createKeeping(
  keyValue: Pick<KeyValue, "write">,
  parts: Readonly<Record<string, () => unknown>>,
  { now, elapsed }: Pick<Clock, "now" | "elapsed">,
  clockSince: number,
) {
  const written = new Map<string, string>();
  /** By the clock that nobody sets: what was noted before ours was set was noted by another one. */
  const begunAt = elapsed() - (now() - clockSince);
  /** The newest sign, and when it was noted by the clock that nobody sets. */
  let sign = { until: Number.NEGATIVE_INFINITY, notedAt: Number.NEGATIVE_INFINITY };
  return async (): Promise<void> => {
    let hasChanged = false;
    for (const [name, read] of Object.entries(parts)) {
      const content = read();
      const text = JSON.stringify(content);
      if (written.get(name) === text) continue;
      await keyValue.write(name, content);
      written.set(name, text);
      hasChanged = true;
    }
    // Beside what ends at an instant: how much of it was left then tells the next run how much is left at the most.
    const isDue = elapsed() - sign.notedAt >= SIGN_MS || now() < sign.until;
    if (!hasChanged && !isDue) return;
    const [until, notedAt] = [now(), elapsed()];
    await keyValue.write(CLOCK, { since: until - (notedAt - begunAt), until });
    sign = { until, notedAt };
  };
}

/** What is known of the clock of the run before; an earlier version left only what it noted of events. */
export async function readClockHistory(queries: Pick<Queries, "all">, now: () => number): Promise<ClockHistory> {
  const { data } = signForm.safeParse(await readValue(queries, CLOCK));
  const until = data?.until ?? (await newestAt(queries));
  const aheadMs = Math.max(0, until - now());
  const isSame = data !== undefined && aheadMs <= SET_BACK_MS && now() - until <= SAME_CLOCK_MS;
  return {
    formerClock: createFormerClock(now, { aheadMs, since: data?.since ?? Number.POSITIVE_INFINITY }),
    clockSince: isSame ? data.since : now(),
  };
}
