import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
  type Document,
  type ErrorCode,
} from "yaml";
import type { z } from "zod";
import type { Destination } from "../alarms/types.ts";
import { clean, shorten } from "../alarms/text.ts";
import { ConfigError, textOfError } from "../lib/errors.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import type { Plants } from "./plants.ts";
import { chatsSchema } from "./chats-schema.ts";
import { plantsSchema } from "./plants-schema.ts";
import { isMapping } from "./schema-parts.ts";

/** A few names for a chat or a list are welcome; a file that unfolds without end is not. */
const MAX_ALIASES = 100;
/** More is no list to work through, but another kind of file. */
const MAX_PROBLEMS = 50;
/** Problems repeat what stands in the file. */
const MAX_PROBLEM = 300;

/** What YAML takes for its own signs where a value was meant; the sentence is made of the sign. */
const WITHOUT_QUOTES: Partial<Record<ErrorCode, (sign: string) => string>> = {
  BAD_SCALAR_START: (sign) => `a value that starts with ${sign} must stand in quotes, such as "${sign}"`,
  BAD_ALIAS: () => 'a value that starts with * must stand in quotes, such as "*"',
  BLOCK_IN_FLOW: () => 'a value with a colon and a blank must stand in quotes, such as "AMB: 1"',
};
/** Those of them that leave everything else as it was meant. */
const UNQUOTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["BAD_SCALAR_START", "BAD_ALIAS"]);

/**
 * Turns the text of a plants file into what it says, frozen.
 * @param fileName as the problems name it
 * @throws ConfigError with one sentence per problem, each with its line; those beyond the first fifty are counted
 */
export function parsePlants(text: string, fileName: string): Plants {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  const placeOf = (offset: number): string => `${fileName} line ${lineCounter.linePos(offset).line}`;

  const faults = new Map<string, ToldProblem>();
  const found = [...document.errors, ...document.warnings];
  for (const { pos, code, message } of found) {
    const place = placeOf(pos[0]);
    // What else is wrong in that line follows from the first.
    const sentence = WITHOUT_QUOTES[code]?.(text[pos[0]] ?? "*") ?? message;
    if (!faults.has(place)) faults.set(place, { offset: pos[0], line: place, problem: `${place}: ${sentence}.` });
  }
  // Where nothing but quotes is missing, all is in its place, and what else is wrong can be told, too.
  if (found.some(({ code }) => !UNQUOTED.has(code))) throw refusal(inOrder([...faults.values()]));
  quoteLoneStars(document);

  const given = toValue(document, fileName, placeOf);
  const parsed = plantsSchema(namesOf(given), isMapping(given) && isMapping(given["duty"])).safeParse(given);
  if (!parsed.success) {
    const all = parsed.error.issues.flatMap(singly);
    const problems = all
      .slice(0, MAX_PROBLEMS)
      .map((issue) => locate(document, issue))
      .map(({ offset, steps, sentence }): ToldProblem => {
        const line = placeOf(offset);
        const place = steps.length > 0 ? `${line}: ${steps.join(" › ")}` : line;
        return { offset, line, problem: `${place}: ${sentence}.` };
      });
    const others = problems.filter(({ line }) => !faults.has(line));
    const total = faults.size + all.length - (problems.length - others.length);
    throw refusal(inOrder([...faults.values(), ...others]), total);
  }
  if (faults.size > 0) throw refusal(inOrder([...faults.values()]));
  const { shifts, ...rest } = parsed.data;
  return deepFreeze({ ...rest, shiftStarts: [...new Set(shifts)].sort((a, b) => a - b) });
}

/** A problem in words, and where in the file it is. */
interface ToldProblem {
  readonly offset: number;
  readonly line: string;
  readonly problem: string;
}

const inOrder = (told: readonly ToldProblem[]): string[] =>
  [...told].sort((a, b) => a.offset - b.offset).map(({ problem }) => problem);

/** @param total how many problems there are, if not all of them are told */
function refusal(problems: readonly string[], total = problems.length): ConfigError {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const rest = total - shown.length;
  return new ConfigError([
    ...shown.map((problem) => shorten(clean(problem).replace(/\s+/g, " "), MAX_PROBLEM)),
    ...(rest > 0 ? [`… and ${rest} more.`] : []),
  ]);
}

function toValue(document: Document, fileName: string, placeOf: (offset: number) => string): unknown {
  try {
    visit(document, {
      Pair(_, { key }) {
        // Made to text, as `toJS` makes them, a few hundred within each other take minutes.
        if (!isScalar(key))
          throw refusal([`${placeOf(startOf(key) ?? 0)}: A key must be a word, not a list or a mapping.`]);
      },
    });
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    throw error instanceof ConfigError ? error : refusal([`${fileName}: ${textOfError(error)}.`]);
  }
}

/** A star without quotes would be the alias of nothing. */
function quoteLoneStars(document: Document): void {
  visit(document, { Alias: (_, { source, range }) => (source === "" ? starAt(range) : undefined) });
}

function starAt(range: Scalar["range"] | undefined): Scalar {
  const star = new Scalar("*");
  star.range = range ?? null;
  return star;
}

/** The chats that the file names. One that is wrong is there all the same: who refers to it is not to blame. */
function namesOf(given: unknown): ReadonlyMap<string, Destination> {
  const chats = isMapping(given) && isMapping(given["chats"]) ? given["chats"] : {};
  const parsed = chatsSchema.safeParse(chats);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  return new Map(Object.keys(chats).map((name) => [name, { chatId: 0, threadId: null, name }]));
}

/** A problem and where it is in the file: where that starts, and the way there as people say it, counting from 1. */
interface ProblemAt {
  readonly offset: number;
  readonly steps: readonly string[];
  readonly sentence: string;
}

/** What is wrong, and the way there. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Keys that are not known come together as one issue of their mapping. */
function singly(issue: z.core.$ZodIssue): readonly Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message }));
}

function locate(document: Document, { path, message }: Issue): ProblemAt {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  const steps: string[] = [];
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node) && typeof step === "string") {
      const pair = node.items.find(({ key }) => String(key) === step);
      offset = startOf(pair?.key) ?? offset;
      node = pair?.value;
      steps.push(step);
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
      steps.push(String(step + 1));
    } else {
      // The schema put in a step that the file need not have: a list of one, or a chat without a thread.
      break;
    }
  }
  return { offset, steps, sentence: message };
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
