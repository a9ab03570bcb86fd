import { describe, expect, it } from "vitest";
import { drawChart } from "../../src/charts/draw.ts";
import { heightOf } from "../../src/charts/layout.ts";
import { limitsNear } from "../../src/charts/limits.ts";
import { chartOptions } from "../../src/charts/options.ts";
import type { ChartRequest } from "../../src/charts/request.ts";
import { THEMES } from "../../src/charts/theme.ts";
import type { Limit } from "../../src/plots/measurement.ts";
import { DAY_MS, lineOf, requestFor, seriesOf, START_AT } from "./request.ts";

const HOUR = 3_600_000;
const wave = seriesOf(1_440, (i) => 60 + 10 * Math.sin(i / 200));
const HIGH: Limit = { value: 75, side: "above", severity: "error" };

const annotationsOf = (request: ChartRequest) => chartOptions(request).options?.plugins?.annotation?.annotations ?? [];
const of = (request: ChartRequest, type: string) =>
  annotationsOf(request).filter((annotation) => annotation?.type === type) as unknown as Record<string, unknown>[];
const labelOf = ({ label }: Record<string, unknown>) => (label as { content?: string } | undefined)?.content;

describe("limits", () => {
  it("are drawn where the numbers come near, with their value; far ones only on request, or none", () => {
    const limits: Limit[] = [HIGH, { value: 400, side: "above", severity: "critical" }];
    const drawn = (limits_: ChartRequest["limits"]) =>
      of(requestFor([lineOf(wave, { limits })], { limits: limits_ }), "line").map(labelOf);
    expect(drawn("near")).toEqual(["limit 75 °C"]);
    expect(drawn("all")).toEqual(["limit 75 °C", "limit 400 °C"]);
    expect(drawn("none")).toEqual([]);
    expect(limitsNear(limits, { min: 60, max: 60 }, "near")).toEqual([]);
    expect(limitsNear([HIGH], { min: 70, max: 70 }, "near")).toEqual([HIGH]);
  });

  it("are within the axis, and what is over them is shaded on their side", () => {
    const options = chartOptions(requestFor([lineOf(wave, { limits: [HIGH] })], { limits: "all" }));
    expect(options.options?.scales?.["y0"]?.max).toBeGreaterThan(75);
    const shaded = options.data.datasets.filter(
      ({ fill }) => (fill as { target?: { value?: number } } | undefined)?.target?.value === 75,
    );
    expect(shaded).toHaveLength(1);
    expect(shaded[0]?.fill).toMatchObject({ below: "transparent" });
  });
});

describe("axes", () => {
  const other = (unit: string | null, number: number) => lineOf(wave, { unit, number, label: `Field ${number}` });
  const axes = (request: ChartRequest) =>
    Object.entries(chartOptions(request).options?.scales ?? {})
      .filter(([id]) => id !== "x")
      .map(([id, axis]) => [id, (axis as { position: string }).position, (axis as { stack?: string }).stack]);

  it("are one for one unit, two side by side, and a panel each from three on, the first on top", () => {
    expect(axes(requestFor([other("°C", 1), other("°C", 2)]))).toEqual([["y0", "left", undefined]]);
    expect(axes(requestFor([other("°C", 1), other("bar", 2)]))).toEqual([
      ["y1", "right", undefined],
      ["y0", "left", undefined],
    ]);
    expect(axes(requestFor([other("°C", 1), other("bar", 2), other(null, 3)]))).toEqual([
      ["y2", "left", "panels"],
      ["y1", "left", "panels"],
      ["y0", "left", "panels"],
    ]);
  });

  it("have a legend only where there is more than one line", () => {
    const legend = (request: ChartRequest) => chartOptions(request).options?.plugins?.legend?.display;
    expect(legend(requestFor([other("°C", 1)]))).toBe(false);
    expect(legend(requestFor([other("°C", 1), other("bar", 2)]))).toBe(true);
  });

  it("place a value between their ends", () => {
    expect(heightOf(60, { min: 50, max: 70 })).toBeCloseTo(0.5);
    expect(heightOf(70, { min: 50, max: 70 })).toBeGreaterThan(0);
  });
});

describe("times", () => {
  it("show each alarm as a band from its start to its end, and its number at the start", () => {
    const alarms = [
      { alarmId: 7, severity: "error" as const, startAt: START_AT + 5 * HOUR, endAt: START_AT + 6 * HOUR },
      { alarmId: 8, severity: "critical" as const, startAt: START_AT - HOUR, endAt: START_AT + HOUR },
      { alarmId: 9, severity: "critical" as const, startAt: START_AT + 20 * HOUR, endAt: null },
      { alarmId: 10, severity: "critical" as const, startAt: START_AT - 3 * HOUR, endAt: START_AT - HOUR },
    ];
    const request = requestFor([lineOf(wave)], { alarms });
    expect(of(request, "box").map(({ xMin, xMax }) => [xMin, xMax])).toEqual([
      [START_AT, START_AT + HOUR],
      [START_AT + 5 * HOUR, START_AT + 6 * HOUR],
      [START_AT + 20 * HOUR, START_AT + DAY_MS],
    ]);
    expect(of(request, "line").map((line) => [line["value"], labelOf(line)])).toEqual([
      [START_AT + 5 * HOUR, "#7"],
      [START_AT + 20 * HOUR, "#9"],
    ]);
  });

  it("show a gap with its length where that has room, and a short one without", () => {
    const gappy = seriesOf(1_440, (i) => ((i > 300 && i < 721) || (i > 1_000 && i < 1_041) ? Number.NaN : 1));
    expect(of(requestFor([lineOf(gappy)]), "box").map(labelOf)).toEqual(["7 h 1 min", undefined]);
  });
});

describe("numbers", () => {
  it("have the decimals of the plants file and the unit", () => {
    const request = requestFor([lineOf(wave, { decimals: 2 })]);
    const contents = of(request, "label").map(({ content }) => content);
    expect(contents).toEqual(["max 70.00 °C", "min 50.00 °C", expect.stringMatching(/^last \d\d\.\d\d °C$/)]);
  });

  it("of several lines are the newest, and none covers another", () => {
    const lines = [0, 1, 2, 3].map((i) =>
      lineOf(
        seriesOf(100, () => 60 + i),
        { number: i + 1 },
      ),
    );
    const labels = of(requestFor(lines), "label");
    const tops = labels.map(
      ({ yValue, yAdjust }) => heightOf(Number(yValue), { min: 60, max: 63 }) * 440 + Number(yAdjust),
    );
    for (const [i, top] of tops.toSorted((a, b) => a - b).entries()) {
      if (i > 0) expect(top - tops.toSorted((a, b) => a - b)[i - 1]!).toBeGreaterThan(40);
    }
    expect(labels).toHaveLength(4);
  });
});

describe("themes", () => {
  it("have a background of their own, and lines that are told apart", () => {
    const night = requestFor([lineOf(wave)], { theme: "dark" });
    expect(drawChart(night)).not.toEqual(drawChart(requestFor([lineOf(wave)])));
    for (const { lines } of Object.values(THEMES)) expect(new Set(lines).size).toBe(4);
  });
});
