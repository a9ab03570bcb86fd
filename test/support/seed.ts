import * as fc from "fast-check";

/**
 * Every run of the tests draws the same cases: what it says of a commit is not luck. `npm run fuzz`, and whoever asks for a number of
 * runs, draws new ones.
 */
const SEED = 20_261_126;

if (process.env["FUZZ_RUNS"] === undefined && process.env["PROOF_RUNS"] === undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
}
