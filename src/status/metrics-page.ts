import type { Registry } from "prom-client";
import { lastNumber } from "../store/sql/numbers.ts";
import { METRICS, type Look, type MetricSources } from "./metrics.ts";

/**
 * Puts what can be looked up beside what is counted.
 * @returns to be called for each answer: looks, and writes all that the registry has in Prometheus' text format
 */
export function createMetrics(sources: MetricSources, registry: Registry): () => Promise<string> {
  const metrics = METRICS.map(({ type, name, help, labels = [], samples }) => {
    const metric = new type({ name, help, labelNames: [...labels], registers: [registry] });
    return { metric, samples };
  });
  return async () => {
    const look = await lookUp(sources);
    for (const { metric, samples } of metrics) {
      metric.reset();
      for (const [value, labels = {}] of samples(look)) metric.inc(labels, value);
    }
    return registry.metrics();
  };
}

async function lookUp(sources: MetricSources): Promise<Look> {
  const { store, database } = sources;
  const [backlog, isUp, stored, active] = await Promise.all([
    store.cards.backlog(),
    sources.isHealthy(),
    lastNumber(database, "event"),
    database.all<{ rank: number; count: number }>(
      "SELECT severity AS rank, COUNT(*) AS count FROM alarms WHERE state = 'active' GROUP BY severity",
    ),
  ]);
  return { ...sources, backlog, isUp, stored, active: new Map(active.map(({ rank, count }) => [rank, count])) };
}
