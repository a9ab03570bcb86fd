import type { Exchange } from "./exchange.ts";

/** Which channel is asked for which of its times. */
interface Asked {
  readonly channelId: number;
  readonly key: string | null;
  /** Epoch ms, at whole seconds. */
  readonly times: readonly number[];
  readonly signal: AbortSignal;
}

/** In one answer; of more, it has the newest (FACTS: A3). */
const MAX_ROWS = 8_000;

/** Those of some times that a channel has an entry of; `null`: it cannot be read. */
export async function timesAmong(exchange: Exchange, asked: Asked): Promise<ReadonlySet<number> | null> {
  const found: number[] = [];
  let rest = asked.times.toSorted((a, b) => a - b);
  while (rest.length > 0) {
    const newest = rest.at(-1)!;
    const told = await timesWithin(exchange, asked, rest[0]!, newest);
    if (told === null) return null;
    const there = new Set(told);
    found.push(...rest.filter((at) => there.has(at)));
    const oldest = told.length < MAX_ROWS ? -Infinity : Math.min(newest, told[0]!);
    rest = rest.filter((at) => at < oldest);
  }
  return new Set(found);
}

/** Of a period's entries, ends included, the newest `MAX_ROWS`, oldest first. */
async function timesWithin(
  exchange: Exchange,
  { channelId, key, signal }: Asked,
  startAt: number,
  endAt: number,
): Promise<readonly number[] | null> {
  const date = (at: number) => encodeURIComponent(new Date(at).toISOString().slice(0, 19).replace("T", " "));
  const query = `start=${date(startAt)}&end=${date(endAt)}&results=${MAX_ROWS}`;
  const { status, body } = await exchange(`/channels/${channelId}/feeds.json?${query}`, { key }, signal);
  const feeds = status === 200 ? (JSON.parse(body) as { feeds?: unknown }).feeds : null;
  if (!Array.isArray(feeds)) return null;
  return feeds.map((entry: { created_at?: unknown }) => Date.parse(String(entry.created_at)));
}
