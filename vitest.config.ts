import { defineConfig } from "vitest/config";

const usual = { include: ["test/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 30_000 };
/** `npm run fuzz`: a hundred times as many cases of each property, for as long as it takes. */
const fuzz = { include: ["test/fuzz/*.test.ts"], testTimeout: 7_200_000, env: { FUZZ_RUNS: "100000" } };

export default defineConfig(({ mode }) => ({ test: mode === "fuzz" ? fuzz : usual }));
