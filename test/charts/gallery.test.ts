import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CASES } from "../../gallery/cases.ts";
import { drawChart } from "../../src/charts/draw.ts";
import { chartOptions } from "../../src/charts/options.ts";
import type { ChartRequest } from "../../src/charts/request.ts";
import { faded, THEMES } from "../../src/charts/theme.ts";
import { decode, type Picture } from "./picture.ts";

const requestOf = (name: string): ChartRequest => CASES.find((one) => one.name === name)!.request;
const pictureOf = (name: string): Promise<Picture> => decode(drawChart(requestOf(name)));
const annotationsOf = (name: string) => chartOptions(requestOf(name)).options?.plugins?.annotation?.annotations ?? [];
const labelsOf = (name: string): string[] =>
  annotationsOf(name).flatMap((one) => {
    const { content, label } = one as { content?: string; label?: { content: string } };
    return [content, label?.content].filter((text) => text !== undefined);
  });
/** How much of the line is in the column of an hour of the day, for a line that goes over `share` of it. */
async function columnsOf(name: string, share: number): Promise<(hour: number) => number> {
  const picture = await pictureOf(name);
  const [left, right] = picture.lineSpan();
  return (hour) => picture.countLine(Math.round(left + ((right - left) * hour) / (24 * share)));
}
const LIGHT = CASES.filter(({ request }) => request.theme === "light").map(({ name }) => name);
const WITHOUT_LINE = new Set(["all-blank", "one-point"]);

describe("the gallery", () => {
  it("has twenty pictures, each the same at each drawing, as docs/gallery has them", () => {
    expect(CASES).toHaveLength(20);
    for (const { name, request } of CASES) {
      const file = new URL(`../../docs/gallery/${name}.png`, import.meta.url);
      expect(existsSync(file), `${name}.png`).toBe(true);
      // Drawn anew by `npm run gallery` whenever pictures change.
      expect(Buffer.compare(readFileSync(file), drawChart(request)), `${name}.png beside what is drawn`).toBe(0);
    }
  }, 30_000);

  it.each(LIGHT.filter((name) => !WITHOUT_LINE.has(name)))("%s has its line over the plot", async (name) => {
    const picture = await pictureOf(name);
    const [left, right] = picture.lineSpan();
    expect(left).toBeGreaterThan(10);
    expect(left).toBeLessThan(230);
    expect(right).toBeGreaterThan(1_000);
    expect(picture.blankShare()).toBeGreaterThan(0.5);
    expect(picture.countDark(0, 0, 700, 60)).toBeGreaterThan(800);
  });

  it("week-at-15-s, month: one entry that stands out is seen, and named", () => {
    expect(labelsOf("week-at-15-s")).toContain("max 79 °C");
    expect(labelsOf("month")).toEqual(expect.arrayContaining(["limit 80 °C: 1 min over", "max 84 °C"]));
  });

  it("temperature-run, sine: extremes and the newest number", () => {
    expect(labelsOf("temperature-run")).toEqual(["max 83.7 °C", "min 22 °C", "83.7 °C"]);
    expect(labelsOf("sine")).toEqual(["max 5 V", "min −5 V", "−0.8 V"]);
  });

  it("gaps: nothing is drawn in them, and the long ones say how long they were", async () => {
    const columns = await columnsOf("gaps", 20 / 24);
    expect([4.2, 7, 9.3, 14.3].map(columns)).toEqual([0, 0, 0, 0]);
    expect(Math.min(...[2, 3.8, 10, 13, 16, 19].map(columns))).toBeGreaterThan(0);
    expect(labelsOf("gaps")).toEqual(expect.arrayContaining(["5 h 30 min", "4 h"]));
    expect(annotationsOf("gaps").filter((one) => one?.type === "box")).toHaveLength(3);
  });

  it("dst-night: nine hours, of which three are between 02:00 and 04:00", () => {
    const [midnight, two, four] = chartOptions(requestOf("dst-night")).data.labels as number[];
    expect([two! - midnight!, four! - two!]).toEqual([2 * 3_600_000, 3 * 3_600_000]);
    expect(chartOptions(requestOf("dst-night")).options?.plugins?.subtitle?.text).toContain("clocks go back");
  });

  it("same-unit, two-units, four-fields: axes and colours", () => {
    const axes = (name: string) => Object.keys(chartOptions(requestOf(name)).options?.scales ?? {}).length - 1;
    expect(["same-unit", "two-units", "four-fields", "dark-four-fields"].map(axes)).toEqual([1, 2, 4, 2]);
    const colours = chartOptions(requestOf("four-fields")).data.datasets.flatMap(({ label, borderColor }) =>
      label === undefined ? [] : [borderColor],
    );
    expect(colours).toEqual(THEMES.light.lines);
  });

  it("over-limit, dark: limits with their values, the alarm, and what is over the limit shaded", () => {
    for (const name of ["over-limit", "dark"]) {
      expect(labelsOf(name)).toEqual(expect.arrayContaining(["#42", "limit 66 °C: 5 h 33 min over", "limit 80 °C"]));
      const fills = chartOptions(requestOf(name)).data.datasets.map(
        ({ fill }) => (fill as { target?: unknown })?.target,
      );
      expect(fills).toContainEqual({ value: 66 });
    }
  });

  it("alarm-bands: all four with their numbers, three with their start", () => {
    expect(annotationsOf("alarm-bands").filter((one) => one?.type === "box")).toHaveLength(4);
    expect(labelsOf("alarm-bands").filter((label) => label.startsWith("#"))).toEqual(["#7", "#12", "#13", "#128"]);
    expect(annotationsOf("alarm-bands").filter((one) => one?.type === "line")).toHaveLength(3);
  });

  it("yesterday: paler, below today; the numbers are today's", () => {
    const today = THEMES.light.lines[0]!;
    const colours = chartOptions(requestOf("yesterday")).data.datasets.map(({ borderColor }) => borderColor);
    // What is first is drawn on top.
    const pale = colours.indexOf(faded(today, 0.45));
    expect(pale).toBeGreaterThan(colours.lastIndexOf(today));
    // Its lowest and highest.
    expect(colours.slice(pale + 1)).toEqual([faded(today, 0.25), faded(today, 0.25)]);
    expect(chartOptions(requestOf("yesterday")).options?.plugins?.subtitle?.text).toContain("pale: yesterday");
  });

  it("one-point, flat, all-blank: a dot, a line, a word", async () => {
    const dot = await pictureOf("one-point");
    const [left, right] = dot.lineSpan();
    expect(right - left).toBeLessThan(20);
    expect(labelsOf("one-point")).toEqual(["61.5 °C"]);
    expect(labelsOf("flat")).toEqual(["60 °C"]);
    expect((await pictureOf("all-blank")).lineSpan()).toEqual([undefined, undefined]);
    expect(labelsOf("all-blank")).toEqual(["No numbers in this period"]);
  });

  it("huge, tiny, negative: numbers that can be read", () => {
    expect(labelsOf("huge")).toContain("max 5.52×10¹²");
    expect(labelsOf("tiny")[0]).toMatch(/^max 2\.9\d+×10⁻⁶ A$/);
    expect(labelsOf("negative")).toEqual(
      expect.arrayContaining(["limit −20 °C: 54 min below", "max −7.7 °C", "min −20.3 °C"]),
    );
  });
});
