import type { Problem } from "../lib/text/parsed.ts";
import { dayOf, readingAt } from "../lib/time/wall-clock.ts";

/** A problem with its sentence. */
export function problem(sentence: string): Problem {
  return { problem: sentence };
}

/**
 * How to type a period, for the end of a sentence; with the day before now, of which there is something to see.
 * @param now epoch ms
 */
export const howToType = (zone: string, now: number): string => {
  const day = exampleDay(zone, now);
  return `Type a day such as ${day}, a day and a time such as ${day} 14:30, or a length such as 24h.`;
};

/** Yesterday, or another day so long ago, as an example of one: `2026-11-22`. */
export const exampleDay = (zone: string, now: number, daysAgo = 1): string =>
  new Date(dayOf(readingAt(now, zone), -daysAgo)).toISOString().slice(0, 10);

/** Echoing more than this would bury the sentence. */
export const ECHO_LIMIT = 40;

/** What somebody typed, for use in a sentence. */
export function quoteTyped(text: string): string {
  return text === "" || text.length > ECHO_LIMIT ? "that" : `“${text}”`;
}
