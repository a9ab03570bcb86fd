/** One number with its labels. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Behind the metric's name. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** Numbers of one kind, for Prometheus. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** How long something takes: seconds, counted by the least bound that they are within. */
export interface Histogram {
  observe(seconds: number): void;
  samples(): readonly Sample[];
}

/** From a tenth of a millisecond to where people notice. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Starts to count. */
export function createHistogram(): Histogram {
  const within = BOUNDS.map(() => 0);
  let [count, sum] = [0, 0];
  return {
    observe(seconds) {
      count += 1;
      sum += seconds;
      for (const [i, bound] of BOUNDS.entries()) if (seconds <= bound) within[i] = (within[i] ?? 0) + 1;
    },
    samples: () => [
      ...BOUNDS.map((bound, i): Sample => ({
        suffix: "_bucket",
        labels: { le: String(bound) },
        value: within[i] ?? 0,
      })),
      { suffix: "_bucket", labels: { le: "+Inf" }, value: count },
      { suffix: "_sum", value: sum },
      { suffix: "_count", value: count },
    ],
  };
}

/** Prometheus' text format 0.0.4. Written here, as prom-client takes 6 MB: https://prometheus.io/docs/instrumenting/exposition_formats. */
export function toPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix = "", labels = {}, value }) => `${name}${suffix}${labelsOf(labels)} ${value}`),
      "",
    ])
    .join("\n");
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escape)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escape = (character: string): string => (character === "\n" ? "\\n" : `\\${character}`);
