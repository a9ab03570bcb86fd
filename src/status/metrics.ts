import { Counter, Gauge } from "./prometheus.ts";
import { SEVERITIES, rankOf } from "../alarms/types.ts";
import type { Backlog } from "../store/alarms/pending.ts";
import type { Database } from "../store/sql/database.ts";
import type { Delays } from "../lib/main-thread.ts";
import type { StatusSources } from "./status.ts";

/** Where the numbers come from that are looked up when somebody asks; what is counted all the time is in meters.ts. */
export interface MetricSources extends Pick<
  StatusSources,
  "mqtt" | "loops" | "store" | "watchdog" | "lease" | "version" | "startedAt" | "now"
> {
  readonly telegram: () => Pick<ReturnType<StatusSources["telegram"]>, "isUp">;
  readonly database: Database;
  readonly isHealthy: () => Promise<boolean>;
  /** How much was dropped since the start, by kind, and how much could not be read. */
  readonly droppedTotals: () => ReadonlyMap<string, number>;
  readonly unreadTotal: () => number;
  readonly mainThread: () => Delays;
}

/** The sources, with what they said just now where that takes a while. */
export interface Look extends MetricSources {
  readonly backlog: Backlog;
  readonly isUp: boolean;
  readonly stored: number;
  /** How many alarms of each rank are active. */
  readonly active: ReadonlyMap<number, number>;
}

/** A value, with its labels if it has some. */
type MetricSample = readonly [value: number, labels?: Readonly<Record<string, string>>];

/** A metric that is looked up. */
interface LookedUp {
  readonly name: string;
  readonly help: string;
  readonly type: typeof Gauge | typeof Counter;
  readonly labels?: readonly string[];
  readonly samples: (look: Look) => readonly MetricSample[];
}

/** Every metric that is looked up; docs/monitoring.md has a row for each. */
export const METRICS: readonly LookedUp[] = [
  {
    name: "valvomo_info",
    help: "Which version runs.",
    type: Gauge,
    labels: ["version"],
    samples: ({ version }) => [[1, { version }]],
  },
  {
    name: "valvomo_up",
    help: "Whether /healthz says that all is well.",
    type: Gauge,
    samples: ({ isUp }) => [[Number(isUp)]],
  },
  {
    name: "valvomo_standbys",
    help: "Processes that stand by to take over.",
    type: Gauge,
    samples: (look) => [[standbys(look)]],
  },
  {
    name: "valvomo_link_up",
    help: "Whether a link stands.",
    type: Gauge,
    labels: ["link"],
    samples: ({ mqtt, telegram }) => [
      [Number(mqtt().isConnected), { link: "broker" }],
      [Number(telegram().isUp), { link: "telegram" }],
    ],
  },
  {
    name: "valvomo_broker_loop_up",
    help: "Whether what we publish comes back by an alarm filter; left out while that is not known.",
    type: Gauge,
    labels: ["filter"],
    samples: ({ loops }) =>
      loops().flatMap(({ filter, state }): MetricSample[] =>
        state === "unknown" ? [] : [[Number(state === "passes"), { filter }]],
      ),
  },
  {
    name: "valvomo_broker_loop_seconds",
    help: "How long the newest that came back was on its way.",
    type: Gauge,
    labels: ["filter"],
    samples: ({ loops }) =>
      loops().flatMap(({ filter, delayMs }): MetricSample[] =>
        delayMs === null ? [] : [[delayMs / 1_000, { filter }]],
      ),
  },
  {
    name: "valvomo_events_total",
    help: "Messages that were stored as events, ever.",
    type: Counter,
    samples: ({ stored }) => [[stored]],
  },
  {
    name: "valvomo_alarms_active",
    help: "Alarms that are active, by severity.",
    type: Gauge,
    labels: ["severity"],
    samples: ({ active }) => SEVERITIES.map((severity) => [active.get(rankOf(severity)) ?? 0, { severity }]),
  },
  {
    name: "valvomo_cards_waiting",
    help: "Cards that are yet to be shown.",
    type: Gauge,
    samples: ({ backlog }) => [[backlog.waiting]],
  },
  {
    name: "valvomo_cards_oldest_wait_seconds",
    help: "For how long the oldest of them waits.",
    type: Gauge,
    samples: ({ backlog: { oldestSince }, now }) => [
      [oldestSince === null ? 0 : Math.max(0, now() - oldestSince) / 1_000],
    ],
  },
  {
    name: "valvomo_cards_refused",
    help: "Cards that Telegram refused for good.",
    type: Gauge,
    samples: ({ backlog }) => [[backlog.refused]],
  },
  {
    name: "valvomo_dropped_total",
    help: "What came and was not looked at, or not whole, since the start.",
    type: Counter,
    labels: ["what"],
    samples: ({ watchdog, droppedTotals, unreadTotal }) => [
      [watchdog().unwatched, { what: "live message" }],
      [unreadTotal(), { what: "unread" }],
      ...[...droppedTotals()].map(([what, count]): MetricSample => [count, { what }]),
    ],
  },
  ...(["p50", "p99", "max"] as const).map((which) => ({
    name: `nodejs_eventloop_lag_${which}_seconds`,
    help: `How late the main thread came to what was due, ${which}: the worst of this minute and the one before.`,
    type: Gauge,
    samples: ({ mainThread }: Look): readonly MetricSample[] => [[mainThread()[which]]],
  })),
  {
    name: "process_start_time_seconds",
    help: "Since when it runs.",
    type: Gauge,
    samples: ({ startedAt }) => [[startedAt / 1_000]],
  },
  {
    name: "process_resident_memory_bytes",
    help: "Memory of the whole process.",
    type: Gauge,
    samples: () => [[process.memoryUsage.rss()]],
  },
  {
    name: "nodejs_heap_size_used_bytes",
    help: "Of it, what JavaScript uses in the main thread.",
    type: Gauge,
    samples: () => [[process.memoryUsage().heapUsed]],
  },
  {
    name: "process_cpu_seconds_total",
    help: "Time on the processor.",
    type: Counter,
    samples() {
      const { user, system } = process.cpuUsage();
      return [[(user + system) / 1e6]];
    },
  },
];

/** Beside ourselves, and beside one that was active until now. */
const standbys = ({ lease }: MetricSources): number => {
  const [, ...others] = lease.processes();
  return others.filter(({ isHeard, isActive }) => isHeard && !isActive).length;
};
