import { expect, it } from "vitest";
import { weekStartOf } from "../../../src/telegram/dialogues/week-start.ts";

it.each([
  ["en-US", 7],
  ["en-GB", 1],
  ["pt-br", 7],
  ["fi-FI", 1],
  ["ar-EG", 6],
  // Nothing is said of where.
  ["en", 1],
  ["fa", 1],
  ["not a language", 1],
  ["", 1],
  [undefined, 1],
])("weeks of %s begin with weekday %i", (language, weekday) => {
  expect(weekStartOf(language)).toBe(weekday);
});
