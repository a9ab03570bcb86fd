import { pino, type Logger } from "pino";
import type { Redact } from "./redact.ts";

export type { Logger };

/** JSON lines on standard output. Secrets are kept out at the source, and cut out here all the same. */
export function createLogger(options: { readonly level: string; readonly redact: Redact }): Logger {
  return pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void process.stdout.write(options.redact(line)) },
  );
}
