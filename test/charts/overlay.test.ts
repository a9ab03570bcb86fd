import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marksOf } from "../../src/charts/axes.ts";
import { endsOf } from "../../src/charts/bounds.ts";
import { drawChart } from "../../src/charts/draw.ts";
import { LINE_HEIGHT } from "../../src/charts/frame.ts";
import { axesOf, heightOf } from "../../src/charts/layout.ts";
import { limitsNear } from "../../src/charts/limits-near.ts";
import { chartOptions } from "../../src/charts/options.ts";
import type { ChartLine, ChartRequest } from "../../src/charts/request.ts";
import { THEMES } from "../../src/charts/theme.ts";
import { valueTicks } from "../../src/charts/value-ticks.ts";
import type { MeasuredLimit } from "../../src/measurements/measurement.ts";
import { contrast, difference, EYES } from "./eyes.ts";
import { DAY_MS, lineOf, requestFor, seriesOf, START_AT } from "./request.ts";

const HOUR = 3_600_000;
const wave = seriesOf(1_440, (i) => 60 + 10 * Math.sin(i / 200));
const HIGH: MeasuredLimit = { value: 75, side: "above", severity: "error" };

const annotationsOf = (request: ChartRequest) => chartOptions(request).options?.plugins?.annotation?.annotations ?? [];
const of = (request: ChartRequest, type: string) =>
  annotationsOf(request).filter((annotation) => annotation?.type === type) as unknown as Record<string, unknown>[];
const textsOf = (request: ChartRequest) => of(request, "label").map(({ content }) => String(content));

describe("limits", () => {
  it("are drawn where the numbers come near, with their value; far ones only on request, or none", () => {
    const limits: MeasuredLimit[] = [HIGH, { value: 400, side: "above", severity: "critical" }];
    const drawn = (shown: ChartRequest["limits"]) =>
      textsOf(requestFor([lineOf(wave, { limits })], { limits: shown })).filter((text) => text.startsWith("limit"));
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

describe("the label of a limit", () => {
  it("says for how long it was passed where only one line can be meant", () => {
    const passed = (from: number, to: number) => seriesOf(1_440, (i) => (i >= from && i < to ? 85 : 70));
    const upper = lineOf(passed(600, 720), { limits: [HIGH] });
    const lower = lineOf(passed(1_000, 1_020), { limits: [HIGH], number: 2 });
    const texts = (...lines: readonly ChartLine[]) =>
      textsOf(requestFor(lines)).filter((text) => text.startsWith("limit"));
    expect(texts(upper)).toEqual(["limit 75 °C: 2 h over"]);
    // Not the twenty minutes of the one for the two hours of the other.
    expect(texts(upper, lower)).toEqual(["limit 75 °C"]);
  });

  it("is in the panel of its line, not among the numbers of the next one", () => {
    const low: MeasuredLimit = { value: 49, side: "below", severity: "error" };
    const others = ["bar", "rpm", "l/min"].map((unit, i) => lineOf(wave, { unit, number: i + 2 }));
    const labels = of(requestFor([lineOf(wave, { limits: [low] }), ...others]), "label");
    // At the bottom of its panel there is room above it only.
    expect(labels.find(({ content }) => content === "limit 49 °C")).toMatchObject({ position: { y: "end" } });
  });
});

describe("axes", () => {
  const other = (unit: string | null, number: number) => lineOf(wave, { unit, number, label: `Field ${number}` });
  const axes = (request: ChartRequest) =>
    Object.entries(chartOptions(request).options?.scales ?? {})
      .filter(([id]) => id !== "x")
      .map(([id, axis]) => [id, (axis as { position: string }).position, (axis as { stack?: string }).stack]);

  it("are one for one unit, and of several units a panel each, the first on top", () => {
    expect(axes(requestFor([other("°C", 1), other("°C", 2)]))).toEqual([["y0", "left", undefined]]);
    expect(axes(requestFor([other("°C", 1), other("bar", 2), other(null, 3)]))).toEqual([
      ["y2", "left", "panels"],
      ["y1", "left", "panels"],
      ["y0", "left", "panels"],
    ]);
  });

  it("of fields without a unit are one for each range, so that none is a flat line", () => {
    const panelsOf = (...ranges: readonly (readonly [number, number])[]) =>
      axesOf(
        ranges.map((_, i) => other(null, i + 1)),
        ranges.map(([min, max]) => ({ min, max })),
        "none",
      ).map(({ lines }) => lines);
    // Temperature, humidity and pressure.
    expect(panelsOf([20, 24], [30, 60], [1_000, 1_020])).toEqual([[0], [1], [2]]);
    expect(panelsOf([20, 24], [1_000, 1_020], [18, 23])).toEqual([[0, 2], [1]]);
    expect(panelsOf([0, 0.1], [0, 1_000])).toEqual([[0], [1]]);
    // Two coils, two set points, and one that has no numbers.
    expect(panelsOf([50, 70], [55, 60])).toEqual([[0, 1]]);
    expect(panelsOf([60, 60], [61, 61])).toEqual([[0, 1]]);
    expect(
      axesOf(
        [other(null, 1), other(null, 2)],
        [
          { min: null, max: null },
          { min: 0, max: 9 },
        ],
        "none",
      ),
    ).toHaveLength(1);
    expect(panelsOf([-1.7e308, 1.7e308], [0, 1])).toEqual([[0], [1]]);
  });

  it("of what is as good as nothing are about 0, as memory that was never set makes of it", () => {
    for (const max of [0, 5e-324, 1e-310, 1e-301]) {
      expect(endsOf({ min: 0, max }, false)).toEqual({ low: -1, high: 1 });
      expect(endsOf({ min: max, max }, true)).toEqual({ low: -1, high: 1 });
    }
    const tiny = seriesOf(1_440, (i) => (i % 3) * 1e-310);
    expect(drawChart(requestFor([lineOf(tiny)])).length).toBeGreaterThan(0);
  });

  it("have a legend in the place of a title only where there is more than one line", () => {
    const heads = (request: ChartRequest) => {
      const { legend, title } = chartOptions(request).options?.plugins ?? {};
      return [title?.display, legend?.display];
    };
    expect(heads(requestFor([other("°C", 1)]))).toEqual([true, false]);
    expect(heads(requestFor([other("°C", 1), other("bar", 2)]))).toEqual([false, true]);
  });

  it("place a value between their ends, within their panel", () => {
    const [only] = axesOf([other("°C", 1)], [{ min: 50, max: 70 }], "none");
    expect(heightOf(60, only!)).toBeCloseTo(0.5);
    expect(heightOf(70, only!)).toBeGreaterThan(0);
    const range = { min: 50, max: 70 };
    const [top, bottom] = axesOf([other("°C", 1), other("bar", 2)], [range, range], "none");
    expect([heightOf(60, top!), heightOf(60, bottom!)]).toEqual([0.25, 0.75]);
  });

  it.each([
    [{ low: 47.3, high: 60.9 }, 6, [50, 55, 60]],
    [{ low: 0, high: 1 }, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [{ low: 170, high: 900 }, 2, [250, 750]],
    [{ low: -3e-7, high: 8e-7 }, 3, [0, 5e-7]],
    [{ low: 1, high: Number.POSITIVE_INFINITY }, 3, []],
  ])("have marks at round numbers, two at least: %j", (ends, most, marks) => {
    expect(valueTicks(ends, most).values).toEqual(marks.map((mark) => expect.closeTo(mark, 12)));
  });

  it("write the unit at their topmost mark", () => {
    const [axis] = axesOf([other("°C", 1)], [{ min: 50, max: 70 }], "none");
    expect(marksOf(axis!, 520).texts).toEqual(["50", "55", "60", "65", "70 °C"]);
  });

  it("never have fewer than two marks, nor more than have room", () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        number,
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 2, max: 7 }),
        (low, span, most) => {
          const { values } = valueTicks({ low, high: low + span }, most);
          fc.pre(low + span > low + 1e-9 * Math.abs(low));
          expect(new Set(values).size).toBe(values.length);
          expect(values.length).toBeGreaterThanOrEqual(2);
          expect(values.length).toBeLessThanOrEqual(most);
        },
      ),
    );
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
    expect(of(request, "line").map(({ value }) => value)).toEqual([START_AT + 5 * HOUR, START_AT + 20 * HOUR]);
    const flags = of(request, "label").filter(({ content }) => String(content).startsWith("#"));
    expect(flags.map(({ content, xValue }) => [content, xValue])).toEqual([
      ["#8", START_AT],
      ["#7", START_AT + 5 * HOUR],
      ["#9", START_AT + 20 * HOUR],
    ]);
  });

  it("show a gap with its length where that has room, and a short one without", () => {
    const gappy = seriesOf(1_440, (i) => ((i > 300 && i < 721) || (i > 1_000 && i < 1_041) ? Number.NaN : 1));
    expect(of(requestFor([lineOf(gappy)]), "box")).toHaveLength(2);
    expect(textsOf(requestFor([lineOf(gappy)])).filter((text) => text.includes(" h"))).toEqual(["7 h 1 min"]);
  });

  it("show of several lines the gaps that all have, through all panels", () => {
    const hole = (from: number, to: number) => seriesOf(1_440, (i) => (i > from && i < to ? Number.NaN : i % 7));
    const lines = [lineOf(hole(300, 721)), lineOf(hole(400, 900), { number: 2, unit: "bar" })];
    const [gap, ...others] = of(requestFor(lines), "box");
    expect(others).toEqual([]);
    expect([gap?.["xMin"], gap?.["xMax"]]).toEqual([START_AT + 400 * 60_000, START_AT + 721 * 60_000]);
    // Of an axis that there is, it would cover one panel only.
    expect(Object.keys(chartOptions(requestFor(lines)).options?.scales ?? {})).not.toContain(gap?.["yScaleID"]);
  });

  it("leave the number of an alarm out where it would run into another", () => {
    const alarms = [5, 5.2, 9].map((hour, i) => ({
      alarmId: 100 + i,
      severity: "error" as const,
      startAt: START_AT + hour * HOUR,
      endAt: START_AT + (hour + 1) * HOUR,
    }));
    const flags = textsOf(requestFor([lineOf(wave)], { alarms })).filter((text) => text.startsWith("#"));
    expect(flags).toEqual(["#100", "#102"]);
  });
});

describe("numbers", () => {
  it("have the decimals of the plants file and the unit; the newest one is behind its line, in any case", () => {
    expect(textsOf(requestFor([lineOf(wave, { decimals: 2 })]))).toEqual(["max 70.00 °C", "min 50.00 °C", "67.91 °C"]);
    const flat = seriesOf(100, () => 60);
    expect(textsOf(requestFor([lineOf(flat)]))).toEqual(["60 °C"]);
    const rising = seriesOf(100, (i) => i);
    expect(textsOf(requestFor([lineOf(rising)]))).toEqual(["max 99 °C", "min 0 °C", "99 °C"]);
    const [newest] = of(requestFor([lineOf(flat)]), "label");
    expect(newest).toMatchObject({ position: { x: "start", y: "center" }, xValue: START_AT + 0.99 * DAY_MS });
  });

  it("stay off the axis where its numbers and the newest one leave a narrow plot", () => {
    const pressure = seriesOf(1_440, (i) => 101_325.004 + 0.02 * Math.sin(i / 60));
    const low = of(requestFor([lineOf(pressure, { unit: "Pa" })]), "label").find(({ content }) =>
      String(content).startsWith("min"),
    );
    // In the middle below its mark, it would begin left of the plot.
    expect(low).toMatchObject({ content: "min 101,324.984 Pa", position: { x: "start" } });
  });

  it("have their own power of ten, and no sign of nothing", () => {
    const texts = (...values: number[]) =>
      textsOf(
        requestFor([
          lineOf(
            seriesOf(values.length, (i) => values[i]!),
            { unit: null },
          ),
        ]),
      );
    expect(texts(20, 3.4e38, 21.7)).toEqual(["max 3.4×10³⁸", "min 20", "21.7"]);
    expect(texts(-5, 5, -0.000_2)).toEqual(["max 5", "min −5", "−2×10⁻⁴"]);
    expect(texts(0, 2_000_000, 1_234.567)).toEqual(["max 2×10⁶", "min 0", "1,235"]);
    const [, , newest] = textsOf(
      requestFor([
        lineOf(
          seriesOf(3, (i) => [-5, 5, -0.000_2][i]!),
          { unit: "mm", decimals: 2 },
        ),
      ]),
    );
    expect(newest).toBe("0.00 mm");
  });

  it("of several lines are the newest, and none covers another", () => {
    const lines = [0, 1, 2, 3].map((i) =>
      lineOf(
        seriesOf(100, () => 60 + i / 9),
        { number: i + 1 },
      ),
    );
    const [axis] = axesOf(
      lines,
      lines.map((_, i) => ({ min: 60 + i / 9, max: 60 + i / 9 })),
      "none",
    );
    const heights = of(requestFor(lines), "label")
      .map(({ yValue, yAdjust }) => heightOf(Number(yValue), axis!) * 531.6 + Number(yAdjust))
      .toSorted((a, b) => a - b);
    expect(heights).toHaveLength(4);
    for (const [i, height] of heights.slice(1).entries())
      expect(height - heights[i]!).toBeGreaterThan(LINE_HEIGHT - 0.1);
  });
});

describe("labels", () => {
  it("of a limit stand where they hide least of the line", () => {
    const busy = seriesOf(1_440, (i) => (i < 700 ? 76 + (i % 5) : 50));
    const label = of(requestFor([lineOf(busy, { limits: [HIGH] })]), "label").find(({ content }) =>
      String(content).startsWith("limit"),
    );
    expect(label).toMatchObject({ content: "limit 75 °C: 11 h 40 min over", position: { x: "end" } });
  });
});

describe("themes", () => {
  it("have a background of their own, and lines that are told apart", () => {
    const night = requestFor([lineOf(wave)], { theme: "dark" });
    expect(drawChart(night)).not.toEqual(drawChart(requestFor([lineOf(wave)])));
  });

  it.each(["light", "dark"] as const)("%s: lines stand out from the ground, and are told apart by any eyes", (name) => {
    const { lines, background } = THEMES[name];
    for (const line of lines) expect(contrast(line, background)).toBeGreaterThan(name === "light" ? 3 : 5);
    for (const see of Object.values(EYES)) {
      for (const [i, one] of lines.entries()) {
        for (const other of lines.slice(i + 1)) expect(difference(see(one), see(other))).toBeGreaterThan(15);
      }
    }
  });
});
