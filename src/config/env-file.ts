/**
 * Reads a file of settings such as `.env`, strictly: what the readers of such files take for different things is refused in words,
 * so that the same file gives the same values everywhere.
 *
 * How the others read a value, by their sources:
 * - docker (`--env-file`, docker/cli `kvfile`) takes all that stands behind the `=`, quotes and blanks at the end included;
 * - compose (`env_file`, compose-go `dotenv`) ends a value without quotes at ` #` (older ones at any `#`), and puts variables in
 *   the place of `$NAME` outside of single quotes; a backslash escapes within double quotes;
 * - systemd (`EnvironmentFile`, `env-file.c`) takes quotes away, and a backslash outside of single quotes; `;` starts a comment, too;
 * - Node.js (`--env-file`) ends a value without quotes at any `#`.
 *
 * Without quotes, and in single quotes, all of them agree on what is taken here, but for what `unquoted` mends afterwards: docker
 * leaves the quotes there.
 */

/** What a file says, and one sentence for each line that cannot be taken. */
export interface EnvFile {
  readonly values: ReadonlyMap<string, string>;
  /** Each with its line; never with a value, which may be a secret. */
  readonly problems: readonly string[];
}

const IN_QUOTES = /^(['"])(.*)\1$/s;
// oxlint-disable-next-line no-control-regex -- what has no place in a setting
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

/** Without the pair of quotes around it. docker hands on those of its env file; in a shell or a service manager they are gone. */
export function unquoted(value: string): string {
  const text = value.trim();
  return IN_QUOTES.exec(text)?.[2] ?? text;
}

/**
 * @param name as the problems call the file
 */
export function parseEnvFile(text: string, name: string): EnvFile {
  const values = new Map<string, string>();
  const lineOf = new Map<string, number>();
  const problems: string[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/^[ \t]+/, "");
    const place = `${name} line ${i + 1}`;
    if (line === "") continue;
    if (line.startsWith("#")) {
      if (line.endsWith("\\")) problems.push(`${place}: the comment ends with a \\, so it continues in the next line.`);
      continue;
    }
    const [, key, written] = /^([A-Za-z_]\w*)=(.*)$/s.exec(line) ?? [];
    if (key === undefined || written === undefined) {
      problems.push(`${place}: ${noSetting(line)}`);
      continue;
    }
    const before = lineOf.get(key);
    const problem = before === undefined ? problemOf(written) : `stands in line ${before} already: keep one of them`;
    lineOf.set(key, before ?? i + 1);
    if (problem === null) values.set(key, unquoted(written));
    else problems.push(`${place}: ${key} ${problem}.`);
  }
  return { values, problems };
}

function noSetting(line: string): string {
  if (line.startsWith("\uFEFF")) return "the file begins with a byte order mark: save it as UTF-8 without one.";
  if (line.startsWith(";")) return "a comment starts with #.";
  const [, name] = /^export\s+([A-Za-z_]\w*)/.exec(line) ?? [];
  if (name !== undefined) return `${name} needs no export: write ${name}=value.`;
  if (/^[A-Za-z_]\w*\s+=/.test(line)) return "remove the blank before the =.";
  return "this is neither NAME=value nor a comment, which starts with #.";
}

/** Why a value would not be the same everywhere; `null`: it would. */
function problemOf(written: string): string | null {
  if (CONTROL.test(written)) return "holds a control character";
  const value = written.trim();
  const quote = /^['"]/.exec(value)?.[0];
  return quote === undefined ? problemWithout(value) : problemWithin(value, quote);
}

const SINGLE = "put the value in single quotes";
const ELSEWHERE = "put it into a file of its own, and name that (NAME_FILE), or into the environment";

function problemWithout(value: string): string | null {
  if (/^[\u2018-\u201f\u00ab\u00bb]/.test(value)) return "begins with a typographic quote: use '";
  // A value with both can be put in no quotes.
  const advice = value.includes("'") ? ELSEWHERE : SINGLE;
  if (/^#|\s#/.test(value))
    return `has a # that some readers take for the start of a comment: ${advice}, or put the comment in a line of its own`;
  if (value.includes("$")) return `holds a $, which some readers replace with a variable: ${advice}`;
  if (value.includes("\\")) return `holds a \\, which some readers take away: ${advice}`;
  return null;
}

function problemWithin(value: string, quote: string): string | null {
  const content = IN_QUOTES.exec(value)?.[2];
  if (content === undefined) {
    return value.lastIndexOf(quote) > 0
      ? "continues behind its quotes: put a comment in a line of its own"
      : "has a quote that does not end in its line";
  }
  if (content.includes(quote)) return `holds the quote that it stands in: use the other one, or ${ELSEWHERE}`;
  if (quote === '"' && /[$\\]/.test(content)) {
    return `holds a $ or a \\ in double quotes, which some readers replace: ${content.includes("'") ? ELSEWHERE : SINGLE}`;
  }
  if (content.endsWith("\\"))
    return `ends with a \\ before its quote, which some readers take for a part of it: ${ELSEWHERE}`;
  if (content !== content.trim()) return "begins or ends with a blank inside its quotes: no setting does";
  if (IN_QUOTES.test(content)) return "stands in two pairs of quotes, and readers remove one or both: keep one";
  return null;
}
