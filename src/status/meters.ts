import { Counter, Histogram, Registry } from "prom-client";

/** What is counted while the program works, from its start on. */
export interface Meters {
  /** Of this program alone, not of the whole process. */
  readonly registry: Registry;
  /** A commit that waits for the disk took so long. */
  committed(seconds: number): void;
  /** A call of the Bot API ended. */
  called(result: string): void;
}

/** From a tenth of a millisecond to where people notice. */
const COMMIT_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** Starts to count. */
export function createMeters(): Meters {
  const registry = new Registry();
  const registers = [registry];
  const commits = new Histogram({
    name: "valvomo_commit_seconds",
    help: "How long it took until what came was safe on the disk.",
    buckets: COMMIT_BOUNDS,
    registers,
  });
  const calls = new Counter({
    name: "valvomo_telegram_calls_total",
    help: "Calls of the Bot API, by how they ended: limited is 429.",
    labelNames: ["result"],
    registers,
  });
  return {
    registry,
    committed: (seconds) => commits.observe(seconds),
    called: (result) => calls.inc({ result }),
  };
}
