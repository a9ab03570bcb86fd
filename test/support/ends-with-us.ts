import { spawnSync } from "node:child_process";

/** Put before a command, so that none is left behind by tests that are killed, where that can be had (Linux). */
export const endsWithUs = (signal: "QUIT" | "KILL"): readonly string[] =>
  spawnSync("setpriv", ["--pdeathsig", signal, "true"]).status === 0 ? ["setpriv", "--pdeathsig", signal] : [];
