import { formatCount } from "../number.ts";
import { formatMinute } from "../time.ts";
import { forecastSentence } from "./forecast.ts";
import type { Statistics } from "../worker/jobs.ts";
import { shortLabels } from "./label.ts";
import { formatAverage, formatValue, type Measurement } from "./measurement.ts";

/** One line of a plot: what it is, and its numbers. */
export interface CaptionLine extends Statistics {
  readonly measurement: Measurement;
}

/** Four of them and what is said of them have to find room below a picture. */
const MAX_NAME = 40;

/** Measurements as captions name them. */
export const namesOf = (measurements: readonly Measurement[]): string[] => shortLabels(measurements, MAX_NAME);

/** What is said of the numbers below a picture, one line each: much of one field, little of each of several. */
export function captionOf(lines: readonly CaptionLine[], timeZone: string): string[] {
  const [line, ...others] = lines;
  if (line === undefined) return [];
  return others.length === 0
    ? describe(line, timeZone)
    : namesOf(lines.map(({ measurement }) => measurement)).map((name, i) => describeShortly(name, lines[i]!));
}

/** `1,412 of 1,440 entries`; what has no number is said, too. */
export function completenessOf({
  entries,
  numbers,
  expected,
}: Pick<Statistics, "entries" | "numbers" | "expected">): string {
  const count =
    expected === null || expected === entries
      ? `${formatCount(entries)} ${entries === 1 ? "entry" : "entries"}`
      : `${formatCount(entries)} of ${formatCount(expected)} entries`;
  return numbers === entries ? count : `${count}, ${formatCount(entries - numbers)} without a number`;
}

function describe(line: CaptionLine, timeZone: string): string[] {
  const { measurement, entries, min, minAt, max, maxAt, mean, last, lastAt } = line;
  const text = (value: number) => formatValue(value, measurement);
  if (entries === 0) return ["No entries"];
  if (min === null || max === null || mean === null || last === null) {
    return [`${formatCount(entries)} ${entries === 1 ? "entry" : "entries"}, none of them a number`];
  }
  const at = (instant: number | null) => (instant === null ? "" : ` (${formatMinute(instant, timeZone)})`);
  return [
    `Minimum ${text(min)}${at(minAt)}`,
    `Maximum ${text(max)}${at(maxAt)}`,
    `Mean ${formatAverage(mean, [min, max, last], measurement)}`,
    `Last ${text(last)}${at(lastAt)}`,
    completenessOf(line),
    ...forecastOf(line),
  ];
}

function forecastOf({ forecast, measurement }: CaptionLine): string[] {
  const sentence = forecastSentence(forecast, measurement);
  return sentence === null ? [] : [sentence];
}

function describeShortly(name: string, line: CaptionLine): string {
  const { measurement, min, max, mean, last } = line;
  const text = (value: number) => formatValue(value, measurement);
  if (min === null || max === null || mean === null || last === null) return `${name}: no numbers`;
  const average = formatAverage(mean, [min, max, last], measurement);
  const facts = `${text(min)} to ${text(max)}, mean ${average}, last ${text(last)}; ${completenessOf(line)}`;
  return [`${name}: ${facts}`, ...forecastOf(line)].join(". ");
}
