import { SEVERITIES, rankOf } from "../alarms/types.ts";
import type { Database } from "../store/database.ts";
import { lastNumber } from "../store/numbers.ts";
import type { StatusSources } from "./status.ts";
import type { Histogram, Metric } from "./prometheus.ts";

/** Where the numbers come from, besides the status. */
export interface MetricSources extends Pick<
  StatusSources,
  "mqtt" | "loops" | "store" | "silence" | "lease" | "version" | "startedAt" | "now"
> {
  readonly telegram: () => Pick<ReturnType<StatusSources["telegram"]>, "isUp">;
  /** Calls of the Bot API since the start, by how they ended. */
  readonly calls: () => ReadonlyMap<string, number>;
  readonly commits: Histogram;
  readonly database: Database;
  readonly isHealthy: () => Promise<boolean>;
}

/** Beside ourselves, and beside one that was active until now. */
const standbys = ({ lease }: MetricSources): number => {
  const [, ...others] = lease.processes();
  return others.filter(({ isHeard, isActive }) => isHeard && !isActive).length;
};

/** Looks at everything that has a number. */
export async function readMetrics(sources: MetricSources): Promise<Metric[]> {
  const { mqtt, loops, telegram, store, silence, calls, commits, database, version, startedAt, now } = sources;
  const [backlog, isHealthy, events, active] = await Promise.all([
    store.backlog(),
    sources.isHealthy(),
    lastNumber(database, "event"),
    database.all<{ rank: number; count: number }>(
      "SELECT severity AS rank, COUNT(*) AS count FROM alarms WHERE state = 'active' GROUP BY severity",
    ),
  ]);
  const waitMs = backlog.oldestSince === null ? 0 : Math.max(0, now() - backlog.oldestSince);
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge("valvomo_info", "Which version runs.", { value: 1, labels: { version } }),
    gauge("valvomo_up", "Whether /healthz says that all is well.", { value: Number(isHealthy) }),
    gauge("valvomo_standbys", "Processes that stand by to take over.", { value: standbys(sources) }),
    gauge(
      "valvomo_link_up",
      "Whether a link stands.",
      { value: Number(mqtt().isConnected), labels: { link: "broker" } },
      { value: Number(telegram().isUp), labels: { link: "telegram" } },
    ),
    gauge(
      "valvomo_broker_loop_up",
      "Whether what we publish comes back by an alarm filter; left out while that is not known.",
      ...loops().flatMap(({ filter, state }) =>
        state === "unknown" ? [] : [{ value: Number(state === "passes"), labels: { filter } }],
      ),
    ),
    gauge(
      "valvomo_broker_loop_seconds",
      "How long the newest that came back was on its way.",
      ...loops().flatMap(({ filter, delayMs }) =>
        delayMs === null ? [] : [{ value: delayMs / 1_000, labels: { filter } }],
      ),
    ),
    counter("valvomo_events_total", "Messages that were stored as events, ever.", { value: events }),
    gauge(
      "valvomo_alarms_active",
      "Alarms that are active, by severity.",
      ...SEVERITIES.map((severity) => ({
        value: active.find(({ rank }) => rank === rankOf(severity))?.count ?? 0,
        labels: { severity },
      })),
    ),
    gauge("valvomo_cards_waiting", "Cards that are yet to be shown.", { value: backlog.waiting }),
    gauge("valvomo_cards_oldest_wait_seconds", "For how long the oldest of them waits.", { value: waitMs / 1_000 }),
    gauge("valvomo_cards_refused", "Cards that Telegram refused for good.", { value: backlog.refused }),
    counter(
      "valvomo_telegram_calls_total",
      "Calls of the Bot API, by how they ended: limited is 429.",
      ...[...calls()].map(([result, value]) => ({ value, labels: { result } })),
    ),
    counter("valvomo_dropped_total", "What came and was not looked at, as there was too much.", {
      value: silence().unwatched,
      labels: { what: "live message" },
    }),
    {
      name: "valvomo_commit_seconds",
      help: "How long it took until what came was safe on the disk.",
      type: "histogram",
      samples: commits.samples(),
    },
    gauge("process_start_time_seconds", "Since when it runs.", { value: startedAt / 1_000 }),
    gauge("process_resident_memory_bytes", "Memory of the whole process.", { value: rss }),
    gauge("nodejs_heap_size_used_bytes", "Of it, what JavaScript uses in the main thread.", { value: heapUsed }),
    counter("process_cpu_seconds_total", "Time on the processor.", { value: (user + system) / 1e6 }),
  ];
}

const gauge = (name: string, help: string, ...samples: Metric["samples"]): Metric => ({
  name,
  help,
  type: "gauge",
  samples,
});

const counter = (name: string, help: string, ...samples: Metric["samples"]): Metric => ({
  name,
  help,
  type: "counter",
  samples,
});
