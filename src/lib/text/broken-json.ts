const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”", "‘": "’", "„": "“”" };
const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** Deeper than any message; what lies deeper is passed over. */
const MAX_DEPTH = 32;
/** What is written for no value. */
const NOTHING = /^(?:null|none|nil|undefined|[-+]?(?:nan|inf|infinity)|1\.#(?:inf|ind|qnan))$/i;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const BLANK = /(?:[\s,;\ufeff]+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))?/y;
const WORD = /[^\s,:={}[\]"'“”‘’„][^,:={}[\]"“”„\n]*/y;
const FOLLOWING = /\s*(?:[,;:}\]=]|$|\/[/*]|["'“‘„][^"'“”‘’]{1,40}["'”’]\s*:)/y;
const DECIMALS = /,(?<digits>\d+)(?=\s*[,}\n])/y;

/** What could be read of a text, and whether it was read to its end, with nothing missing there. */
export interface BrokenJson {
  readonly value: unknown;
  readonly isWhole: boolean;
}

/** Goes through a text that is not quite JSON once, and makes the best of what it finds. */
export function readBroken(text: string): BrokenJson {
  const reader = new Reader(text);
  const value = reader.value(0, false);
  return { value, isWhole: reader.isWhole() };
}

/** Where we are in the text. */
class Reader {
  readonly #text: string;
  #at = 0;
  #isMissing = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether nothing is missing, and nothing is left. */
  isWhole(): boolean {
    this.#skip();
    return !this.#isMissing && this.#isEnd();
  }

  value(depth: number, isMember: boolean): unknown {
    this.#skip();
    const first = this.#peek();
    if (first === "{") return depth < MAX_DEPTH ? this.#object(depth + 1) : this.#passOver();
    if (first === "[") return depth < MAX_DEPTH ? this.#array(depth + 1) : this.#passOver();
    return CLOSING[first] === undefined ? this.#bare(isMember) : this.#quoted();
  }

  #isEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #skip(): void {
    for (;;) {
      BLANK.lastIndex = this.#at;
      const [blank = ""] = BLANK.exec(this.#text) ?? [];
      this.#at += blank.length;
      if (blank === "") return;
    }
  }

  #object(depth: number): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#isEnd()) this.#isMissing = true;
      if (this.#isEnd() || this.#peek() === "}") break;
      const before = this.#at;
      const name = CLOSING[this.#peek()] === undefined ? this.#word() : this.#quoted();
      this.#skip();
      if (this.#peek() === ":" || this.#peek() === "=") {
        this.#at += 1;
        const given = this.value(depth, true);
        if (name !== "") members.set(name, members.has(name) ? [members.get(name), given].flat() : given);
      } else if (this.#isEnd()) {
        this.#isMissing = true;
      }
      // What stands where nothing is expected is passed over.
      if (this.#at === before) this.#at += 1;
    }
    this.#at += 1;
    return Object.fromEntries(members);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#isEnd()) this.#isMissing = true;
      if (this.#isEnd() || this.#peek() === "]") break;
      const before = this.#at;
      const item = this.value(depth, false);
      if (this.#at > before) items.push(item);
      else this.#at += 1;
    }
    this.#at += 1;
    return items;
  }

  /** A quote ends a text only where something may follow it; else it is part of the text. */
  #quoted(): string {
    const ends = CLOSING[this.#peek()] ?? "";
    let read = "";
    this.#at += 1;
    for (let from = this.#at; ; this.#at++) {
      if (this.#isEnd()) {
        this.#isMissing = true;
        return read + this.#text.slice(from);
      }
      const character = this.#peek();
      if (character === "\\") {
        read += this.#text.slice(from, this.#at) + this.#escaped();
        from = this.#at + 1;
      } else if (ends.includes(character) && this.#isFollowed()) {
        read += this.#text.slice(from, this.#at);
        this.#at += 1;
        return read;
      }
    }
  }

  #isFollowed(): boolean {
    FOLLOWING.lastIndex = this.#at + 1;
    return FOLLOWING.test(this.#text);
  }

  /** Leaves `at` on the last character of the escape. */
  #escaped(): string {
    this.#at += 1;
    const letter = this.#peek();
    const hex = /^[0-9a-f]{4}$/i.exec(this.#text.slice(this.#at + 1, this.#at + 5));
    if (letter !== "u" || !hex) return ESCAPES[letter] ?? letter;
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex[0], 16));
  }

  #word(): string {
    WORD.lastIndex = this.#at;
    const [found = ""] = WORD.exec(this.#text) ?? [];
    this.#at += found.length;
    return found.trim();
  }

  #bare(isMember: boolean): unknown {
    const found = this.#word();
    if (isMember && /^[-+]?\d+$/.test(found)) {
      // German programs print 82,1: no name of a member looks like that.
      DECIMALS.lastIndex = this.#at;
      const decimals = DECIMALS.exec(this.#text)?.groups?.["digits"];
      if (decimals !== undefined) {
        this.#at += decimals.length + 1;
        return Number(`${found}.${decimals}`);
      }
    }
    return meaningOf(found);
  }

  /** Goes behind what is nested too deeply, without looking into it. */
  #passOver(): null {
    for (let depth = 0; !this.#isEnd(); this.#at++) {
      if (this.#peek() === "{" || this.#peek() === "[") depth += 1;
      else if (this.#peek() === "}" || this.#peek() === "]") depth -= 1;
      if (depth === 0) {
        this.#at += 1;
        return null;
      }
    }
    this.#isMissing = true;
    return null;
  }
}

/** What a word without quotes stands for: nothing, a truth, a number, or itself. */
function meaningOf(word: string): unknown {
  if (word === "" || NOTHING.test(word)) return null;
  const lower = word.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  if (!NUMBER.test(word)) return word;
  const number = Number(word);
  return Number.isFinite(number) ? number : null;
}
