import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { parseArgs } from "node:util";
import { asking } from "./asking.ts";
import { beside } from "./beside/beside.ts";
import { bridge } from "./bridge.ts";
import { cards } from "./cards.ts";
import { coldStart } from "./cold-start.ts";
import { drawing } from "./drawing.ts";
import { floods } from "./floods.ts";
import { growth } from "./growth.ts";
import { large } from "./large.ts";
import { live } from "./live.ts";
import { memory } from "./memory.ts";
import { moving } from "./moving.ts";
import { plants } from "./plants.ts";
import { postgres } from "./postgres.ts";
import { quality } from "./quality.ts";
import { recordings } from "./recordings.ts";
import { brokerName } from "./support/broker.ts";
import type { Bench, Figure } from "./support/figure.ts";
import { soak } from "./soak.ts";
import { stored } from "./stored.ts";
import { sustained } from "./sustained.ts";
import { takeOver } from "./take-over.ts";
import { throughput } from "./throughput.ts";
import { whileDrawing } from "./while-drawing.ts";

/**
 * Measures what docs/benchmarks.md says about speed and memory, on the real program over real sockets, and prints it as a table.
 * `npm run bench`, or `npm run bench -- --only floods --seconds 5` for some of it, and not for so long;
 * what takes an hour only where it is named: `--only soak`, `--only growth`.
 */

const BENCHES: readonly Bench[] = [
  beside,
  asking,
  cards,
  whileDrawing,
  stored,
  throughput,
  plants,
  postgres,
  takeOver,
  sustained,
  floods,
  bridge,
  drawing,
  moving,
  live,
  coldStart,
  memory,
  large,
  quality,
  recordings,
  soak,
  growth,
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, seconds: { type: "string", default: "60" } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error("--seconds takes a number above 0");
  const chosen = BENCHES.filter(({ name, isLong }) => (isLong ? name === values.only : name.includes(values.only)));
  if (chosen.length === 0) throw new Error(`--only takes one of: ${BENCHES.map(({ name }) => name).join(", ")}`);

  const figures: Figure[] = [];
  for (const bench of chosen) {
    process.stderr.write(`${bench.name} …\n`);
    try {
      figures.push(...(await measure(bench, seconds)));
    } catch (error) {
      process.exitCode = 1;
      console.error(`${bench.name} failed:`, error);
    }
  }
  console.log(`\n${await machine()}\n`);
  for (const line of table(figures)) console.log(line);
}

/** Whatever comes of it, what it started is ended. */
async function measure(bench: Bench, seconds: number): Promise<Figure[]> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await bench.run((end) => ends.push(end), seconds);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function machine(): Promise<string> {
  const memoryGb = Math.round(totalmem() / 1e9);
  const cores = availableParallelism();
  return [
    `${cpus()[0]?.model.trim() ?? arch()} · ${cores} cores · ${memoryGb} GB`,
    `Node.js ${process.versions.node} · ${type()} ${release()} · ${await brokerName()}`,
  ].join("\n");
}

function table(figures: readonly Figure[]): string[] {
  const head = ["what", "aim", "measured", ""];
  const body = figures.map(({ what, aim, measured, isMet }) => [what, aim, measured, isMet ? "ok" : "missed"]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  return [head, ...body].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}

await main();
