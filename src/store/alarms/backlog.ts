import type { Database } from "../sql/database.ts";

/** How much waits to be shown, over all chats. */
export interface Backlog {
  readonly waiting: number;
  /** Since when the oldest waits; epoch ms. */
  readonly oldestSince: number | null;
  /** Cards that Telegram refused for good; they are tried again when their alarm changes. */
  readonly refused: number;
  /** What Telegram said to one of them. */
  readonly refusal: string | null;
}

/** What waits, and what was refused. */
export async function readBacklog(database: Database): Promise<Backlog> {
  const [pending] = await database.all<{ waiting: number; oldest: number | null }>(
    "SELECT COUNT(*) AS waiting, MIN(pending_since) AS oldest FROM cards WHERE is_pending = 1",
  );
  const [refused] = await database.all<{ refused: number; refusal: string | null }>(
    "SELECT COUNT(*) AS refused, MAX(refusal) AS refusal FROM cards WHERE refusal IS NOT NULL",
  );
  return {
    waiting: pending?.waiting ?? 0,
    oldestSince: pending?.oldest ?? null,
    refused: refused?.refused ?? 0,
    refusal: refused?.refusal ?? null,
  };
}
