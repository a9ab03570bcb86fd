import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPeriodAsTyped, parsePeriod } from "../../src/queries/period.ts";
import {
  decodeView,
  encodeView,
  moved,
  nextCompared,
  ongoing,
  periodOf,
  spanned,
  SPANS,
  toggled,
  viewOf,
  zoomed,
  type PlotView,
} from "../../src/plots/view.ts";
import { readingAt, startOfDay } from "../../src/lib/time/wall-clock.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const HOUR = 3_600_000;
const ZONE = "Europe/Helsinki";
const view = (more: Partial<PlotView> = {}): PlotView => ({
  ...viewOf([1], { startAt: NOW - 24 * HOUR, endAt: NOW, goesOn: "whole" }),
  ...more,
});

describe("moving", () => {
  it("goes back by half a window and forth again, but never ahead of now", () => {
    const back = moved(view(), -1, NOW, ZONE);
    expect(periodOf(back, NOW)).toEqual({ startAt: NOW - 36 * HOUR, endAt: NOW - 12 * HOUR });
    expect(moved(back, 1, NOW, ZONE)).toEqual(view());
    expect(moved(view(), 1, NOW, ZONE)).toEqual(view());
  });

  it("zooms about the middle, and about now where it ends now", () => {
    expect(periodOf(zoomed(view(), 0.5, NOW), NOW)).toEqual({ startAt: NOW - 12 * HOUR, endAt: NOW });
    const old = view({ endAt: NOW - 100 * HOUR });
    expect(periodOf(zoomed(old, 0.5, NOW), NOW)).toEqual({ startAt: NOW - 118 * HOUR, endAt: NOW - 106 * HOUR });
    expect(zoomed(view({ endAt: NOW - HOUR }), 2, NOW).endAt).toBeNull();
    expect(zoomed(view({ spanMs: 60_000 }), 0.5, NOW).spanMs).toBe(30_000);
    expect(zoomed(view({ spanMs: 1_000 }), 0.5, NOW).spanMs).toBe(1_000);
  });

  it("shows less than a minute as it was asked for, and moves in it", () => {
    const short = viewOf([1], { startAt: NOW - 20_000, endAt: NOW, goesOn: "whole" });
    expect(periodOf(short, NOW)).toEqual({ startAt: NOW - 20_000, endAt: NOW });
    const back = moved(short, -1, NOW, ZONE);
    expect(periodOf(back, NOW)).toEqual({ startAt: NOW - 30_000, endAt: NOW - 10_000 });
    expect(moved(back, 1, NOW, ZONE)).toEqual(short);
    expect(decodeView(encodeView(back))).toEqual(back);
    expect(formatPeriodAsTyped({ startAt: NOW - 20_000, endAt: NOW }, "UTC")).toBe("2026-11-23 02:59:40 → 03:00:00");
  });

  it("goes to a preset until its own end, which may be now, and through the other days", () => {
    const ended = view({ endAt: NOW - HOUR });
    expect(spanned(ended, SPANS["7 d"])).toMatchObject({ endAt: NOW - HOUR, spanMs: 168 * HOUR });
    expect(spanned(view(), SPANS["1 h"])).toMatchObject({ startAt: null, endAt: null, spanMs: HOUR });
    expect(nextCompared(nextCompared(nextCompared(view())))).toEqual(view());
  });

  it("switches fields, at least one and at most four", () => {
    expect(toggled(view(), 3).fields).toEqual([1, 3]);
    expect(toggled(view({ fields: [1, 3] }), 1).fields).toEqual([3]);
    expect(toggled(view(), 1).fields).toEqual([1]);
    expect(toggled(view({ fields: [1, 2, 3, 4] }), 5).fields).toEqual([1, 2, 3, 4]);
  });
});

describe("the period of a view", () => {
  const zone = fc.constantFrom("UTC", ZONE, "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe");
  const instant = fc.integer({ min: Date.UTC(2018, 0, 2), max: NOW });
  const wait = fc.integer({ min: 0, max: 300_000 });
  /** The view of something typed, as soon as it is asked for. */
  const asked = (text: string, zone: string, at: number): PlotView => {
    const period = parsePeriod(text, zone, at);
    if ("problem" in period) throw new Error(period.problem);
    return viewOf([1], period.value);
  };
  const midnightOf = (at: number, zone: string): number => startOfDay(readingAt(at, zone), zone)!;

  it("begins at midnight for today, whenever it is asked for, drawn, drawn anew, or pressed", () => {
    fc.assert(
      fc.property(instant, wait, zone, (at, wait, zone) => {
        const midnight = midnightOf(at, zone);
        fc.pre(midnight < at);
        const view = asked("today", zone, at);
        const drawn = periodOf(decodeView(encodeView(view))!, at + wait);
        // Of the first minute of a day, the minute before is seen as well.
        expect(drawn).toEqual({ startAt: Math.min(midnight, at + wait - 1_000), endAt: at + wait });
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the day before for yesterday, also in the first minute of a day", () => {
    fc.assert(
      fc.property(instant, wait, zone, (at, wait, zone) => {
        const view = asked("yesterday", zone, at);
        const endAt = midnightOf(at, zone);
        const startAt = midnightOf(endAt - 1, zone);
        expect(periodOf(decodeView(encodeView(view))!, at + wait)).toEqual({ startAt, endAt });
      }),
      { numRuns: 1_000 },
    );
  });

  it("moves on with the clock for a length, whose buttons of earlier versions still work", () => {
    const day = asked("24h", ZONE, NOW + 400);
    expect(periodOf(day, NOW + 400)).toEqual({ startAt: NOW + 400 - 24 * HOUR, endAt: NOW + 400 });
    expect(periodOf(day, NOW + HOUR)).toEqual({ startAt: NOW - 23 * HOUR, endAt: NOW + HOUR });
    expect(decodeView("1..1uo0.0")).toEqual(day);
    expect(decodeView("1.tahx8.1uo0.0")).toMatchObject({ startAt: null, spanMs: 24 * HOUR });
  });

  it("is days as the clock on the wall has them, through the nights in which clocks change", () => {
    // 28 October has 25 hours in Helsinki, and 25 March has 23.
    for (const [day, back] of [
      ["2018-10-29", "2018-10-28"],
      ["2018-03-26", "2018-03-25"],
    ] as const) {
      const view = asked(day, ZONE, NOW);
      const once = moved(view, -1, NOW, ZONE);
      expect(formatPeriodAsTyped(periodOf(once, NOW), ZONE)).toBe(`${back} 12:00 → ${day.slice("2018-".length)} 12:00`);
      const twice = moved(once, -1, NOW, ZONE);
      expect(formatPeriodAsTyped(periodOf(twice, NOW), ZONE)).toBe(back);
      expect(moved(moved(twice, 1, NOW, ZONE), 1, NOW, ZONE)).toEqual(view);
    }
    const week = asked("2018-10-22 2018-10-28", ZONE, NOW);
    const before = moved(moved(week, -1, NOW, ZONE), -1, NOW, ZONE);
    expect(formatPeriodAsTyped(periodOf(before, NOW), ZONE)).toBe("2018-10-15 → 10-21");
  });

  it("goes on from its own start when it is kept up to date, or moves on with the clock", () => {
    const since = ongoing(asked("today", ZONE, NOW));
    expect(periodOf(since, NOW + HOUR)).toEqual({ startAt: midnightOf(NOW, ZONE), endAt: NOW + HOUR });
    expect(periodOf(ongoing(asked("yesterday", ZONE, NOW)), NOW)).toEqual({ startAt: NOW - 24 * HOUR, endAt: NOW });
  });

  it("is never empty, whatever becomes of the clock", () => {
    const view = asked("today", ZONE, NOW);
    expect(periodOf(view, NOW - 24 * HOUR)).toEqual({ startAt: NOW - 24 * HOUR - 1_000, endAt: NOW - 24 * HOUR });
  });
});

describe("a view on a button", () => {
  const seconds = fc.integer({ min: 1, max: 4_000_000_000 }).map((second) => second * 1_000);
  /** What ends, and what goes on: of a length, or from an instant. */
  const ends = fc.oneof(
    seconds.map((endAt) => ({ startAt: null, endAt })),
    fc.option(seconds).map((startAt) => ({ startAt, endAt: null })),
  );
  const views = fc
    .record({
      fields: fc
        .uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })
        .map((all) => all.toSorted((a, b) => a - b)),
      ends,
      spanMs: fc.integer({ min: 60, max: 600_000_000 }).map((seconds) => seconds * 1_000),
      compared: fc.constantFrom("none" as const, "yesterday" as const, "last week" as const),
      limits: fc.constantFrom("near" as const, "all" as const, "none" as const),
      theme: fc.constantFrom("light" as const, "dark" as const),
    })
    .map(({ ends, ...rest }) => ({ ...ends, ...rest }));

  it("comes back as it was, and is short enough for Telegram's 64 bytes", () => {
    fc.assert(
      fc.property(views, (one) => {
        const text = encodeView(one);
        expect(text.length).toBeLessThanOrEqual(30);
        expect(decodeView(text)).toEqual(one);
      }),
    );
  });

  it("is refused when no button of ours can have said it", () => {
    for (const text of ["", "0..zzz.0", "ff..1uo0.0", "1..0.0", "1..zzzzzz.0", "1..1uo0.z", "1.zzzzzzzz.1uo0.0", "x"]) {
      expect(decodeView(text)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = decodeView(text);
        if (read !== null) expect(decodeView(encodeView(read))).toEqual(read);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a view of members of devices", () => {
  it.each([[[101]], [[1, 101]], [[8, 101, 20_100, 1_679_615]]])(
    "%j fits into a button, and is read again",
    (fields) => {
      for (const one of [
        view({ fields }),
        view({ fields, endAt: NOW - HOUR }),
        view({ fields, startAt: NOW - HOUR }),
      ]) {
        const text = encodeView(one);
        expect(text.length).toBeLessThanOrEqual(40);
        expect(decodeView(text)).toEqual(one);
      }
    },
  );

  it.each(["m", "m001", "m00000", "m002t002t", "m002u002t", "m002t002u002v002w002x", "m0000"])(
    "%s is forged",
    (fields) => {
      expect(decodeView(`${fields}..1uo0.0`)).toBeNull();
    },
  );
});
