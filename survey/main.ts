import { survey } from "./figures.ts";
import { tableOf } from "./page.ts";

/**
 * `npm run survey` prints how the house stands; `-- --all` also what was counted, `-- --write` puts table and drawing into docs/.
 */
const figures = survey();
process.stdout.write(tableOf(figures));
if (process.argv.includes("--all")) {
  for (const { what, list } of figures) process.stdout.write(`\n${[what, ...list].join("\n  ")}\n`);
}
