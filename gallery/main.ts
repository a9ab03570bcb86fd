import { mkdirSync, writeFileSync } from "node:fs";
import { drawChart } from "../src/charts/draw.ts";
import { CASES } from "./cases.ts";

/** Draws all cases into docs/gallery. */
const folder = new URL("../docs/gallery/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const { name, shows, request } of CASES) {
  writeFileSync(new URL(`${name}.png`, folder), drawChart(request));
  process.stdout.write(`${name}.png: ${shows}\n`);
}
