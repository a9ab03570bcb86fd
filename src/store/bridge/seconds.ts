import type { Queries } from "../database.ts";

const SECOND_MS = 1_000;
const LOOK_AHEAD_MS = 3_600_000;

/** Which seconds of a channel are taken by what waits, and the next free one from a time on. */
export async function usedSeconds(queries: Queries, channelId: number, times: readonly number[]) {
  const used = new Map<number, string>();
  let knownTo = times.reduce((lowest, at) => Math.min(lowest, at), Infinity) - SECOND_MS;
  const know = async (to: number): Promise<void> => {
    const found = await queries.all<{ at: number; cells: string }>(
      "SELECT at, cells FROM bridge_entries WHERE channel_id = $1 AND at > $2 AND at <= $3",
      channelId,
      knownTo,
      to,
    );
    for (const { at, cells } of found) used.set(at, cells);
    knownTo = to;
  };
  if (times.length > 0) await know(times.reduce((highest, at) => Math.max(highest, at), 0));
  return {
    get: (at: number): string | undefined => used.get(at),
    async take(from: number, cells: string): Promise<number> {
      let at = from;
      for (; ; at += SECOND_MS) {
        if (at > knownTo) await know(at + LOOK_AHEAD_MS);
        if (!used.has(at)) break;
      }
      used.set(at, cells);
      return at;
    },
  };
}
