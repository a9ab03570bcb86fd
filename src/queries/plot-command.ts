import type { Problem } from "../lib/text/parsed.ts";
import type { Field } from "../measurements/source.ts";
import { NOTHING_TO_PLOT } from "../measurements/explain.ts";
import { fieldsMissed, fieldsNamed, findField, type FieldProblem } from "./find-field.ts";
import { parsePeriod, prepareFor } from "./period.ts";
import type { Period, PeriodResult } from "./period.ts";
import { isTimeWord, NO_ANCHORS, soundsLikeTime, toWords } from "./time-words.ts";
import { problem } from "./problem.ts";
import type { Anchors } from "./time-words.ts";

/** What to draw. */
export interface PlotRequest extends Period {
  /** The number of the field. */
  readonly field: number;
}

/** Why there is nothing to draw; `choice`: the few fields that may be meant, to be pressed, over the period that was understood. */
export interface PlotProblem extends Problem {
  readonly choice: { readonly fields: readonly Field[]; readonly period: Period } | null;
}

/** No label is longer; see `readChannel`. */
const MAX_LABEL = 80;
/** Used when somebody names a field and no period. */
const DEFAULT_PERIOD = "24h";
const ONE_FIELD = "I read one field at a time. The buttons below its plot switch on more, up to four in all.";
/** Words that are looked at for the end of a label that is none. */
const MAX_UNKNOWN_WORDS = 4;

/**
 * Reads what follows `/plot`: a field, as `findField` finds it, and then a period, or the other way round. Without a field, it is the
 * channel's first, which the picture names; without a period, the last 24 hours.
 * @param fields what the channel has, in its order
 * @param zone IANA name
 * @param now epoch ms
 */
export function parsePlotCommand(
  args: string,
  fields: readonly Field[],
  zone: string,
  now: number,
  anchors = NO_ANCHORS,
): { readonly value: PlotRequest } | PlotProblem {
  const { label, period } = splitRequest(args, fields, zone, now, anchors);
  const [first] = fields;
  if (first === undefined) return { ...problem(NOTHING_TO_PLOT), choice: null };
  if ("problem" in period) return { ...period, choice: null };
  const found = label === "" ? { value: first } : findField(label, fields);
  if ("problem" in found) return toProblem(found, period.value);
  return { value: { ...period.value, field: found.value.number } };
}

/** A field that was not found, and what it may be. */
export const toProblem = ({ problem, choices }: FieldProblem, period: Period): PlotProblem => ({
  problem,
  choice: choices.length === 0 ? null : { fields: choices, period },
});

/** A field's label, which may be empty, and a period. */
interface Split {
  readonly label: string;
  readonly period: PeriodResult;
}

/**
 * Parts the words behind a command into a field's label, which may be empty, and a period, which is the last 24 hours if there
 * is none. What cannot be read is told by the part that cannot.
 */
export function splitRequest(
  args: string,
  fields: readonly Field[],
  zone: string,
  now: number,
  anchors: Anchors,
): Split {
  const words = toWords(args);
  const split = (labelWords: readonly string[], timeWords: readonly string[]): Split => ({
    label: labelWords.join(" "),
    period: parsePeriod(timeWords.join(" ") || DEFAULT_PERIOD, zone, now, anchors),
  });
  const splitAt = (count: number): Split => split(words.slice(0, count), words.slice(count));
  const isNamed = (label: readonly string[]): boolean => isLabel(label, (text) => fieldsNamed(text, fields));

  const usual = usualLength(words);
  if (usual === 0 || isNamed(words.slice(0, usual))) return splitAt(usual);
  // Unless it is one in somebody's own words: "coil last monday". A label is found quickly, a time is not.
  const whole = splitAt(0);
  if ("value" in whole.period) return whole;
  const counts = words.map((_, i) => i + 1).toReversed();
  const named = counts.filter((count) => isNamed(words.slice(0, count)));
  const behind = counts.filter((count) => isNamed(words.slice(count)));
  const missed = counts.filter((count) => isLabel(words.slice(0, count), (text) => fieldsMissed(text, fields)));
  const found =
    firstGood(named, splitAt) ??
    firstGood(behind, (count) => split(words.slice(count), words.slice(0, count))) ??
    firstGood(missed, splitAt);
  if (found !== undefined) return found;
  const [labelled] = [...named, ...missed];
  if (labelled !== undefined) {
    const isOther = isNamed(words.slice(labelled, labelled + 1));
    return isOther ? { label: "", period: problem(ONE_FIELD) } : splitAt(labelled);
  }
  // Nothing fits: what begins like a number is a time that cannot be read, or the number of a field that is not there.
  const [first = ""] = words;
  if (/^\d+$/.test(first) && "value" in splitAt(1).period) return splitAt(1);
  if (/^\d(?:[,+&]\d)+$/.test(first)) return { label: "", period: problem(ONE_FIELD) };
  if (soundsLikeTime(words)) return whole;
  return firstGood(counts.slice(-MAX_UNKNOWN_WORDS).toReversed(), splitAt) ?? splitAt(usual);
}

/**
 * Makes ready what reads these words. To be waited for before they are read: where times are in somebody's own words, that takes a
 * while when it is done first, which a label and times by their form need not wait for.
 */
export async function prepareForRequest(args: string, fields: readonly Field[]): Promise<void> {
  const words = toWords(args);
  const label = words.slice(0, usualLength(words));
  if (!isLabel(label, (text) => fieldsNamed(text, fields))) await prepareFor(args);
}

/** How many words a label has as a rule: one that is no time belongs to it, even if times stand before it: "24h mean 7d". */
const usualLength = (words: readonly string[]): number => words.findLastIndex((word) => !isTimeWord(word)) + 1;

/** The first split whose period can be read; a time takes too long to read to look at more of them. */
function firstGood(counts: readonly number[], splitAt: (count: number) => Split): Split | undefined {
  for (const count of counts) {
    const found = splitAt(count);
    if ("value" in found.period) return found;
  }
  return undefined;
}

/** Whether words can be the label of a field: so many that no label has them are not. */
const isLabel = (words: readonly string[], find: (text: string) => readonly Field[]): boolean => {
  const text = words.join(" ");
  return text !== "" && text.length <= MAX_LABEL && find(text).length > 0;
};
