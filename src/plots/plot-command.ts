import { NOTHING_TO_PLOT } from "./explain.ts";
import { parsePeriod } from "./period.ts";
import type { Period, PeriodResult } from "./period.ts";
import { isTimeWord, NO_ANCHORS, problem, quote, toWords } from "./typed-time.ts";
import type { Anchors, Problem } from "./typed-time.ts";

/** One measurement of a channel: ThingSpeak's number for it, 1 to 8, and the label that the channel's owner gave it. */
export interface Field {
  readonly number: number;
  readonly label: string;
}

/** What to draw. */
export interface PlotRequest extends Period {
  /** The number of the field. */
  readonly field: number;
}

/** No label is longer; see `readChannel`. */
const MAX_LABEL = 80;
/** Used when somebody names a field and no period. */
const DEFAULT_PERIOD = "24h";

/**
 * Reads what follows `/plot`: a field, by number, label or the beginning of a label, and then a period. Without a field, it
 * is the channel's first, which the picture names; without a period, the last 24 hours.
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
): ({ readonly ok: true } & PlotRequest) | Problem {
  const { label, period } = splitRequest(args, fields, zone, now, anchors);
  const found = label === "" ? firstOf(fields) : findField(label, fields);
  if (!found.ok) return found;
  return period.ok ? { ...period, field: found.field.number } : period;
}

/**
 * Parts the words behind a command into a field's label, which may be empty, and a period, which is the last 24 hours if there
 * is none.
 */
export function splitRequest(
  args: string,
  fields: readonly Field[],
  zone: string,
  now: number,
  anchors: Anchors,
): { readonly label: string; readonly period: PeriodResult } {
  const words = toWords(args);
  const splitAt = (count: number) => ({
    label: words.slice(0, count).join(" "),
    period: parsePeriod(words.slice(count).join(" ") || DEFAULT_PERIOD, zone, now, anchors),
  });
  // A word that is no time belongs to the label, even if times stand before it: "24h mean 7d".
  const usual = splitAt(words.findLastIndex((word) => !isTimeWord(word)) + 1);
  if (usual.label === "" || findField(usual.label, fields).ok) return usual;
  // Unless it is one in somebody's own words: "coil last monday". A label is found quickly, a time is not.
  const labelled = words.map((_, count) => count).filter((count) => isLabel(words.slice(0, count).join(" "), fields));
  return (
    labelled
      .toReversed()
      .map(splitAt)
      .find(({ period }) => period.ok) ?? usual
  );
}

/** Whether words can be the label of a field: none are, and so many that no label has them are not. */
const isLabel = (words: string, fields: readonly Field[]): boolean =>
  words === "" || (words.length <= MAX_LABEL && findField(words, fields).ok);

/** Finds a field by its number, its label, or the beginning of one label only; case and spacing do not matter. */
export function findField(
  text: string,
  fields: readonly Field[],
): { readonly ok: true; readonly field: Field } | Problem {
  const typed = normalize(text);
  const field =
    fields.find((field) => String(field.number) === typed) ??
    onlyOf(fields.filter((field) => normalize(field.label) === typed)) ??
    onlyOf(fields.filter((field) => normalize(field.label).startsWith(typed)));
  if (field !== undefined && typed !== "") return { ok: true, field };
  const known = fields.map(({ number, label }) => `${number} ${label}`).join(", ");
  const isUnclear = typed !== "" && fields.some((field) => normalize(field.label).startsWith(typed));
  return problem(
    isUnclear
      ? `More than one field begins with ${quote(text)}. Type its number: ${known}.`
      : `I cannot find ${quote(text)} among the fields. Type one of these: ${known}.`,
  );
}

function firstOf([field]: readonly Field[]): { readonly ok: true; readonly field: Field } | Problem {
  return field ? { ok: true, field } : problem(NOTHING_TO_PLOT);
}

function onlyOf(fields: readonly Field[]): Field | undefined {
  return fields.length === 1 ? fields[0] : undefined;
}

function normalize(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, " ");
}
