import { readFileSync, writeFileSync } from "node:fs";
import { survey } from "./figures.ts";
import { drawingOf, tableOf, withPart } from "./page.ts";
import { ROOMS } from "./rooms.ts";

/**
 * `npm run survey` prints how the house stands; `-- --all` also what was counted, `-- --write` puts figures and rooms into
 * docs/architecture.md.
 */
const PAGE = new URL("../docs/architecture.md", import.meta.url);
const figures = survey();
process.stdout.write(tableOf(figures));
if (process.argv.includes("--all")) {
  for (const { what, list } of figures) process.stdout.write(`\n${[what, ...list].join("\n  ")}\n`);
}
if (process.argv.includes("--write")) {
  const page = withPart(readFileSync(PAGE, "utf8"), "figures", tableOf(figures));
  writeFileSync(PAGE, withPart(page, "rooms", drawingOf(ROOMS)));
}
