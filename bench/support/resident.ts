import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Resident memory of a process, its threads included, in MB. */
export const residentMb = (pid: number | undefined): number => memoryMb(pid, "VmRSS");

/** The most that it ever was; where the system does not know, what it is now. */
export const peakMb = (pid: number | undefined): number => memoryMb(pid, "VmHWM");

function memoryMb(pid: number | undefined, name: "VmRSS" | "VmHWM"): number {
  const status = `/proc/${pid}/status`;
  const kib = existsSync(status)
    ? new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" });
  return (Number(kib) * 1_024) / 1e6;
}

/** Linux counts it in these. */
const TICK_MS = 10;

/** How much of the processors a process has had since it was started, ms; Linux only. */
export function processorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
