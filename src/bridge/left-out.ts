import type { BadMessage, WaitingEntry } from "../store/bridge/types.ts";

/** Entries that are left out, as their channel has entries of the same times; in the form of what could not be taken. */
export function leftOutOf(channelId: number, entries: readonly WaitingEntry[], now: number): BadMessage {
  const lines = entries.map(({ at, cells }) => [dateOf(at), ...cells].join(","));
  const times = entries.slice(0, 1).map(({ at }) => dateOf(at));
  const problem =
    entries.length === 1
      ? `an entry of ${times[0]} is left out, as the channel has one of that time`
      : `${entries.length} entries from ${times[0]} on are left out, as the channel has entries of their times`;
  return { topic: `channel ${channelId}`, payload: Buffer.from(lines.join("|")), receivedAt: now, problem };
}

const dateOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
