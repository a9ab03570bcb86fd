import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { parsePlotCommand } from "../../src/queries/plot-command.ts";
import { readAmong } from "../../src/queries/read-among.ts";

const NOW = Date.parse("2026-11-23T13:00:00Z");
const FIELDS = [{ number: 1, label: "Coil" }];
/** Whether what reads people's own words is there; it takes 12 MB, and half of the time of a first plot. */
const isLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("chrono-node"));

async function read(typed: string): Promise<number> {
  const found = await readAmong(
    typed,
    (fields) => parsePlotCommand(typed, fields, "UTC", NOW),
    async () => FIELDS,
    { like: [], all: () => [] },
  );
  return "value" in found ? found.value.startAt : Number.NaN;
}

it("reads a field and a time by its form without what reads people's own words, which is loaded for these", async () => {
  const day = NOW - 86_400_000;
  for (const typed of ["", "24h", "1 24h", "coil 24h", "coil"]) expect(await read(typed)).toBe(day);
  expect(isLoaded()).toBe(false);
  expect(await read("coil last monday")).toBe(Date.parse("2026-11-16T00:00:00Z"));
  expect(isLoaded()).toBe(true);
});
