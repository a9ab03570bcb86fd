import type { OwnTrouble } from "../alarms/payloads/own.ts";
import type { Listened, StoredHeartbeat } from "../store/heartbeats.ts";
import { intervalOf, type Heartbeat } from "./heartbeat.ts";

/** What outlives this run. */
export interface HeartbeatStore {
  all(): Promise<readonly StoredHeartbeat[]>;
  /** @param listened `null`: as it was noted last */
  save(changed: readonly StoredHeartbeat[], gone: readonly string[], listened: Listened | null): Promise<void>;
  /** When the last run listened. */
  listened(): Promise<Listened | null>;
  /** Our own alarms that are active, also those that this part did not raise. */
  activeTroubles(): Promise<readonly OwnTrouble[]>;
}

/** Heartbeats by the key of their monitor. */
export type HeartbeatsByName = ReadonlyMap<string, Heartbeat>;

/** What is to be written, so that the store has what is known. */
export function changesSince(
  saved: HeartbeatsByName,
  present: HeartbeatsByName,
): { readonly changed: readonly StoredHeartbeat[]; readonly gone: readonly string[] } {
  const changed = [...present].flatMap(([name, heartbeat]): StoredHeartbeat[] => {
    const { lastAt } = heartbeat;
    if (lastAt === null || saved.get(name) === heartbeat) return [];
    return [{ name, lastAt, intervalMs: intervalOf(heartbeat) }];
  });
  return { changed, gone: [...saved.keys()].filter((name) => !present.has(name)) };
}
