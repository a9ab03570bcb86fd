import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { destinationsOf, matchesGlob, type Route } from "../../../src/alarms/cards/route.ts";
import type { Destination } from "../../../src/alarms/types.ts";

const chat = (chatId: number, threadId: number | null = null): Destination => ({
  chatId,
  threadId,
  name: `c${chatId}`,
});
const route = (to: readonly Destination[], more: Partial<Route> = {}): Route => ({
  severity: "info",
  sources: [],
  topics: [],
  to,
  ...more,
});
const alarm = { peakSeverity: "error", source: "AMB coil 1", topic: "lut/AMB/warnings" } as const;

describe("destinationsOf", () => {
  it.each<[string, Partial<Route>, boolean]>([
    ["nothing asked", {}, true],
    ["a lower severity", { severity: "warning" }, true],
    ["its severity", { severity: "error" }, true],
    ["a higher severity", { severity: "critical" }, false],
    ["its source", { sources: ["Pump", "amb *"] }, true],
    ["another source", { sources: ["Pump*"] }, false],
    ["its topic", { topics: ["x", "lut/#"] }, true],
    ["another topic", { topics: ["lut/+"] }, false],
    ["its source, but another topic", { sources: ["AMB*"], topics: ["x"] }, false],
  ])("%s", (_, more, isTaken) => {
    expect(destinationsOf(alarm, [route([chat(1)], more)])).toEqual(isTaken ? [chat(1)] : []);
  });

  it("names nobody without routes", () => expect(destinationsOf(alarm, [])).toEqual([]));

  it("names a chat once, in the thread of the first route that takes the alarm", () => {
    const routes = [
      route([chat(9)], { severity: "critical" }),
      route([chat(1, 7), chat(2)]),
      route([chat(3), chat(1), chat(9, 4)]),
    ];
    expect(destinationsOf(alarm, routes)).toEqual([chat(1, 7), chat(2), chat(3), chat(9, 4)]);
  });

  it("takes a source that is not known as an empty one", () => {
    const taken = (glob: string) => destinationsOf({ ...alarm, source: null }, [route([chat(1)], { sources: [glob] })]);
    expect(["*", "", "a*"].map((glob) => taken(glob).length)).toEqual([1, 1, 0]);
  });
});

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
});
