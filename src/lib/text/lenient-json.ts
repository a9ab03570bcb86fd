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

/** Deeper than any message; what lies deeper is passed over. */
const MAX_DEPTH = 32;
/** A text that holds JSON that is a text that holds JSON … */
const MAX_WRAPS = 3;

/**
 * Reads a text as JSON if it begins like an object, an array or a quoted text, or is `null`; a text that holds such is read in turn.
 * Of a member that an object names twice, where the last would hide the first, all values are in an array. Takes time in proportion to
 * its length.
 * @returns `null` if it is no JSON at all
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

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”", "‘": "’", "„": "“”" };
const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false };
/** What is written for no value. */
const NOTHING = /^(?:null|none|nil|undefined|[-+]?(?:nan|inf|infinity)|1\.#(?:inf|ind|qnan))$/i;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** Goes through the text once, and makes the best of what it finds. */
function readBroken(text: string): { readonly value: unknown; readonly isWhole: boolean } {
  let at = 0;
  let isWhole = true;
  const isEnd = (): boolean => at >= text.length;
  const peek = (): string => text[at] ?? "";

  function skip(): void {
    for (;;) {
      BLANK.lastIndex = at;
      const [blank = ""] = BLANK.exec(text) ?? [];
      at += blank.length;
      if (blank === "") return;
    }
  }

  function value(depth: number, isMember: boolean): unknown {
    skip();
    const first = peek();
    if (first === "{") return depth < MAX_DEPTH ? object(depth + 1) : passOver();
    if (first === "[") return depth < MAX_DEPTH ? array(depth + 1) : passOver();
    return CLOSING[first] === undefined ? bare(isMember) : quoted();
  }

  function object(depth: number): Record<string, unknown> {
    const members = new Map<string, unknown>();
    at += 1;
    for (;;) {
      skip();
      if (isEnd()) isWhole = false;
      if (isEnd() || peek() === "}") break;
      const before = at;
      const name = CLOSING[peek()] === undefined ? word() : quoted();
      skip();
      if (peek() === ":" || peek() === "=") {
        at += 1;
        const given = value(depth, true);
        if (name !== "") members.set(name, members.has(name) ? [members.get(name), given].flat() : given);
      } else if (isEnd()) {
        isWhole = false;
      }
      // What stands where nothing is expected is passed over.
      if (at === before) at += 1;
    }
    at += 1;
    return Object.fromEntries(members);
  }

  function array(depth: number): unknown[] {
    const items: unknown[] = [];
    at += 1;
    for (;;) {
      skip();
      if (isEnd()) isWhole = false;
      if (isEnd() || peek() === "]") break;
      const before = at;
      const item = value(depth, false);
      if (at > before) items.push(item);
      else at += 1;
    }
    at += 1;
    return items;
  }

  /** A quote ends a text only where something may follow it; else it is part of the text. */
  function quoted(): string {
    const ends = CLOSING[peek()] ?? "";
    let read = "";
    at += 1;
    for (let from = at; ; at++) {
      if (isEnd()) {
        isWhole = false;
        return read + text.slice(from);
      }
      const character = peek();
      if (character === "\\") {
        read += text.slice(from, at) + escaped();
        from = at + 1;
      } else if (ends.includes(character) && isFollowed()) {
        read += text.slice(from, at);
        at += 1;
        return read;
      }
    }
  }

  function isFollowed(): boolean {
    FOLLOWING.lastIndex = at + 1;
    return FOLLOWING.test(text);
  }

  /** Leaves `at` on the last character of the escape. */
  function escaped(): string {
    at += 1;
    const letter = peek();
    const hex = /^[0-9a-f]{4}$/i.exec(text.slice(at + 1, at + 5));
    if (letter !== "u" || !hex) return ESCAPES[letter] ?? letter;
    at += 4;
    return String.fromCharCode(Number.parseInt(hex[0], 16));
  }

  function word(): string {
    WORD.lastIndex = at;
    const [found = ""] = WORD.exec(text) ?? [];
    at += found.length;
    return found.trim();
  }

  function bare(isMember: boolean): unknown {
    const found = word();
    if (isMember && /^[-+]?\d+$/.test(found)) {
      // German programs print 82,1: no name of a member looks like that.
      DECIMALS.lastIndex = at;
      const decimals = DECIMALS.exec(text)?.groups?.["digits"];
      if (decimals !== undefined) {
        at += decimals.length + 1;
        return Number(`${found}.${decimals}`);
      }
    }
    if (found === "" || NOTHING.test(found)) return null;
    const known = WORDS[found.toLowerCase()];
    if (known !== undefined) return known;
    if (!NUMBER.test(found)) return found;
    const number = Number(found);
    return Number.isFinite(number) ? number : null;
  }

  /** Goes behind what is nested too deeply, without looking into it. */
  function passOver(): null {
    for (let depth = 0; !isEnd(); at++) {
      if (peek() === "{" || peek() === "[") depth += 1;
      else if (peek() === "}" || peek() === "]") depth -= 1;
      if (depth === 0) {
        at += 1;
        return null;
      }
    }
    isWhole = false;
    return null;
  }

  const read = value(0, false);
  skip();
  return { value: read, isWhole: isWhole && isEnd() };
}

const BLANK = /(?:[\s,;\ufeff]+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))?/y;
const WORD = /[^\s,:={}[\]"'“”‘’„][^,:={}[\]"“”„\n]*/y;
const FOLLOWING = /\s*(?:[,;:}\]=]|$|\/[/*]|["'“‘„][^"'“”‘’]{1,40}["'”’]\s*:)/y;
const DECIMALS = /,(?<digits>\d+)(?=\s*[,}\n])/y;
