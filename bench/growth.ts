import { writeFileSync } from "node:fs";
import { atMost, type Bench, type Figure } from "./support/figure.ts";
import { GROWTHS } from "./growth/measure.ts";
import { pictureOf } from "./growth/picture.ts";
import { steepness, type Series } from "./growth/series.ts";

/** Between flat (0) and proportional (1), and what chance adds. */
const PROPORTIONAL = 1.1;

/** How latency and memory grow with each of what there may be much of; draws docs/images/growth.svg. */
export const growth: Bench = {
  name: "growth",
  isLong: true,
  async run() {
    const all: Series[] = [];
    for (const measure of GROWTHS) all.push(await measure());
    writeFileSync(new URL("../docs/images/growth.svg", import.meta.url), pictureOf(all));
    return all.flatMap((series): Figure[] => {
      const most = series.points.at(-1)?.size.toLocaleString("en");
      const slopes = [
        [
          `${most} ${series.size}: latency grows tenfold for tenfold at 1, not at all at 0`,
          steepness(series, (point) => point.latencyMs),
        ],
        ["… memory", steepness(series, (point) => point.memoryMb)],
      ] as const;
      return slopes.flatMap(([what, slope]) => (slope === null ? [] : [atMost(what, PROPORTIONAL, slope, "")]));
    });
  },
};
