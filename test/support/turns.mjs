import { writeFileSync } from "node:fs";

/**
 * Loaded before a program (`--import`), it tells how long one turn of its event loop took at most, in processor time of the main thread,
 * which other programs do not change: at SIGUSR2 that is written to the file that `TURNS_FILE` names, and forgotten.
 */
let [longestMs, before] = [0, process.threadCpuUsage()];

function look() {
  const { user, system } = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longestMs = Math.max(longestMs, (user + system) / 1_000);
}

setInterval(look, 1).unref();
process.on("SIGUSR2", () => {
  look();
  writeFileSync(process.env.TURNS_FILE, JSON.stringify({ longestMs }));
  longestMs = 0;
});
