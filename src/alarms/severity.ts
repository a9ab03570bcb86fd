import type { Severity } from "./types.ts";

/** The words that plants use, and what they mean here. */
const WORDS: Readonly<Record<string, Severity>> = {
  info: "info",
  information: "info",
  notice: "info",
  warn: "warning",
  warning: "warning",
  error: "error",
  err: "error",
  critical: "critical",
  crit: "critical",
  fatal: "critical",
  emergency: "critical",
};

/** The severity that a word names, in any case; `null` if it names none. */
export function severityOf(word: string): Severity | null {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(WORDS, key) ? (WORDS[key] ?? null) : null;
}
