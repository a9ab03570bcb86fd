import { z } from "zod";
import type { Clock } from "../lib/time/clock.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import type { RetryAfter } from "./retry-after.ts";
import type { Spent } from "./window.ts";

const claim = z.enum(["urgent", "answer", "other"]);
const kept = z.object({
  /** Until when Telegram wants to hear nothing, of anybody and of each chat; epoch ms. */
  tokenUntil: z.number(),
  waits: z.array(z.tuple([z.number(), z.number()])),
  /** For each group: when the calls that still count ended, epoch ms, and for whom they were. */
  calls: z.array(z.tuple([z.number(), z.array(z.tuple([z.number(), claim]))])),
});

/** What of the pace the next run must know, since Telegram counts on and does not know that we are another process. */
export type KeptPace = z.infer<typeof kept>;

/** Its name in the store. */
export const PACE = "pace";

/** What nobody kept. */
export const NOTHING: KeptPace = { tokenUntil: 0, waits: [], calls: [] };

/** Reads what an earlier run kept; nothing, if nobody can. Of a wait no more is left than was when it was kept. */
export function readKeptPace(content: unknown, { ends, happened }: Pick<FormerClock, "ends" | "happened">): KeptPace {
  const { tokenUntil, waits, calls } = kept.safeParse(content).data ?? NOTHING;
  return {
    tokenUntil: ends(tokenUntil),
    waits: waits.map(([chatId, until]) => [chatId, ends(until)]),
    calls: calls.map(([chatId, ended]) => [chatId, ended.map(([at, whom]) => [happened(at), whom])]),
  };
}

/** What is asked for, and what still counts, by the clock that nobody sets. */
interface PastPace {
  readonly waits: ReturnType<RetryAfter["waits"]>;
  readonly calls: Iterable<readonly [chatId: number, ended: readonly Spent[]]>;
}

/** Telegram asks for no more at once than a day; what seems to be more an earlier version kept while the clock was ahead. */
const MAX_WAIT_MS = 24 * 3_600_000;

/** As this run counts; what lies ahead has just been. */
export function revive({ tokenUntil, waits, calls }: KeptPace, clock: Pick<Clock, "now" | "elapsed">): PastPace {
  const leftMs = (until: number): number => Math.min(MAX_WAIT_MS, Math.max(0, until - clock.now()));
  const endOf = (at: number): number => clock.elapsed() - Math.max(0, clock.now() - at);
  return {
    waits: { tokenMs: leftMs(tokenUntil), chats: waits.map(([chatId, until]) => [chatId, leftMs(until)]) },
    calls: calls.map(([chatId, ended]) => [chatId, ended.map(([at, whom]) => ({ endedAt: endOf(at), claim: whom }))]),
  };
}

/** As the next run is to find it. */
export function toKept({ waits, calls }: PastPace, clock: Pick<Clock, "now" | "elapsed">): KeptPace {
  const until = (ms: number): number => Math.round(clock.now() + ms);
  const endOf = (elapsedAt: number): number => Math.round(clock.now() + elapsedAt - clock.elapsed());
  return {
    tokenUntil: waits.tokenMs === 0 ? 0 : until(waits.tokenMs),
    waits: waits.chats.map(([chatId, ms]) => [chatId, until(ms)]),
    calls: [...calls].flatMap(([chatId, ended]): KeptPace["calls"] =>
      ended.length === 0 ? [] : [[chatId, ended.map(({ endedAt, claim: whom }) => [endOf(endedAt), whom])]],
    ),
  };
}
