import { readBroken } from "./broken-json.ts";

/**
 * JSON as plants write it, which is often not quite JSON: `NaN`, single and curly quotes, a comma too many or too few, comments, names
 * without quotes, a quote within a text, Python's `None` and `True`, a decimal comma, an end that was cut off.
 */

/** What was read. */
export interface LenientJson {
  /** As of `JSON.parse`; `NaN` and its like are `null`. Numbers in it are for `readNumber`, since `1e999` is none. */
  readonly value: unknown;
  /** Whether it is JSON as the standard has it; if not, this is what could be read of it. */
  readonly isExact: boolean;
}

/** A text that holds JSON that is a text that holds JSON … */
const MAX_WRAPS = 3;

/**
 * Reads a text as JSON if it begins like an object, an array or a quoted text, or is `null`; a text that holds such is read in turn.
 * Of a member that an object names twice, where the last would hide the first, all values are in an array. Takes time in proportion to
 * its length.
 * @returns `null` if it is not JSON at all
 */
export function readJson(text: string): LenientJson | null {
  let read = readOnce(text);
  for (let wraps = 0; wraps < MAX_WRAPS && typeof read?.value === "string"; wraps++) {
    const inner: LenientJson | null = readOnce(read.value);
    if (inner === null) break;
    read = { value: inner.value, isExact: read.isExact && inner.isExact };
  }
  return read;
}

/** The object that a text holds, however it is wrapped; `null` if it holds none. */
export function readJsonObject(text: string): Readonly<Record<string, unknown>> | null {
  const value = readJson(text)?.value;
  return isObject(value) ? value : null;
}

/** The value as JSON; `null` if it is nested too deeply: Node.js 24 writes by recursion what it reads without. */
export function writeJson(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** Whether it has members. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What begins so may be JSON. */
const BEGINNING = /^\s*(?:["'“‘„{[]|null\s*$)/i;
/** A severity or a state that is told twice in one object. */
const TWICE = /"(severity|state)"\s*:[^{}[\]]*"\1"\s*:/i;

function readOnce(text: string): LenientJson | null {
  if (!BEGINNING.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return TWICE.test(text) ? { value: readBroken(text).value, isExact: false } : { value, isExact: true };
  } catch {
    const { value, isWhole } = readBroken(text);
    return isSensible(value, isWhole) ? { value, isExact: false } : null;
  }
}

/** Plain text may begin with a bracket or a quote, too: `[warn] Coil hot`. */
function isSensible(value: unknown, isWhole: boolean): boolean {
  if (Array.isArray(value)) return value.some(isObject);
  return isObject(value) ? Object.keys(value).length > 0 : isWhole;
}
