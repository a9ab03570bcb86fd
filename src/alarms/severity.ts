import { SEVERITIES, rankOf, type Severity } from "./types.ts";

/**
 * The words that plants use, and what they mean here: ours, those of X.733 (ITU-T X.733, perceived severity), of syslog (RFC 5424, 6.2.1)
 * and of usual log files, and the plain ones in German, Finnish and Swedish.
 */
const WORDS: Readonly<Record<string, Severity>> = {
  info: "info", information: "info", informational: "info", notice: "info", debug: "info", trace: "info",
  hinweis: "info",
  warn: "warning", warning: "warning", minor: "warning", low: "warning", medium: "warning", moderate: "warning",
  warnung: "warning", varoitus: "warning", varning: "warning",
  error: "error", err: "error", major: "error", high: "error", alarm: "error", fault: "error", failure: "error",
  indeterminate: "error", fehler: "error", störung: "error", virhe: "error", vika: "error", hälytys: "error",
  fel: "error", larm: "error",
  critical: "critical", crit: "critical", fatal: "critical", emergency: "critical", emerg: "critical", alert: "critical",
  panic: "critical", severe: "critical", urgent: "critical", kritisch: "critical", notfall: "critical",
  kriittinen: "critical", kritisk: "critical",
}; // prettier-ignore

/** By syslog's numbers: 0 emergency, 1 alert, 2 critical, 3 error, 4 warning, 5 notice, 6 informational, 7 debug. */
const NUMBERS: readonly Severity[] = ["critical", "critical", "critical", "error", "warning", "info", "info", "info"];

/** A site's own words, in small letters. */
export type SeverityWords = ReadonlyMap<string, Severity>;

/** The severity of a number of syslog's; `null` if it is none. */
export const severityOfNumber = (number: number): Severity | null => NUMBERS[number] ?? null;

/** The severity that a word names, in any case; `null` if it names none. */
export function severityOf(word: string): Severity | null {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(WORDS, key) ? (WORDS[key] ?? null) : null;
}

/**
 * The severity that a member of a message names: a word, or a number of syslog's; of several the worst. `null` if it names none.
 * @param own a site's own words, which come first
 */
export function severitySaid(given: unknown, own: SeverityWords): Severity | null {
  if (Array.isArray(given)) return worstOf(given.map((one) => (Array.isArray(one) ? null : severitySaid(one, own))));
  if (typeof given !== "string" && typeof given !== "number") return null;
  const key = String(given).trim().toLowerCase();
  return own.get(key) ?? (/^\d+$/.test(key) ? severityOfNumber(Number(key)) : severityOf(key));
}

/** The worst of some severities; `null` if there are none. */
export function worstOf(severities: readonly (Severity | null)[]): Severity | null {
  const rank = Math.max(-1, ...severities.map((one) => (one === null ? -1 : rankOf(one))));
  return SEVERITIES[rank] ?? null;
}
