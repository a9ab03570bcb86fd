import { pino, type Logger } from "pino";
import type { Redact } from "./redact.ts";

export type { Logger };

/** What JSON leaves as it is, though terminals do something about it: later controls, other ends of lines, other directions. */
const RAW = /[\u007f-\u009f\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * JSON lines on standard output, one for each call, whatever text from outside is in it. Secrets are kept out at the source, and
 * cut out here all the same.
 */
export function createLogger(options: {
  readonly level: string;
  readonly redact: Redact;
  readonly write?: (line: string) => void;
}): Logger {
  const { level, redact, write = (line) => void process.stdout.write(line) } = options;
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(redact(line).replace(RAW, escape)) },
  );
}

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
