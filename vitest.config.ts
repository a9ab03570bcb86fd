import { defineConfig } from "vitest/config";
import LongestFirst from "./test/support/longest-first.ts";

const everywhere = {
  hookTimeout: 30_000,
  setupFiles: ["test/support/seed.ts"],
};
/** Most of a test's time is waiting for sockets and processes: three files at once keep two cores busy. */
const test = { ...everywhere, testTimeout: 20_000, maxWorkers: 3 };
/** Each has a process of its own, as it looks at what a process has open, has loaded, or keeps in memory. */
const apart = ["app/program", "mqtt/sieve", "people/people", "queries/read-among"].map(
  (name) => `test/${name}.test.ts`,
);
const tests = [
  { ...test, name: "apart", include: apart },
  {
    ...test,
    name: "together",
    include: ["test/**/*.test.ts"],
    exclude: ["test/proof/**", ...apart],
    // A process for each, with all modules anew, took half a second of a core and more, most of it before the first test.
    isolate: false,
  },
];
/** `npm run proof`: what takes minutes. */
const proof = { ...everywhere, testTimeout: 600_000 };
const proofsNamed = (...names: readonly string[]): string[] => names.map((name) => `test/proof/${name}.test.ts`);
/** Those that mostly wait: three at once. */
const waiting = proofsNamed(
  "access-list",
  "bridge-refused",
  "broker",
  "brokers",
  "database",
  "devices",
  "examples",
  "frozen",
  "full-disk",
  "move",
  "next-broker",
  "odd",
  "older-copy",
  "plants-reload",
  "plant",
  "postgres",
  "postgres-crash",
  "primary",
  "recipe",
  "rivals",
  "silence",
  "standby",
  "survive",
  "take-over",
  "thesis",
);
/** Those whose clock the test moves: they never wait, and none takes more than one core. */
const clocked = proofsNamed("away", "bad-day", "clock", "many", "model", "what-if", "what-if-any");
/** All others measure time, and are one after the other. */
const proofs = [
  { ...proof, name: "waiting", include: waiting, maxWorkers: 3, sequence: { groupOrder: 0 } },
  { ...proof, name: "clocked", include: clocked, maxWorkers: 2, sequence: { groupOrder: 1 } },
  {
    ...proof,
    name: "alone",
    include: ["test/proof/**/*.test.ts"],
    exclude: [...waiting, ...clocked],
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
  },
];
/** `npm run fuzz`: a hundred times as many cases of each property, for as long as it takes. */
const fuzz = { include: ["test/fuzz/*.test.ts"], testTimeout: 7_200_000, env: { FUZZ_RUNS: "100000" } };

export default defineConfig(({ mode }) => ({
  test:
    mode === "fuzz"
      ? fuzz
      : {
          projects: (mode === "proof" ? proofs : tests).map((project) => ({ test: project })),
          globalSetup: ["test/support/shared-postgres.ts"],
          sequence: { sequencer: LongestFirst },
        },
}));
