import { createDropped } from "../../src/health/dropped.ts";
import { ALWAYS_HELD } from "../../src/lease/held-lease.ts";
import { createUnreadCounts } from "../../src/measurements/unread.ts";
import { createMeters, type Meters } from "../../src/status/meters.ts";
import { createMetrics } from "../../src/status/metrics-page.ts";
import { silentLog } from "./log.ts";
import { openTables } from "./store.ts";

const NOW = Date.UTC(2026, 10, 23, 1);

/** The metrics of a program that has an empty database, and of which everything else is known. */
export interface StartedMetrics extends Meters {
  /** What is written. */
  readonly read: () => Promise<string>;
  close(): Promise<void>;
}

/** Four updates of strangers were dropped, five values not understood, and three cards wait, the oldest for 90 s. */
export async function startMetrics(): Promise<StartedMetrics> {
  const database = await openTables();
  const now = () => NOW;
  const dropped = createDropped({ now, log: silentLog });
  dropped.add("strangers", 4);
  const unread = createUnreadCounts({ now });
  for (let i = 0; i < 5; i++) unread.add("a", Buffer.from("?"));
  const meters = createMeters();
  const read = createMetrics(
    {
      mqtt: () => ({
        isConnected: true,
        since: NOW,
        broker: "broker:8883",
        error: null,
        passedOver: [],
        refusedTopics: new Map<string, string>(),
        subscriptions: [],
        isContested: false,
        storeError: null,
      }),
      loops: () => [{ topic: "a", filter: 'a"b\\c\nd/#', state: "passes", delayMs: 40 }],
      telegram: () => ({ isUp: false }),
      store: {
        cards: { backlog: async () => ({ waiting: 3, oldestSince: NOW - 90_000, refused: 1, refusal: "no" }) },
        history: { lastEventAt: async () => NOW },
      },
      watchdog: () => ({ watched: 0, learning: 0, unwatched: 2, bridges: [], troubles: [] }),
      lease: ALWAYS_HELD,
      database,
      isHealthy: async () => true,
      droppedTotals: dropped.totals,
      unreadTotal: unread.total,
      mainThread: () => ({ p50: 0.001, p99: 0.02, max: 0.3 }),
      version: "1.2.3",
      startedAt: NOW - 1_000,
      now,
    },
    meters.registry,
  );
  return { ...meters, read, close: () => database.close() };
}
