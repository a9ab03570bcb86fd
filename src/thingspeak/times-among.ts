import { z } from "zod";
import type { Exchange } from "./exchange.ts";

/** Which channel is asked for which of its times. */
interface Asked {
  readonly channelId: number;
  readonly key: string | null;
  /** Epoch ms, at whole seconds. */
  readonly times: readonly number[];
  readonly signal: AbortSignal;
}

const ANSWER = z.object({ feeds: z.array(z.object({ created_at: z.unknown() })) });
/** In one answer; of more, it has the newest (FACTS: A3). */
const MAX_ROWS = 8_000;

/** Those of some times that a channel has an entry of; `null`: it cannot be read. */
export async function timesAmong(exchange: Exchange, asked: Asked): Promise<ReadonlySet<number> | null> {
  const found: number[] = [];
  let rest = asked.times.toSorted((a, b) => a - b);
  for (;;) {
    const [first, newest] = [rest[0], rest.at(-1)];
    if (first === undefined || newest === undefined) return new Set(found);
    const told = await timesWithin(exchange, asked, first, newest);
    if (told === null) return null;
    const there = new Set(told);
    found.push(...rest.filter((at) => there.has(at)));
    const oldest = told.length < MAX_ROWS ? -Infinity : Math.min(newest, told[0] ?? newest);
    rest = rest.filter((at) => at < oldest);
  }
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
  if (status !== 200) return null;
  const answer = ANSWER.safeParse(JSON.parse(body));
  return answer.success ? answer.data.feeds.map(({ created_at }) => Date.parse(String(created_at))) : null;
}
