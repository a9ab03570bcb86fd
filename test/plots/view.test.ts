import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeView,
  encodeView,
  moved,
  nextCompared,
  periodOf,
  spanned,
  SPANS,
  toggled,
  viewOf,
  zoomed,
  type PlotView,
} from "../../src/plots/view.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const HOUR = 3_600_000;
const view = (more: Partial<PlotView> = {}): PlotView => ({
  ...viewOf([1], { startAt: NOW - 24 * HOUR, endAt: NOW }, NOW),
  ...more,
});

describe("moving", () => {
  it("goes back by half a window and forth again, but never ahead of now", () => {
    const back = moved(view(), -1, NOW);
    expect(periodOf(back, NOW)).toEqual({ startAt: NOW - 36 * HOUR, endAt: NOW - 12 * HOUR });
    expect(moved(back, 1, NOW)).toEqual(view());
    expect(moved(view(), 1, NOW)).toEqual(view());
  });

  it("zooms about the middle, and about now where it ends now", () => {
    expect(periodOf(zoomed(view(), 0.5, NOW), NOW)).toEqual({ startAt: NOW - 12 * HOUR, endAt: NOW });
    const old = view({ endAt: NOW - 100 * HOUR });
    expect(periodOf(zoomed(old, 0.5, NOW), NOW)).toEqual({ startAt: NOW - 118 * HOUR, endAt: NOW - 106 * HOUR });
    expect(zoomed(view({ endAt: NOW - HOUR }), 2, NOW).endAt).toBeNull();
    expect(zoomed(view({ spanMs: 60_000 }), 0.5, NOW).spanMs).toBe(60_000);
  });

  it("goes to a preset until now, and through the other days", () => {
    expect(spanned(view({ endAt: NOW - HOUR }), SPANS["7 d"])).toMatchObject({ endAt: null, spanMs: 168 * HOUR });
    expect(nextCompared(nextCompared(nextCompared(view())))).toEqual(view());
  });

  it("switches fields, at least one and at most four", () => {
    expect(toggled(view(), 3).fields).toEqual([1, 3]);
    expect(toggled(view({ fields: [1, 3] }), 1).fields).toEqual([3]);
    expect(toggled(view(), 1).fields).toEqual([1]);
    expect(toggled(view({ fields: [1, 2, 3, 4] }), 5).fields).toEqual([1, 2, 3, 4]);
  });
});

describe("a view on a button", () => {
  const views = fc.record({
    fields: fc
      .uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 })
      .map((all) => all.toSorted((a, b) => a - b)),
    endAt: fc.option(fc.integer({ min: 1, max: 4_000_000_000 }).map((seconds) => seconds * 1_000)),
    spanMs: fc.integer({ min: 60, max: 600_000_000 }).map((seconds) => seconds * 1_000),
    compared: fc.constantFrom("none" as const, "yesterday" as const, "last week" as const),
    limits: fc.constantFrom("near" as const, "all" as const, "none" as const),
    theme: fc.constantFrom("light" as const, "dark" as const),
  });

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
    for (const text of ["", "0..zzz.0", "ff..1uo0.0", "1..1.0", "1..zzzzzz.0", "1..1uo0.z", "1.zzzzzzzz.1uo0.0", "x"]) {
      expect(decodeView(text)).toBeNull();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = decodeView(text);
        expect(read === null || encodeView(read) === encodeView(decodeView(encodeView(read))!)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
