import { hash } from "node:crypto";
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** One change of a text: where lines go out, and what comes in there. */
export interface LineEdit {
  /** The lines of the text as it is, as they are broken there. */
  readonly lines: readonly string[];
  /** How many lines stand before it. */
  readonly at: number;
  readonly removed: number;
  readonly added: readonly string[];
  /** The lines of the list of rules, which may be shown; others may hold secrets. From, and up to. */
  readonly list: readonly [from: number, end: number];
}

/** A rule as it stands in a file: what names it, and where. */
export interface RuleBlock {
  readonly mark: string;
  readonly from: number;
  readonly end: number;
  readonly text: readonly string[];
}

/** A line of a difference, as everybody reads it. */
export interface DiffLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

/** Under which rules of single alarms stand. */
const KEY = "alarms";
const INDENT = "  ";
const CONTEXT = 2;

/** Names a rule by what is written. */
export const ruleMark = (rule: readonly string[]): string =>
  hash("sha256", rule.join("\n"), "base64url").slice(0, MARK_LENGTH);
const MARK_LENGTH = 8;

/** Names a change of a text: another text, or another rule, has another. */
export const editMark = (text: string, rule: readonly string[]): string => ruleMark([text, ...rule]);

/**
 * Puts a rule before all others of a plants file, as the first that takes an alarm counts: right below its key, so that each comment stays
 * with what it is about.
 * @returns `null`: the list is of a form that no line can be added to
 */
export function ruleAdded(text: string, rule: readonly string[]): LineEdit | null {
  const lines = text.split("\n");
  const { key, value, lineOf } = listIn(text);
  if (key === null) {
    const isEnded = lines.at(-1) === "";
    const at = isEnded ? lines.length - 1 : lines.length;
    const gap = at === 0 || lines[at - 1]?.trim() === "" ? [] : [""];
    return editOf(lines, at, [...gap, `${KEY}:`, ...rule.map((line) => INDENT + line)], [at, at]);
  }
  const at = lineOf(key) + 1;
  // Where an empty list is written as `~`, nothing can stand below it.
  if (isScalar(value) && value.value === null && value.source === "") {
    return editOf(
      lines,
      at,
      rule.map((line) => INDENT + line),
      [at - 1, at],
    );
  }
  if (!isSeq(value) || value.flow === true) return null;
  const blocks = ruleBlocks(text);
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (!first || !last || first.from < at) return null;
  const indent = /^ */.exec(lines[first.from] ?? "")?.[0] ?? "";
  return editOf(
    lines,
    at,
    rule.map((line) => indent + line),
    [at - 1, last.end],
  );
}

/** Adds lines to a rule, behind those that it has; `null`: there is no such rule. */
export function keysAdded(text: string, index: number, keys: readonly string[]): LineEdit | null {
  const blocks = ruleBlocks(text);
  const block = blocks[index];
  if (!block) return null;
  const lines = text.split("\n");
  const indent = " ".repeat((lines[block.from]?.indexOf("-") ?? 0) + INDENT.length);
  const added = keys.map((line) => indent + line);
  return editOf(lines, block.end, added, listOf(blocks));
}

/** Takes the last lines of a rule out again; `null`: they are others. */
export function keysRemoved(text: string, block: RuleBlock, keys: readonly string[]): LineEdit | null {
  const isThere = keys.every((line, i) => block.text.at(i - keys.length) === INDENT + line);
  const [removed, at] = [keys.length, block.end - keys.length];
  return isThere ? { lines: text.split("\n"), at, removed, added: [], list: listOf(ruleBlocks(text)) } : null;
}

/** Takes a rule out again, and its key if nothing else stands there. */
export function ruleRemoved(text: string, block: RuleBlock): LineEdit {
  const lines = text.split("\n");
  const blocks = ruleBlocks(text);
  let { from } = block;
  if (blocks.length === 1 && lines[from - 1]?.trim() === `${KEY}:`) {
    from -= 1;
    const isLast = lines.slice(block.end).every((line) => line.trim() === "");
    if (isLast && from > 0 && lines[from - 1]?.trim() === "") from -= 1;
  }
  return { lines, at: from, removed: block.end - from, added: [], list: listOf(blocks) };
}

const listOf = (blocks: readonly RuleBlock[]): LineEdit["list"] => [blocks[0]?.from ?? 0, blocks.at(-1)?.end ?? 0];

/** Each rule of a plants file, as it is written there without the list's indent. */
export function ruleBlocks(text: string): readonly RuleBlock[] {
  const { value, lineOf } = listIn(text);
  if (!isSeq(value) || value.flow === true) return [];
  const lines = text.split("\n");
  return value.items.flatMap((item) => {
    const [start, end] = isNode(item) && item.range ? item.range : [0, 0];
    if (end <= start) return [];
    const [from, to] = [lineOf(start), lineOf(end - 1) + 1];
    const indent = lines[from]?.indexOf("-") ?? 0;
    const block = lines.slice(from, to).map((line) => line.slice(indent).trimEnd());
    return [{ mark: ruleMark(block), from, end: to, text: block }];
  });
}

/** The text after a change. */
export const edited = ({ lines, at, removed, added }: LineEdit): string =>
  lines.toSpliced(at, removed, ...added).join("\n");

/** What a change does, with a line or two around it; of what is no rule of an alarm, only the keys are shown. */
export function diffOf({ lines, at, removed, added, list: [from, end] }: LineEdit): readonly DiffLine[] {
  const context = (start: number, stop: number): DiffLine[] =>
    lines
      .slice(Math.max(0, start), stop)
      .map((line, i) => ({ line: line.trimEnd(), i: Math.max(0, start) + i }))
      .filter(({ line, i }) => line !== "" || i < lines.length - 1)
      .map(({ line, i }) => ({ sign: " ", text: i >= from && i < end ? line : keyOnly(line) }));
  return [
    ...context(at - CONTEXT, at),
    ...lines.slice(at, at + removed).map((line): DiffLine => ({ sign: "-", text: line.trimEnd() })),
    ...added.map((line): DiffLine => ({ sign: "+", text: line.trimEnd() })),
    ...context(at + removed, at + removed + CONTEXT),
  ];
}

/** Keys and addresses of a plants file may be secret. */
function keyOnly(line: string): string {
  const [start = ""] = /^\s*(?:- )*(?:[\w-]+:(?:\s|$))?/.exec(line) ?? [];
  return start.length === line.length ? line : `${start}…`;
}

function editOf(lines: readonly string[], at: number, added: readonly string[], list: LineEdit["list"]): LineEdit {
  // As the file breaks its lines.
  const end = lines.length > 1 && lines[0]?.endsWith("\r") ? "\r" : "";
  return { lines, at, removed: 0, added: added.map((line) => line + end), list };
}

/** The list of rules: where its key starts, and what stands behind that. */
function listIn(text: string): {
  readonly key: number | null;
  readonly value: unknown;
  readonly lineOf: (offset: number) => number;
} {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line - 1;
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === KEY) : undefined;
  const key = isNode(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
  return { key, value: pair?.value ?? null, lineOf };
}
