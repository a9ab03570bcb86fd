import { formatCount } from "../lib/text/number.ts";
import { formatDuration, formatWithin } from "../lib/time/time.ts";
import { forecastSentence } from "../measurements/forecast.ts";
import type { SeriesFacts } from "../measurements/statistics.ts";
import type { Period } from "../queries/period.ts";
import type { Statistics } from "../worker/jobs.ts";
import { shortLabels } from "../measurements/label.ts";
import { formatAverage, formatValue, type Measurement } from "../measurements/measurement.ts";

/** One line of a plot: what it is, and its numbers. */
export interface CaptionLine extends Statistics {
  readonly measurement: Measurement;
}

/** Four of them and what is said of them have to find room below a picture. */
const MAX_NAME = 40;

/** So many letters of a title find room beside each other on a phone of 360 px. */
const MAX_TITLE = 30;

/** A name and its period, below it where both do not find room in one line: it would break within a date. */
export const titleOf = (name: string, period: string): string =>
  `${name}${name.length + " · ".length + period.length <= MAX_TITLE ? " · " : "\n"}${period}`;

/** Measurements as captions name them. */
export const captionNames = (measurements: readonly Measurement[]): string[] => shortLabels(measurements, MAX_NAME);

/**
 * What is said of the numbers below a picture: of each field one line, of a single one when its extremes were, too, as far as the period
 * does not make that plain.
 */
export function captionOf(lines: readonly CaptionLine[], period: Period, timeZone: string): string[] {
  const [line, ...others] = lines;
  if (line === undefined) return [];
  if (others.length === 0) return describe(line, (at) => formatWithin(at, period, timeZone));
  const names = captionNames(lines.map(({ measurement }) => measurement));
  return lines.map((one, i) => describeShortly(names[i] ?? "", one));
}

/**
 * `1,412 of 1,440 entries`, or, where nobody knows how many there should be, `424 entries, longest pause 12 min`; what has no number is
 * said, too.
 */
export function completenessOf({
  entries,
  numbers,
  expected,
  longestPauseMs,
}: Pick<SeriesFacts, "entries" | "numbers" | "expected" | "longestPauseMs">): string {
  const isShort = expected !== null && expected > entries;
  const count = isShort
    ? `${formatCount(entries)} of ${formatCount(expected)} entries`
    : `${formatCount(entries)} ${entries === 1 ? "entry" : "entries"}`;
  return [
    count,
    ...(numbers === entries ? [] : [`${formatCount(entries - numbers)} without a number`]),
    ...(expected !== null || longestPauseMs === null ? [] : [`longest pause ${formatDuration(longestPauseMs)}`]),
  ].join(", ");
}

/** How long each limit was passed: `over 80 °C for 2 h 5 min`. */
export function beyondOf({ beyond }: Pick<SeriesFacts, "beyond">, measurement: Measurement): string[] {
  return beyond.map(({ limit: { side, value }, ms }) => {
    const where = `${side === "above" ? "over" : "below"} ${formatValue(value, measurement)}`;
    return `${where} for ${formatDuration(ms)}`;
  });
}

/** How it is drawn, where that is not as usual. */
export const ON_CHANGE = "Sent when it changes: each value holds until the next.";

function describe(line: CaptionLine, timeOf: (at: number) => string): string[] {
  const { measurement, entries } = line;
  if (entries === 0) return ["No entries"];
  const range = rangeOf(line, measurement, timeOf);
  if (range === null) return [`${formatCount(entries)} ${entries === 1 ? "entry" : "entries"}, none of them a number`];
  return [
    range,
    ...beyondOf(line, measurement).map(capitalized),
    completenessOf(line),
    ...(line.isOnChange ? [ON_CHANGE] : []),
    ...forecastOf(line),
  ];
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function forecastOf({ forecast, measurement }: CaptionLine): string[] {
  const sentence = forecastSentence(forecast, measurement);
  return sentence === null ? [] : [sentence];
}

function describeShortly(name: string, line: CaptionLine): string {
  if (line.numbers === 0) return `${name}: no numbers`;
  const facts = `${name}: ${shortFacts(line, line.measurement)}`;
  const sentences = [...(line.isOnChange ? [ON_CHANGE] : []), ...forecastOf(line)];
  return sentences.length === 0 ? facts : `${facts}. ${sentences.join(" ")}`;
}

/** Extremes, mean and newest number, as far as there are some, and how complete they are, in one line. */
export function shortFacts(facts: SeriesFacts, measurement: Measurement): string {
  const range = rangeOf(facts, measurement);
  if (range === null) return completenessOf(facts);
  return [[range, ...beyondOf(facts, measurement)].join(", "), completenessOf(facts)].join("; ");
}

/** `50 °C (05:00) to 75 °C (05:01), mean over time 61 °C, last 74 °C (05:02)`; `null` if there is no number. */
function rangeOf(facts: SeriesFacts, measurement: Measurement, timeOf?: (at: number) => string): string | null {
  const { min, minAt, max, maxAt, mean, last, lastAt } = facts;
  if (min === null || max === null || mean === null || last === null) return null;
  const text = (value: number, at: number | null) =>
    `${formatValue(value, measurement)}${at === null || !timeOf ? "" : ` (${timeOf(at)})`}`;
  const average = formatAverage(mean, [min, max, last], measurement);
  return `${text(min, minAt)} to ${text(max, maxAt)}, mean over time ${average}, last ${text(last, lastAt)}`;
}
