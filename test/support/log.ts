import { pino } from "pino";

/** A log that says nothing. */
export const silentLog = pino({ level: "silent" });

/** A log that keeps its lines. */
export function collectingLog() {
  const lines: string[] = [];
  return {
    log: pino({ base: null }, { write: (line: string) => void lines.push(line) }),
    lines: () => lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
  };
}
