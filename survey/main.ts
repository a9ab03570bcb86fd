import { readFileSync, writeFileSync } from "node:fs";
import { survey } from "./figures.ts";
import { drawingOf } from "./drawing.ts";
import { roomTableOf, tableOf, withPart } from "./page.ts";
import { ROOMS } from "./rooms.ts";
import { readSources } from "./sources.ts";

/**
 * `npm run survey` prints how the house stands; `-- --all` also what was counted, `-- --write` puts figures, rooms and their drawing into
 * docs/architecture.md.
 */
const PAGE = new URL("../docs/architecture.md", import.meta.url);
const read = (page: URL): string => readFileSync(page, "utf8");
const figures = survey();
process.stdout.write(tableOf(figures));
if (process.argv.includes("--all")) {
  for (const { what, list } of figures) process.stdout.write(`\n${[what, ...list].join("\n  ")}\n`);
}
if (process.argv.includes("--write")) {
  const parts = { drawing: drawingOf(ROOMS, readSources()), rooms: roomTableOf(ROOMS), figures: tableOf(figures) };
  const written = Object.entries(parts).reduce((page, [name, part]) => withPart(page, name, part), read(PAGE));
  writeFileSync(PAGE, written);
}
