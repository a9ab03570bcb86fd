import type { Measurement } from "./measurement.ts";
import { parsePeriod, type Period } from "./period.ts";
import { findField } from "./plot-command.ts";
import { isTimeWord, toWords, type Problem } from "./typed-time.ts";

/** Some fields over a period. */
export interface FeedRequest extends Period {
  readonly measurements: readonly Measurement[];
}

/** Used when somebody names no period. */
const DEFAULT_PERIOD = "24h";

/**
 * Reads what follows a command about numbers: a field as behind `/plot`, and then a period. Without a field all of them are
 * meant; without a period, the last 24 hours.
 * @param measurements what the channel has
 * @param zone IANA name
 * @param now epoch ms
 */
export function parseFeedRequest(
  args: string,
  measurements: readonly Measurement[],
  zone: string,
  now: number,
): ({ readonly ok: true } & FeedRequest) | Problem {
  const words = toWords(args);
  // As behind /plot: a word that is no time belongs to the label, even if times stand before it.
  const timeStart = words.findLastIndex((word) => !isTimeWord(word)) + 1;
  const label = words.slice(0, timeStart).join(" ");
  const period = parsePeriod(words.slice(timeStart).join(" ") || DEFAULT_PERIOD, zone, now);
  if (label === "") return period.ok ? { ...period, measurements } : period;
  const found = findField(label, measurements);
  if (!found.ok) return found;
  if (!period.ok) return period;
  return { ...period, measurements: measurements.filter(({ number }) => number === found.field.number) };
}
