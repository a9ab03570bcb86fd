import type { Queries } from "../sql/database.ts";
import { keepBad } from "./arrivals.ts";
import { chunksOf } from "./rows.ts";
import type { BadMessage, ChannelState, WaitingEntry } from "./types.ts";

/** Notes that a call with these entries goes out. */
export async function beginCall(
  { run }: Queries,
  channelId: number,
  entries: readonly WaitingEntry[],
  at: number,
): Promise<void> {
  for (const chunk of chunksOf(entries.map((entry) => entry.at))) {
    const places = chunk.map((_, i) => `$${i + 3}`).join(", ");
    await run(
      `UPDATE bridge_entries SET call_at = $1 WHERE channel_id = $2 AND at IN (${places})`,
      at,
      channelId,
      ...chunk,
    );
  }
  await run("UPDATE bridge_channels SET called_at = $2, result = NULL WHERE channel_id = $1", channelId, at);
}

/** Notes what came of it. */
export async function settleCall(
  queries: Queries,
  state: ChannelState,
  gone: readonly number[],
  bad: readonly BadMessage[],
): Promise<void> {
  const { run } = queries;
  const { channelId } = state;
  for (const chunk of chunksOf(gone)) {
    const places = chunk.map((_, i) => `$${i + 2}`).join(", ");
    await run(`DELETE FROM bridge_entries WHERE channel_id = $1 AND at IN (${places})`, channelId, ...chunk);
  }
  await run("UPDATE bridge_entries SET call_at = NULL WHERE channel_id = $1 AND call_at IS NOT NULL", channelId);
  await keepBad(queries, bad);
  await keepState(run, state);
}

/** Notes how a channel is. */
export const keepState = (run: Queries["run"], state: ChannelState): Promise<number> =>
  run(
    `UPDATE bridge_channels SET called_at = $2, result = $3, failures = $4, next_at = $5, parked = $6, year = $7, taken = $8
     WHERE channel_id = $1`,
    state.channelId,
    state.calledAt,
    state.result,
    state.failures,
    state.nextAt,
    state.parked,
    state.year,
    state.taken,
  );
