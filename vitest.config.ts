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
/** `npm run proof`: what takes minutes, one after the other, since time is what it measures. */
const proof = {
  include: ["test/proof/**/*.test.ts"],
  testTimeout: 600_000,
  hookTimeout: 30_000,
  maxWorkers: 1,
  globalSetup: ["test/support/shared-postgres.ts"],
  setupFiles: ["test/support/seed.ts"],
};
/** `npm run fuzz`: a hundred times as many cases of each property, for as long as it takes. */
const fuzz = { include: ["test/fuzz/*.test.ts"], testTimeout: 7_200_000, env: { FUZZ_RUNS: "100000" } };

export default defineConfig(({ mode }) => ({ test: mode === "fuzz" ? fuzz : mode === "proof" ? proof : usual }));
