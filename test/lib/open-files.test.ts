import { expect, it } from "vitest";
import { maxOpenFiles, spareConnections } from "../../src/lib/open-files.ts";

it.each([
  [Infinity, 200],
  [1_024, 200],
  [256, 196],
  [100, 40],
  [64, 4],
  [20, 4],
])("of %d files %d connections from outside are to spare", (openFiles, expected) => {
  expect(spareConnections(200, openFiles)).toBe(expected);
});

it("the limit is the machine's own", () => {
  expect(maxOpenFiles()).toBeGreaterThan(60);
});
