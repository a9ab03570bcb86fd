import { isatty } from "node:tty";
import { pino, type Logger } from "pino";
import { LogSink } from "./log-sink.ts";
import type { Redact } from "./redact.ts";
import { terminalLine } from "./terminal-line.ts";

export type { Logger };

/** What JSON leaves as it is, though terminals do something about it: later controls, other ends of lines, other directions. */
const RAW = /[\u007f-\u009f\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What the log keeps of an error. */
interface ErrorLine {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  /** Of Node.js or SQLite; of an answer of the Bot API, as `error_code`. */
  readonly code?: string | number;
  /** The method of the Bot API that was called, and what Telegram says of it. */
  readonly method?: string;
  readonly description?: string;
}

/** More of them say nothing new. */
const MAX_CAUSES = 8;

/** What an error of a library carries along, such as the whole call that failed with names and invitation codes, stays out of the log. */
function describeError(error: unknown): ErrorLine {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, stack } = error;
  const [code, errorCode, method, description] = ["code", "error_code", "method", "description"].map(
    (property): unknown => Reflect.get(error, property),
  );
  const number = [code, errorCode].find((one) => typeof one === "string" || typeof one === "number");
  return {
    type: name,
    message: messageOf(error),
    ...(stack === undefined ? {} : { stack }),
    ...(number === undefined ? {} : { code: number }),
    ...(typeof method === "string" ? { method } : {}),
    ...(typeof description === "string" ? { description } : {}),
  };
}

/** Of several that are one, as of connections to each address of a name, what each of them says. */
function messageOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  const causes = new Set(error.errors.map((cause: unknown) => (cause instanceof Error ? messageOf(cause) : "")));
  const told = [...causes].filter((text) => text !== "").slice(0, MAX_CAUSES);
  return [error.message, told.join("; ")].filter((text) => text !== "").join(": ");
}

/** An error that comes again and again is one line a minute: a disk that is full fails everything that is tried, at each try. */
const AGAIN_MS = 60_000;
/** More kinds at once than this are no repeats. */
const MAX_KINDS = 200;

/** Tells errors that were logged less than a minute ago, by what is said of them and what they say. */
function createRepeats(elapsed: () => number): (text: string, error: Error) => { readonly before: number } | null {
  const kinds = new Map<string, { readonly at: number; left: number }>();
  return (text, error) => {
    const name = `${text}\n${error.name}\n${messageOf(error)}`;
    const known = kinds.get(name);
    if (known && elapsed() - known.at < AGAIN_MS) {
      known.left += 1;
      return null;
    }
    kinds.delete(name);
    kinds.set(name, { at: elapsed(), left: 0 });
    const [oldest] = kinds.keys();
    if (kinds.size > MAX_KINDS && oldest !== undefined) kinds.delete(oldest);
    return { before: known?.left ?? 0 };
  };
}

/** Standard output, of which the rest is written when the program ends. A terminal gets lines for people. */
export function standardOutput(): (line: string) => void {
  const sink = new LogSink(process.stdout.fd);
  process.once("exit", () => sink.close());
  return isatty(process.stdout.fd) ? (line) => sink.write(terminalLine(line)) : (line) => sink.write(line);
}

/**
 * JSON lines, one for each call, whatever text from outside is in it. Secrets are kept out at the source, and
 * cut out here all the same. What an error says again within a minute is left out; the next line tells how often (`repeated`).
 */
export function createLogger(options: {
  readonly level: string;
  readonly redact: Redact;
  readonly write?: (line: string) => void;
  readonly elapsed?: () => number;
}): Logger {
  const { level, redact, write = standardOutput() } = options;
  const repeats = createRepeats(options.elapsed ?? (() => performance.now()));
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      hooks: {
        logMethod(args, method) {
          const [fields, text]: readonly unknown[] = args;
          if (!hasError(fields) || typeof text !== "string") return method.apply(this, args);
          const found = repeats(text, fields.err);
          if (found === null) return;
          if (found.before === 0) return method.apply(this, args);
          method.call(this, { ...fields, repeated: found.before }, text);
        },
      },
    },
    { write: (line: string) => write(redact(line).replace(RAW, escape)) },
  );
}

const hasError = (fields: unknown): fields is { readonly err: Error } =>
  typeof fields === "object" && fields !== null && "err" in fields && fields.err instanceof Error;

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
