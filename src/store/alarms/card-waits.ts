import type { KeptCard } from "./card-row.ts";

/** No card is put off for longer. */
export const MAX_RETRY_MS = 3_600_000;

/** A card that was refused is not tried sooner for what comes once more without a ring, or a reply: that may be ten times a second. */
export const REFUSED_EVERY_MS = 10_000;

/** How a card waits that was not refused yet. */
export const ANEW = { attempts: 0, retryAt: 0, refusal: null } as const;

/** How a refused card waits, if nothing new on it rings; `null`: it was not refused. */
export function refusedFor(
  kept: KeptCard | null,
  now: number,
): Pick<KeptCard, "attempts" | "retryAt" | "refusal"> | null {
  if (!kept || kept.refusal === null) return null;
  const { attempts, retryAt, refusal } = kept;
  return { attempts, retryAt: Math.min(retryAt, now + REFUSED_EVERY_MS), refusal };
}
