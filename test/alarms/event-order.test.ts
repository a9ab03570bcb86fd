import { describe, expect, it } from "vitest";
import { advance, newsOf } from "../../src/alarms/lifecycle.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { cardView } from "../../src/telegram/card-view.ts";
import { toPlain } from "../../src/telegram/render.ts";
import { eventOf, NOW } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";

const SECOND = 1_000;
/** Told at `at` by the plant's clock; it comes at `cameAt`. */
const told = (before: Alarm | null, state: string, at: number, cameAt: number, more: object = {}): Alarm => {
  const payload = { id: "a", message: "Hot", severity: "critical", state, timestamp: NOW + at * SECOND, ...more };
  return advance(before, eventOf(payload, { at: NOW + cameAt * SECOND }), 7, RULES);
};
const ringOf = (before: Alarm | null, after: Alarm) => newsOf(before, after).ring;
const wordsOf = (alarm: Alarm): string =>
  toPlain(
    cardView(alarm, { timeZone: "UTC", now: NOW + 60 * SECOND, next: null, orphaned: null, lateAfterMs: 300_000 }),
  );

describe("the newest by the plant's clock wins", () => {
  it("a late clear does not end what was raised after it", () => {
    const raised = told(null, "active", 20, 21);
    const late = told(raised, "cleared", 10, 22);
    expect(late).toMatchObject({ state: "active", occurrence: 1, lastAt: raised.lastAt });
    expect(newsOf(raised, late)).toMatchObject({ ring: null, saying: null });
    expect(wordsOf(late)).toContain("🐌 A clear of 00:00:10 UTC came only at 00:00:22 UTC: what is newer counts.");
  });

  it("a late report does not bring back what is over", () => {
    const over = told(told(null, "active", 0, 1), "cleared", 30, 31);
    const late = told(over, "active", 20, 40);
    expect(late).toMatchObject({ state: "cleared", occurrence: 1, clearedAt: NOW + 30 * SECOND });
    expect(ringOf(over, late)).toBeNull();
    expect(wordsOf(late)).toContain("🐌 A report (critical) of 00:00:20 UTC came only at 00:00:40 UTC");
  });

  it("what comes after its own end came and went, and is told", () => {
    const ended = told(null, "cleared", 14, 15);
    const late = told(ended, "active", 10, 20);
    expect(late).toMatchObject({ state: "cleared", occurrence: 1, startedAt: NOW + 10 * SECOND });
    expect(late.clearedAt).toBe(NOW + 14 * SECOND);
    expect(ringOf(ended, late)).toBe("first");
    const over = told(told(told(null, "active", 0, 1), "cleared", 5, 6), "cleared", 14, 15);
    const again = told(over, "active", 10, 20);
    expect(again).toMatchObject({ state: "cleared", occurrence: 2 });
    expect(ringOf(over, again)).toBe("returned");
  });

  it("a late report of what is active counts, and says since when; it is no newer", () => {
    const raised = told(null, "active", 20, 21, { severity: "error", value: 80 });
    const late = told(raised, "active", 10, 22, { severity: "warning", value: 70 });
    expect(late).toMatchObject({ severity: "error", value: 80, count: 2, startedAt: NOW + 10 * SECOND });
    const worse = told(raised, "active", 10, 22);
    expect(worse).toMatchObject({ severity: "error", peakSeverity: "critical" });
    expect(ringOf(raised, worse)).toBe("escalated");
  });

  it("of two that tell the same second, the one that comes later is the newer", () => {
    const alarm = told(told(told(null, "active", 5, 5), "cleared", 5, 5), "active", 5, 5);
    expect(alarm).toMatchObject({ state: "active", occurrence: 2 });
  });

  it("what tells no time is as new as it comes, and a clock that was ahead, or is not set, makes nothing late", () => {
    const raised = told(null, "active", 20, 21);
    const undated = advance(raised, eventOf({ id: "a", state: "cleared" }, { at: NOW + 22 * SECOND }), 7, RULES);
    expect(undated.state).toBe("cleared");
    expect(told(undated, "active", 19, 23)).toMatchObject({ state: "active", occurrence: 2 });
    const ahead = told(null, "active", 3_600, 21);
    expect(told(ahead, "cleared", 30, 31).state).toBe("cleared");
    expect(told(raised, "cleared", -90 * 86_400, 31).state).toBe("cleared");
  });
});
