import { parseEnv } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEnvFile, unquoted } from "../../src/config/env-file.ts";
import { CUTTING, READERS } from "./readers.ts";

const valueOf = (written: string): string | undefined => parseEnvFile(`NAME=${written}`, ".env").values.get("NAME");
const problemOf = (written: string): string => parseEnvFile(`NAME=${written}`, ".env").problems.join("\n");
const asFound = (values: object): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unquoted(String(value))]));

describe("a value in .env", () => {
  it.each([
    ["lut/AMBsystem/warnings/#", "lut/AMBsystem/warnings/#"],
    ["a/#,b/+/c", "a/#,b/+/c"],
    ["'lut/#, plant/#'", "lut/#, plant/#"],
    ["'$SYS/broker/publish/messages/dropped'", "$SYS/broker/publish/messages/dropped"],
    ["pa#ss", "pa#ss"],
    ["'#pass'", "#pass"],
    ["'pa\\ss$word'", "pa\\ss$word"],
    ['"it\'s"', "it's"],
    ["it's", "it's"],
    ["a=b=c", "a=b=c"],
    ["  padded  ", "padded"],
    ["", ""],
    ["''", ""],
    ["Größe °C", "Größe °C"],
  ])("%j is %j, wherever the file is read", (written, value) => {
    expect(problemOf(written)).toBe("");
    expect(valueOf(written)).toBe(value);
    for (const read of Object.values(READERS)) expect(asFound(read(`NAME=${written}\n`))).toEqual({ NAME: value });
  });

  it.each([
    ["#pass", "some readers take for the start of a comment"],
    ["value # a comment", "some readers take for the start of a comment"],
    ["a/#, #", "some readers take for the start of a comment"],
    ["$SYS/#", "holds a $"],
    ["pa$$word", "holds a $"],
    ["C:\\valvomo", "holds a \\"],
    ["“lut/#”", "begins with a typographic quote"],
    ["'open", "does not end in its line"],
    ["'", "does not end in its line"],
    ["'a' # a comment", "continues behind its quotes"],
    ["'it's'", "holds the quote that it stands in"],
    ['"pa$$"', "in double quotes"],
    ['"a\\n"', "in double quotes"],
    ["'a\\'", "before its quote"],
    ["' a'", "a blank inside its quotes"],
    [`"'a'"`, "two pairs of quotes"],
    ["a\0b", "control character"],
    ["a\rb", "control character"],
  ])("%j is refused: it %s", (written, reason) => {
    expect(valueOf(written)).toBeUndefined();
    expect(problemOf(written)).toMatch(/^\.env line 1: NAME .+\.$/);
    expect(problemOf(written)).toContain(reason);
  });

  it("is never told, as it may be a secret", () => {
    for (const written of ["s3cret # x", "s3cret$", "'s3cret", '"s3cret\\"'])
      expect(problemOf(written)).not.toContain("s3cret");
  });
});

describe("a line of .env", () => {
  it.each([
    ["NAME = value", "remove the blank before the =."],
    ["export NAME=value", "NAME needs no export: write NAME=value."],
    ["; comment", "a comment starts with #."],
    ["NAME: value", "this is neither NAME=value nor a comment, which starts with #."],
    ["NAME", "this is neither NAME=value nor a comment, which starts with #."],
    ["=value", "this is neither NAME=value nor a comment, which starts with #."],
    ["# to be continued \\", "the comment ends with a \\, so it continues in the next line."],
    ["\uFEFFNAME=value", "the file begins with a byte order mark: save it as UTF-8 without one."],
  ])("%j is refused in words", (line, problem) => {
    expect(parseEnvFile(`${line}\n`, ".env")).toEqual({ values: new Map(), problems: [`.env line 1: ${problem}`] });
  });

  it("is named by its number, also behind comments, empty lines and ends of Windows; one name stands once", () => {
    const { values, problems } = parseEnvFile("# comment\r\n\r\n  A=1\r\nB=$x\r\nA=2\r\n", ".env");
    expect([...values]).toEqual([["A", "1"]]);
    expect(problems).toEqual([
      expect.stringMatching(/^\.env line 4: B holds a \$/),
      ".env line 5: A stands in line 3 already: keep one of them.",
    ]);
  });
});

it("what is taken at all is the same for docker, compose and systemd, and in quotes for all others", () => {
  const piece = fc.constantFrom(
    "#",
    " ",
    "'",
    '"',
    "\\",
    "$",
    "a",
    "=",
    "/",
    "\t",
    ";",
    "ä",
    "{",
    "}",
    ":",
    "`",
    "n",
    "\r",
  );
  const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  let taken = 0;
  fc.assert(
    fc.property(line, line, (first, second) => {
      const text = `A=${first}\n  B=${second}\r\nC=end\n`;
      const { values, problems } = parseEnvFile(text, ".env");
      if (problems.length > 0) return;
      taken += 1;
      for (const [name, read] of Object.entries(READERS)) {
        expect({ name, ...asFound(read(text)) }).toEqual({ name, ...Object.fromEntries(values) });
      }
      if (/[^'"\s]/.test(first.trim()[0] ?? "x") || /[^'"\s]/.test(second.trim()[0] ?? "x")) return;
      for (const read of [...Object.values(CUTTING), parseEnv]) {
        expect(asFound(read(text))).toEqual(Object.fromEntries(values));
      }
    }),
    { numRuns: 10_000 },
  );
  expect(taken).toBeGreaterThan(500);
});
