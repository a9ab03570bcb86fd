import { performance } from "node:perf_hooks";
import { percentile, type Defer } from "../support/figure.ts";

/** What something of one size cost. */
export interface Point {
  readonly size: number;
  readonly latencyMs: number;
  /** Of the program, at rest after it or at most during it; `null`: it was not measured. */
  readonly memoryMb: number | null;
}

/** How one thing grows. */
export interface Series {
  /** What is counted, as `open alarms`. */
  readonly size: string;
  readonly latency: string;
  readonly memory: string;
  readonly points: readonly Point[];
}

/** Measures one series: what it starts for a size is ended before the next. */
export async function seriesOf(
  names: Omit<Series, "points">,
  sizes: readonly number[],
  measure: (size: number, defer: Defer) => Promise<Omit<Point, "size">>,
): Promise<Series> {
  const points: Point[] = [];
  for (const size of sizes) {
    const ends: (() => Promise<unknown>)[] = [];
    try {
      points.push({ size, ...(await measure(size, (end) => ends.push(end))) });
    } finally {
      for (const end of ends.toReversed()) await end();
    }
    process.stderr.write(`  ${names.size}: ${JSON.stringify(points.at(-1))}\n`);
  }
  return { ...names, points };
}

/** The median of so many runs, one after the other. */
export async function medianOf(runs: number, run: (i: number) => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < runs; i += 1) {
    const beganAt = performance.now();
    await run(i);
    took.push(performance.now() - beganAt);
  }
  return percentile(took, 0.5);
}

/** How steeply it grows over its last tenfold: 0 is flat, 1 proportional; `null`: no such measurement. */
export function steepness({ points }: Series, value: (point: Point) => number | null): number | null {
  const last = points.at(-1);
  const former = points.findLast(({ size }) => last && size * 9 < last.size);
  const [high, low] = [last && value(last), former && value(former)];
  if (!last || !former || !high || !low) return null;
  return Math.log(high / low) / Math.log(last.size / former.size);
}
