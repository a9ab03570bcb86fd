import { defineConfig } from "vitest/config";

/** Most of a test's time is waiting for sockets and processes: three files at once keep two cores busy. */
const usual = { include: ["test/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 30_000, maxWorkers: 3 };
/** `npm run fuzz`: a hundred times as many cases of each property, for as long as it takes. */
const fuzz = { include: ["test/fuzz/*.test.ts"], testTimeout: 7_200_000, env: { FUZZ_RUNS: "100000" } };

export default defineConfig(({ mode }) => ({ test: mode === "fuzz" ? fuzz : usual }));
