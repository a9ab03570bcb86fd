import { createRequire } from "node:module";
import type * as client from "prom-client";

const load = createRequire(import.meta.url);

/** What is used of prom-client. All of it brings OpenTelemetry and more: eighty modules, a twelfth of a start. */
export const Counter: typeof client.Counter = load("prom-client/lib/counter");
export const Gauge: typeof client.Gauge = load("prom-client/lib/gauge");
export const Histogram: typeof client.Histogram = load("prom-client/lib/histogram");
export const Registry: typeof client.Registry = load("prom-client/lib/registry");
