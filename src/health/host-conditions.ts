import { missing } from "../lease/words.ts";
import { formatBytes } from "../lib/text/number.ts";
import { formatDuration } from "../lib/time/time.ts";
import { diskLevel } from "./disk.ts";
import type { SelfCondition, SelfFacts } from "./self-facts.ts";

/** One that is started anew is back in less, and a take-over is told by itself. */
const STANDBY_PATIENCE_MS = 60_000;

/** Whether one of those that could take over is gone. */
export function standbyCondition({ processes, now }: SelfFacts): SelfCondition | null {
  if (processes.length === 0) return null;
  const gone = missing(processes);
  if (gone.some(({ seenAt }) => now - seenAt < STANDBY_PATIENCE_MS)) return null;
  const names = gone.map(({ pid, host }) => `process ${pid} on ${host}`).join(", ");
  const message = `${names} fell silent and is not back: one process fewer can take over if this one ends. /status says who is there.`;
  return { id: "standby", severity: "warning", isForAdmins: true, message: gone.length === 0 ? null : message };
}

/** So far apart clocks are that somebody keeps in order. */
const CLOCK_MS = 5_000;

/** Whether our clock and PostgreSQL’s are apart. */
export function clockCondition({ processes, clockAheadMs }: SelfFacts): SelfCondition | null {
  const [me] = processes;
  if (me === undefined) return null;
  const [apart, way] = [
    formatDuration(1_000 * Math.round(Math.abs(clockAheadMs) / 1_000)),
    clockAheadMs > 0 ? "ahead of" : "behind",
  ];
  const message = `The clock of ${me.host} is ${apart} ${way} PostgreSQL’s, which Valvomo goes by. Either of them may be wrong: set both by NTP.`;
  return {
    id: "clock",
    severity: "warning",
    isForAdmins: true,
    message: Math.abs(clockAheadMs) < CLOCK_MS ? null : message,
  };
}

/** Whether anything can be stored. */
export function storeCondition({ store: { failure } }: SelfFacts): SelfCondition {
  const message = `Nothing can be stored: ${failure?.reason ?? ""}. New alarms are not shown; they wait at the broker for as long as it keeps them. ${failure?.remedy ?? ""}; /status says how it is.`;
  return {
    id: "store",
    severity: "critical",
    isForAdmins: true,
    isSaidDirectly: true,
    message: failure === null ? null : message,
  };
}

/** Two alarms: who has seen that it gets low has not seen that it is nearly full. */
export function diskCondition({ disk: space, databaseName }: SelfFacts): readonly SelfCondition[] {
  if (space === null) return [];
  const level = diskLevel(space);
  const room = `${formatBytes(space.freeBytes)} of ${formatBytes(space.totalBytes)}`;
  const message = `Only ${room} are free on the disk of ${databaseName}. When it is full, no alarm can be stored or shown. Make room, or set KEEP_HISTORY_SIZE lower: the database takes ${formatBytes(space.usedBytes)}.`;
  return [
    { id: "disk low", severity: "warning", isForAdmins: true, message: level === "ok" ? null : message },
    { id: "disk nearly full", severity: "critical", isForAdmins: true, message: level === "error" ? message : null },
  ];
}
