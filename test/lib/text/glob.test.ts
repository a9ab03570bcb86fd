import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactGlob, matchesExactGlob, matchesGlob } from "../../../src/lib/text/glob.ts";

/** As slow and as plain as can be. */
function matchesNaively(glob: string, text: string): boolean {
  if (glob === "") return text === "";
  if (glob.startsWith("*")) {
    return matchesNaively(glob.slice(1), text) || (text !== "" && matchesNaively(glob, text.slice(1)));
  }
  return text !== "" && glob[0] === text[0] && matchesNaively(glob.slice(1), text.slice(1));
}

describe("matchesGlob", () => {
  it("is as a naive reference", () => {
    const letters = (alphabet: string[], maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...alphabet), maxLength });
    fc.assert(
      fc.property(letters(["A", "B", ".", "*"], 8), letters(["A", "B", ".", "*"], 10), (glob, text) => {
        expect(matchesGlob(glob, text)).toBe(matchesNaively(glob, text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["amb *", "AMB coil", true],
    ["*ÄÄ", "pöytä Ää", true],
    ["ΟΔΟΣ*", "οδοσα", true],
    ["a.c", "abc", false],
    ["ab*ba", "aba", false],
    ["(a+)+$", "(A+)+$", true],
  ])("%s on %s: %s", (glob, text, isMatch) => expect(matchesGlob(glob, text)).toBe(isMatch));

  it("takes no longer for a glob made to be slow", () => {
    const startedAt = performance.now();
    expect(matchesGlob(`${"a*".repeat(100)}b`, "a".repeat(100_000))).toBe(false);
    expect(matchesGlob(`*${"a".repeat(198)}b*`, "a".repeat(100_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it("may take one text alone, whatever signs it has", () => {
    const text = fc.string({ unit: fc.constantFrom("A", "*", "\\"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(matchesExactGlob(exactGlob(one), other)).toBe(one === other);
      }),
      { numRuns: 2_000 },
    );
    expect(matchesExactGlob(String.raw`\*\* hot*`, "** hot: pump")).toBe(true);
  });
});
