import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/lib/errors.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { DEFAULT_PLANTS } from "../../src/plants/plants.ts";
import { check, expectCleanPrototypes, inTime, repeated, text } from "./cases.ts";

const EXAMPLE = readFileSync(join(import.meta.dirname, "..", "..", "deploy", "plants.example.yaml"), "utf8");
const LINES = EXAMPLE.split("\n");

/** Pieces of YAML, right ones and wrong ones: aliases that unfold, anchors to nothing, tags, keys twice, depth. */
const piece = fc.oneof(
  fc.constantFrom(
    ...LINES,
    "routes:", "  - to: hall6", "    to: *a", "chats: &a {hall: -1}", "a: &a [*a, *a]", "b: &b [*a,*a,*a,*a,*a,*a]", "c: [*b,*b,*b,*b,*b,*b]",
    "<<: *a", "__proto__: {polluted: 1}", "constructor: 1", "chats: {__proto__: 1, constructor: 2, toString: 3}", "? {a: 1}", ": x", "---", "...",
    "!!js/function 'x'", "!!binary x", "!!set {a}", "a: !!float 1e999", "fields: [{field: 1e999}]", "shifts: [99999999999999999999]", "\t", "%YAML 1.1",
    "heartbeats: [{topic: '#/#'}]", "bridges: [[[[[[[[]]]]]]]]", "routes: 0x10", "escalation: {critical: {then: [{after: 1d, to: hall6}]}}", "a: |\n  b",
  ), // prettier-ignore
  text,
  fc.tuple(text, text).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`),
);
const file = fc.oneof(
  { weight: 4, arbitrary: fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join("\n")) },
  fc
    .tuple(fc.nat(EXAMPLE.length), fc.nat(40), text)
    .map(([at, count, put]) => EXAMPLE.slice(0, at) + put + EXAMPLE.slice(at + count)),
  fc
    .tuple(fc.constantFrom("[", "{", "{a: ", "- ", "? ", "[{", "!!"), fc.nat(1_000))
    .map(([open, depth]) => open.repeat(depth)),
);

/** What it says, or its problems. */
function read(content: string): ReturnType<typeof parsePlants> | readonly string[] {
  try {
    return inTime(() => parsePlants(content, "plants.yaml"));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const isProblems = (result: ReturnType<typeof read>): result is readonly string[] => Array.isArray(result);

describe("any plants file", () => {
  it("says something that is complete, or has some problems, each in one short line", () => {
    check(file, (content) => {
      const result = read(content);
      if (!isProblems(result)) {
        expect(Object.keys(result).toSorted()).toEqual(Object.keys(DEFAULT_PLANTS).toSorted());
        expect(Object.isFrozen(result.routes)).toBe(true);
        for (const { chatId } of Object.values(result.chats)) expect(Number.isSafeInteger(chatId)).toBe(true);
        expect(JSON.stringify(result).length).toBeLessThan(100 * (content.length + 1_000));
        return;
      }
      expect(result.length).toBeGreaterThan(0);
      expect(result.length).toBeLessThanOrEqual(51);
      for (const problem of result) {
        expect(problem).toMatch(/^(plants\.yaml( line \d+)?: |… and \d+ more)/);
        expect(problem.length).toBeLessThan(350);
        expect(problem).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }
    });
    expectCleanPrototypes();
  });

  it("of one pattern is read in the time that its length needs", () => {
    check(repeated(4_000), (content) => void read(content));
  });
});

describe("a file that unfolds without end, or has no end", () => {
  const NINE = Array.from({ length: 9 });
  const bomb = NINE.map((_, i) => `a${i}: &a${i} [${NINE.map(() => (i === 0 ? "x" : `*a${i - 1}`)).join(", ")}]`);

  it.each([
    ["aliases of aliases", bomb.join("\n")],
    ["an alias of itself", "chats: &a {hall: *a}"],
    ["100,000 brackets", "[".repeat(100_000)],
    ["100,000 brackets, closed again", "[".repeat(50_000) + "]".repeat(50_000)],
    [
      "3,000 keys that nobody knows",
      NINE.map(() => "").join("x: 1\n") + Array.from({ length: 3_000 }, (_, i) => `k${i}: 1`).join("\n"),
    ],
  ])("is refused: %s", (_, content) => {
    expect(() => parsePlants(content, "plants.yaml")).toThrow(ConfigError);
  });
});
