import { describe, expect, it } from "vitest";
import { inAnyScript } from "../../../src/lib/text/any-script.ts";

/** One of each class alone, and what tells which of its two forms a text gets. */
const classes = [String.raw`\p{L}`, String.raw`\p{Lu}`, String.raw`\p{Ll}`, String.raw`\p{N}`];
const expressionsFor = inAnyScript((make) => ({
  inText: classes.map((name) => make(`^[${name}]$`, "u")),
  outside: classes.map((name) => make(`^[^${name}]$`, "u")),
}));

describe("an expression for texts in any script", () => {
  it("takes each character for what Unicode does", () => {
    const unicode = classes.map((name) => new RegExp(name, "u"));
    const wrong: number[] = [];
    // Beyond that all are of other scripts, and no signs of ours.
    for (let code = 0; code <= 0x30ff; code++) {
      const character = String.fromCodePoint(code);
      const { inText, outside } = expressionsFor(character);
      const isRight = unicode.every((one, i) => {
        const isOne = one.test(character);
        return inText[i]?.test(character) === isOne && outside[i]?.test(character) !== isOne;
      });
      if (!isRight) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  it("is of few letters for usual texts, and the same one for all of them", () => {
    const [usual, other] = [expressionsFor("Lämpötila – 82 µΩ"), expressionsFor("Температура 82 °C")];
    expect(usual.inText[0]?.source).not.toContain(String.raw`\p`);
    expect(other.inText[0]?.source).toContain(String.raw`\p{L}`);
    expect(expressionsFor("Pump 7 → 3 ‰")).toBe(usual);
    expect(expressionsFor("温度")).toBe(other);
  });
});
