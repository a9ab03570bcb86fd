import { textOfError } from "../lib/errors.ts";
import { meantBy } from "./names.ts";
import { parseEnvFile, unquoted } from "./env-file.ts";
import { readSmallFile } from "../lib/small-file.ts";

/** Variables, as the environment has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What the settings were read from, and what there is to say of it. */
export interface Settings {
  /** The environment, and what the file adds to it. */
  readonly variables: Variables;
  /** For which nothing starts; one sentence each. */
  readonly problems: readonly string[];
  /** With which it starts, and which somebody should know; one sentence each. */
  readonly notes: readonly string[];
}

/** What Node.js looks at before this program runs. */
const TOO_LATE: ReadonlySet<string> = new Set(["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"]);
/** What others read who are given the same file, or what the program is made of. */
const OF_OTHERS = /^(NODE_|COMPOSE_|SQLITE_TMPDIR$|TZ$)/;

/**
 * Reads the file that fills in what the environment does not say.
 * @param known the names of all settings; `path`: it need not be there
 */
export function readSettingsFile(environment: Variables, path: string, known: readonly string[]): Settings {
  const problems: string[] = [];
  const notes: string[] = [];
  const { values, ...parsed } = parse(path, notes);
  problems.push(...parsed.problems);
  const added: Record<string, string> = {};
  for (const [name, value] of values) {
    const present = environment[name];
    if (present === undefined) added[name] = value;
    else if (unquoted(present) !== value && value !== "" && present !== "") {
      notes.push(`${name} differs between the environment and ${path}: the environment counts.`);
    }
    if (present !== undefined || known.includes(name)) continue;
    if (TOO_LATE.has(name)) {
      problems.push(`${path}: ${name} is read by Node.js itself, before this file is: set it in the environment.`);
    } else if (!OF_OTHERS.test(name) && meantBy(name, known) === null) {
      notes.push(`${path}: ${name} is not a setting of Valvomo, and changes nothing.`);
    }
  }
  return { variables: { ...added, ...environment }, problems, notes };
}

function parse(path: string, notes: string[]): ReturnType<typeof parseEnvFile> {
  const nothing = new Map<string, string>();
  try {
    const { content, isOpenToOthers } = readSmallFile(path);
    if (isOpenToOthers) notes.push(openToOthers(path));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return parseEnvFile(text, path);
  } catch (error) {
    const reason = error instanceof TypeError ? "it is not text in UTF-8" : textOfError(error);
    return { values: nothing, problems: reason === "ENOENT" ? [] : [`cannot read ${path} (${reason}).`] };
  }
}

/** What to say of a file with secrets that anybody on this machine may read. */
export const openToOthers = (path: string): string =>
  `${path} can be read by other users of this machine, and holds secrets: chmod 600 ${path}`;
