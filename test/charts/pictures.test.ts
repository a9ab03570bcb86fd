import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmTime } from "../../src/alarms/alarm-time.ts";
import type { ChartRequest } from "../../src/charts/request.ts";
import { formatQuantity } from "../../src/lib/text/number.ts";
import type { MeasuredLimit } from "../../src/measurements/measurement.ts";
import { covering, writtenOn, type DrawnText } from "./drawn-texts.ts";
import { DAY_MS, lineOf, requestFor, seriesOf, START_AT } from "./request.ts";

/** What is written on pictures, looked at where their canvas is told to write it. */

const SEVERITIES = ["info", "warning", "error", "critical"] as const;
const HOUR = 3_600_000;

const severity = fc.constantFrom(...SEVERITIES);
/** Rising, waving or jumping between 20 and 80, with a hole or without. */
const series = fc
  .record({
    entries: fc.constantFrom(1, 3, 40, 300),
    shape: fc.constantFrom("wave", "ramp", "jump", "flat"),
    scale: fc.constantFrom(1, 1e-5, 12_345.678, 3e9),
    hole: fc.integer({ min: 0, max: 290 }),
    end: fc.constantFrom(1, 0.8, 0.3),
  })
  .map(({ entries, shape, scale, hole, end }) => {
    const valueAt = {
      wave: (i: number) => Math.sin(i / 20),
      ramp: (i: number) => i / entries,
      jump: (i: number) => (i * 7) % 3,
      flat: () => 1,
    };
    return {
      scale,
      series: seriesOf(entries, (i) =>
        i > end * entries || (i > hole && i < hole + 60 && entries === 300)
          ? Number.NaN
          : scale * (50 + 30 * valueAt[shape](i)),
      ),
    };
  });
const limits: fc.Arbitrary<MeasuredLimit[]> = fc.uniqueArray(
  fc.record({ value: fc.integer({ min: 10, max: 90 }), side: fc.constantFrom("above", "below"), severity }),
  { maxLength: 5, selector: ({ value }) => value },
);
const alarms = fc
  .array(
    fc.record({ from: fc.integer({ min: -60, max: 1_440 }), length: fc.integer({ min: 1, max: 300 }), severity }),
    { maxLength: 6 },
  )
  .map((all) =>
    all.map(({ from, length, severity: worst }, i): AlarmTime => {
      const startAt = START_AT + from * 60_000;
      return { alarmId: 10 ** i + i, severity: worst, startAt, endAt: startAt + length * 60_000 };
    }),
  );
const more = fc.record({
  alarms,
  limits: fc.constantFrom("near", "all", "none"),
  theme: fc.constantFrom("light", "dark"),
  title: fc.constantFrom("Coil", "Bearing temperature, upper left, of the second pump in hall 6", "WWWW ".repeat(40)),
  timeZone: fc.constantFrom("Europe/Helsinki", "America/Argentina/ComodRivadavia", "UTC"),
  earlierName: fc.constantFrom(null, "last week"),
}) as fc.Arbitrary<Partial<ChartRequest>>;

/** Whether all of it is on the picture. */
const isWithin = ({ left, right, top, bottom }: DrawnText): boolean =>
  left >= 0 && right <= 1_280 && top >= 0 && bottom <= 720;

/** The labels of limits to which another's line is nearer than their own. */
function strayLimits(
  texts: readonly DrawnText[],
  dashed: readonly number[],
  drawn: readonly MeasuredLimit[],
): string[] {
  const heights = dashed.toSorted((a, b) => a - b);
  const inOrder = drawn.toSorted((a, b) => b.value - a.value);
  const distance = ({ top, bottom }: DrawnText, y: number): number => Math.max(0, top - y, y - bottom);
  return texts
    .filter(({ text }) => text.startsWith("limit "))
    .flatMap((label) => {
      const own = inOrder.findIndex(({ value }) => label.text.split(":")[0] === `limit ${formatQuantity(value, "°C")}`);
      const away = distance(label, heights[own]!);
      const isNearest = heights.every((y, i) => i === own || distance(label, y) > away);
      return isNearest
        ? []
        : [`“${label.text}” is ${away} from its line; ${heights.map((y) => distance(label, y)).join()}`];
    });
}

describe("a picture", () => {
  it("of one line has no text that covers another, or leaves it, and each limit's label beside its own line", () => {
    fc.assert(
      fc.property(series, limits, more, ({ series: one, scale }, some, others) => {
        const scaled = some.map((limit) => ({ ...limit, value: limit.value * scale }));
        const request = requestFor([lineOf(one, { limits: scaled })], others);
        const { texts, dashed } = writtenOn(request);
        expect(covering(texts)).toEqual([]);
        expect(texts.filter((text) => !isWithin(text))).toEqual([]);
        if (request.limits === "all" && dashed.length === scaled.length)
          expect(strayLimits(texts, dashed, scaled)).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 60_000);

  it("of several lines has no text that covers another, or leaves it", () => {
    const names = fc.constantFrom("Coil", "Speed", "Temperature of the bearing, left");
    const lines = fc.array(fc.tuple(series, limits, names, fc.constantFrom("°C", "bar", null)), {
      minLength: 2,
      maxLength: 4,
    });
    fc.assert(
      fc.property(lines, more, (all, others) => {
        const request = requestFor(
          all.map(([{ series: one, scale }, some, label, unit], i) =>
            lineOf(one, {
              number: i + 1,
              label,
              unit,
              limits: some.map((limit) => ({ ...limit, value: limit.value * scale })),
            }),
          ),
          others,
        );
        const { texts } = writtenOn(request);
        expect(covering(texts)).toEqual([]);
        expect(texts.filter((text) => !isWithin(text))).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 60_000);

  it("has marks of time that are apart, however long it is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 24 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1, 2),
        (hours, share, count) => {
          const spanMs = 10_000 * 60_000 ** share * 10 ** (share * 3);
          const startAt = START_AT - hours * HOUR;
          const one = seriesOf(50, (i) => i);
          const times = one.times.map((at) => startAt + ((at - START_AT) / DAY_MS) * spanMs);
          const lines = Array.from({ length: count }, (_, i) =>
            lineOf({ ...one, times }, { number: i + 1, unit: i === 0 ? "°C" : "bar" }),
          );
          const { texts } = writtenOn(requestFor(lines, { startAt, endAt: startAt + spanMs }));
          expect(covering(texts)).toEqual([]);
          expect(texts.filter((text) => !isWithin(text))).toEqual([]);
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  }, 60_000);
});
