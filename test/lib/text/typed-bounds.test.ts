import { describe, expect, it } from "vitest";
import { tooMuch } from "../../../src/lib/text/typed-bounds.ts";

describe("what is typed", () => {
  it("may be as long as a field's whole label with two days and times", () => {
    expect(tooMuch(`${"a ".repeat(20)}2018-08-20 14:30 2018-08-21 08:00`)).toBeNull();
    expect(tooMuch(`${"a".repeat(80)} 2018-08-20 14:30 2018-08-21 08:00`)).toBeNull();
    expect(tooMuch("")).toBeNull();
  });

  it.each([["today ".repeat(680)], ["x".repeat(4_096)], ["a ".repeat(25)], [" ".repeat(4_096)]])(
    "is refused in a sentence beyond that: %.12s",
    (text) => {
      expect(tooMuch(text)).toBe("That is too long: I read 200 characters and 24 words at most.");
    },
  );
});
