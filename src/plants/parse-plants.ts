import { isAlias, isMap, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import type { Destination } from "../alarms/route.ts";
import { ConfigError } from "../errors.ts";
import type { Plants } from "./plants.ts";
import { chatsSchema, plantsSchema } from "./plants-schema.ts";

/** A few names for a chat or a list are welcome; a file that unfolds without end is not. */
const MAX_ALIASES = 100;

/**
 * Turns the text of a plants file into what it says, frozen.
 * @param fileName as the problems name it
 * @throws ConfigError with one sentence per problem, each with its line
 */
export function parsePlants(text: string, fileName: string): Plants {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  const placeOf = (offset: number): string => `${fileName} line ${lineCounter.linePos(offset).line}`;

  const faults = new Map<string, string>();
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const place = placeOf(pos[0]);
    // What else is wrong in that line follows from the first.
    if (!faults.has(place)) faults.set(place, `${place}: ${message}.`);
  }
  if (faults.size > 0) throw new ConfigError([...faults.values()]);

  const given = toValue(document, fileName);
  const parsed = plantsSchema(namesOf(given)).safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .flatMap((issue) => locateAll(document, issue))
      .sort((a, b) => a.offset - b.offset);
    throw new ConfigError(
      problems.map(({ offset, steps, sentence }) => {
        const place = steps.length > 0 ? `${placeOf(offset)}: ${steps.join(" › ")}` : placeOf(offset);
        return `${place}: ${sentence}.`;
      }),
    );
  }
  const { shifts, ...rest } = parsed.data;
  return deepFreeze({ ...rest, shiftStarts: [...new Set(shifts)].sort((a, b) => a - b) });
}

function toValue(document: Document, fileName: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    throw new ConfigError([`${fileName}: ${(error as Error).message}.`]);
  }
}

/** The chats that the file names. One that is wrong is there all the same: who refers to it is not to blame. */
function namesOf(given: unknown): ReadonlyMap<string, Destination> {
  const chats = (given as { chats?: object | null }).chats ?? {};
  const parsed = chatsSchema.safeParse(chats);
  if (parsed.success) return new Map(Object.entries(parsed.data));
  return new Map(Object.keys(chats).map((name) => [name, { chatId: 0, threadId: null, name }]));
}

/** A problem and where it is in the file: where that starts, and the way there as people say it, counting from 1. */
interface Problem {
  readonly offset: number;
  readonly steps: readonly string[];
  readonly sentence: string;
}

/** Keys that are not known come together as one issue of their mapping. */
function locateAll(document: Document, issue: z.core.$ZodIssue): readonly Problem[] {
  const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({ ...locate(document, path), sentence: issue.message }));
}

function locate(document: Document, path: readonly PropertyKey[]): Pick<Problem, "offset" | "steps"> {
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
  return { offset, steps };
}

const startOf = (node: unknown): number | undefined => (node as { range?: readonly number[] } | undefined)?.range?.[0];

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (child !== null && typeof child === "object") deepFreeze(child);
  return Object.freeze(value);
}
