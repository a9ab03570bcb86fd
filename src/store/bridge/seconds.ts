import type { Queries } from "../sql/database.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** A free second is looked for so far; where all are taken, behind the newest. */
const LOOK_MS = HOUR_MS;

/** Which seconds of a channel are taken by what waits: read by the hour as they are asked for. */
export async function usedSeconds(queries: Queries, channelId: number) {
  const used = new Map<number, string>();
  const knownHours = new Set<number>();
  const [row] = await queries.all<{ newest: number | null }>(
    "SELECT MAX(at) AS newest FROM bridge_entries WHERE channel_id = $1",
    channelId,
  );
  const newestStored = row?.newest ?? 0;
  let newest = newestStored;

  async function know(hour: number): Promise<void> {
    knownHours.add(hour);
    const found = await queries.all<{ at: number; cells: string }>(
      "SELECT at, cells FROM bridge_entries WHERE channel_id = $1 AND at >= $2 AND at < $3",
      channelId,
      hour * HOUR_MS,
      (hour + 1) * HOUR_MS,
    );
    for (const { at, cells } of found) used.set(at, cells);
  }

  /** What waits under a second; `undefined`: it is free. */
  async function get(at: number): Promise<string | undefined> {
    const hour = Math.floor(at / HOUR_MS);
    if (at <= newestStored && !knownHours.has(hour)) await know(hour);
    return used.get(at);
  }

  return {
    get,
    /** Takes the next free second from a time on. */
    async take(from: number, cells: string): Promise<number> {
      let at = from;
      while ((await get(at)) !== undefined) at = at - from < LOOK_MS ? at + SECOND_MS : newest + SECOND_MS;
      used.set(at, cells);
      newest = Math.max(newest, at);
      return at;
    },
  };
}
