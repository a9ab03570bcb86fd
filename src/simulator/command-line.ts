import { parseArgs } from "node:util";
import { ConfigError } from "../lib/errors.ts";
import { readFile, readSeconds, readTopic } from "./option-values.ts";

const STRING = { type: "string" } as const;
const OPTIONS = {
  broker: STRING,
  username: STRING,
  "password-file": STRING,
  ca: STRING,
  cert: STRING,
  key: STRING,
  machine: STRING,
  "main-topic": STRING,
  "warning-topic": STRING,
  "bulk-topic": STRING,
  channel: STRING,
  "write-key": STRING,
  send: STRING,
  every: STRING,
  "bulk-every": STRING,
  seed: STRING,
  troubles: STRING,
  from: STRING,
  speed: STRING,
  for: STRING,
  help: { type: "boolean" },
} as const;

type OptionName = Exclude<keyof typeof OPTIONS, "help">;

/** A command line, whose options are read one by one; what is wrong with them is noted. */
export class CommandLine {
  readonly isHelpAskedFor: boolean;
  /** As sentences, in the order in which they are found. */
  readonly problems: string[] = [];
  readonly #values: Readonly<Partial<Record<OptionName, string | undefined>>>;

  /** @throws ConfigError for an option that does not exist */
  constructor(argv: readonly string[]) {
    const { help = false, ...values } = parse(argv);
    this.isHelpAskedFor = help;
    this.#values = values;
  }

  /** What stands there; `null`: nothing. */
  text(name: OptionName): string | null {
    return this.#values[name] ?? null;
  }

  /** Reads one option. @param form what it has to be, for the problem if it is not */
  take<T>(name: OptionName, usual: T, read: (text: string) => T | null, form: string): T {
    const text = this.text(name);
    if (text === null) return usual;
    const value = read(text);
    if (value === null) this.problems.push(`--${name} is ${form}, not “${text}”.`);
    return value ?? usual;
  }

  file(name: "ca" | "cert" | "key" | "password-file"): Buffer | null {
    return this.take(name, null, readFile, "a file that can be read");
  }

  topic(name: "machine" | "main-topic" | "warning-topic" | "bulk-topic", usual: string): string {
    return this.take(name, usual, readTopic, "part of a topic: without # and +");
  }

  duration(name: "every" | "bulk-every" | "for", usual: number): number {
    return this.take(name, usual, readSeconds, "a time of whole seconds, such as 15s, 5m or 2d");
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    // Node.js says in its first sentence which option it is.
    const [what = ""] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/);
    throw new ConfigError([`${what}. --help tells which options there are.`]);
  }
}
