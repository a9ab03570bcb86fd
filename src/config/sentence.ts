import type { z } from "zod";
import { clean, inOneLine, shorten } from "../alarms/text.ts";
import { partsOf } from "./forms.ts";

/** What is wrong with a setting, without its value. @param text as it was given; left out: it was not */
export function sentenceOf(issue: z.core.$ZodIssue, text: string | undefined): string {
  const name = String(issue.path[0]);
  return text === undefined ? `${name} is missing.` : `${name}${partOf(issue, text)} ${sentence(issue)}.`;
}

/** Of a topic; more is read in the file itself. */
const MAX_PART = 120;

/** Which topic of a list is meant; what else is in lists may be secret. */
function partOf({ path: [name, place] }: z.core.$ZodIssue, text: string): string {
  if (typeof place !== "number" || !String(name).endsWith("_TOPICS")) return "";
  return ` (${shorten(inOneLine(clean(partsOf(text)[place] ?? "")), MAX_PART)})`;
}

/** zod's own sentences for enums hold no value either, but read badly; ours are the ones that start with a verb. */
function sentence(issue: z.core.$ZodIssue): string {
  // All of these are something that may be turned off: what it was to be comes last.
  const meant = issue.code === "invalid_union" ? issue.errors.at(-1)?.[0] : undefined;
  if (meant) return `${sentence(meant)}, or off`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_big") return `is too long: ${String(issue.maximum)} characters at most`;
  return issue.message;
}
