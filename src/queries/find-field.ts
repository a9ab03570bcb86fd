import type { Problem } from "../lib/text/parsed.ts";
import type { Field } from "../measurements/source.ts";
import { isNear } from "../lib/text/near.ts";
import { fold } from "../lib/text/fold.ts";
import { quoteTyped } from "./problem.ts";

/** Why no field was found; `choices`: the few that may be meant, if any. */
export interface FieldProblem extends Problem {
  readonly choices: readonly Field[];
}

const NUMBER = /^(?:field ?|f|#)?(\d{1,6})$/;
/** A near miss of so many words at most: more are not a label that was mistyped. */
const MAX_MISSED_WORDS = 4;
const MAX_WORD = 24;
/** A channel has eight; devices have hundreds of members. */
const MAX_LISTED = 20;

/**
 * Finds a field by its number (`4`, `field 4`), its label, the beginnings of any words of it (`coil temp`), or a near miss of them
 * (`humidty`); case, spacing and the marks of letters do not matter.
 */
export function findField(text: string, fields: readonly Field[]): { readonly value: Field } | FieldProblem {
  const choices = fieldsLike(text, fields);
  const [field, ...others] = choices;
  if (field !== undefined && others.length === 0) return { value: field };
  const list = (some: readonly Field[]): string => {
    const shown = some.slice(0, MAX_LISTED).map(({ number, label }) => `${number} ${label}`);
    return shown.join(", ") + (some.length > MAX_LISTED ? ` and ${some.length - MAX_LISTED} more` : "");
  };
  const sentence =
    field === undefined
      ? `I cannot find ${quoteTyped(text)} among the fields. Type one of these: ${list(fields)}.`
      : `More than one field fits ${quoteTyped(text)}. Type the number of one: ${list(choices)}.`;
  return { problem: sentence, choices };
}

/** The fields that a text may mean: of those that fit, the ones that fit best. */
function fieldsLike(text: string, fields: readonly Field[]): readonly Field[] {
  const found = fieldsNamed(text, fields);
  return found.length > 0 ? found : fieldsMissed(text, fields);
}

/** The fields that a text names, letter by letter. */
export function fieldsNamed(text: string, fields: readonly Field[]): readonly Field[] {
  const typed = fold(text).trim().replace(/\s+/g, " ");
  const number = NUMBER.exec(typed)?.[1];
  const numbered = fields.filter((field) => String(field.number) === number);
  const labelled = fields.filter(({ label }) => fold(label).trim().replace(/\s+/g, " ") === typed);
  const words = wordsOf(text);
  const begun = fields.filter(({ label }) => {
    const all = wordsOf(label);
    return words.length > 0 && words.every((word) => all.some((one) => one.startsWith(word)));
  });
  return [numbered, labelled, begun].find((some) => some.length > 0) ?? [];
}

/** The fields that a text names but for a letter or two. */
export function fieldsMissed(text: string, fields: readonly Field[]): readonly Field[] {
  const words = wordsOf(text);
  if (words.length === 0 || words.length > MAX_MISSED_WORDS || words.some(({ length }) => length > MAX_WORD)) return [];
  return fields.filter(({ label }) => {
    const all = wordsOf(label).filter(({ length }) => length <= MAX_WORD);
    return words.every((word) => all.some((one) => isNear(word, one) || isNear(word, one.slice(0, word.length))));
  });
}

const wordsOf = (text: string): readonly string[] =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
