import { defineConfig } from "vitest/config";

/** Most of a test's time is waiting for sockets and processes: three files at once keep two cores busy. */
const usual = {
  include: ["test/**/*.test.ts"],
  exclude: ["test/proof/**"],
  testTimeout: 20_000,
  hookTimeout: 30_000,
  maxWorkers: 3,
  globalSetup: ["test/support/shared-postgres.ts"],
  setupFiles: ["test/support/seed.ts"],
};
/** `npm run proof`: what takes minutes. */
const proof = {
  testTimeout: 600_000,
  hookTimeout: 30_000,
  globalSetup: ["test/support/shared-postgres.ts"],
  setupFiles: ["test/support/seed.ts"],
};
/** Those that mostly wait: three at once. All others measure time, and are one after the other. */
const waiting = [
  "access-list",
  "bridge-refused",
  "brokers",
  "database",
  "devices",
  "frozen",
  "full-disk",
  "move",
  "next-broker",
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
].map((name) => `test/proof/${name}.test.ts`);
const proofs = [
  { ...proof, name: "waiting", include: waiting, maxWorkers: 3, sequence: { groupOrder: 0 } },
  {
    ...proof,
    name: "alone",
    include: ["test/proof/**/*.test.ts"],
    exclude: waiting,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
  },
];
/** `npm run fuzz`: a hundred times as many cases of each property, for as long as it takes. */
const fuzz = { include: ["test/fuzz/*.test.ts"], testTimeout: 7_200_000, env: { FUZZ_RUNS: "100000" } };

export default defineConfig(({ mode }) => ({
  test: mode === "fuzz" ? fuzz : mode === "proof" ? { projects: proofs.map((test) => ({ test })) } : usual,
}));
