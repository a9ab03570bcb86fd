import { describe, expect, it } from "vitest";
import { acknowledge, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const SECOND = 1_000;
/** Told at `at` by the plant's clock; it comes at `cameAt`. */
const told = (before: Alarm | null, state: string, at: number, cameAt: number, more: object = {}): Alarm => {
  const payload = { id: "a", message: "Hot", severity: "critical", state, timestamp: NOW + at * SECOND, ...more };
  return advance(before, eventOf(payload, { at: NOW + cameAt * SECOND }), 7, RULES);
};
const ringOf = (before: Alarm | null, after: Alarm) => notificationOf(before, after).ring;
const wordsOf = (alarm: Alarm): string =>
  toPlain(
    cardView(alarm, { timeZone: "UTC", now: NOW + 60 * SECOND, next: null, orphaned: null, lateAfterMs: 300_000 }),
  );

describe("the newest by the plant's clock wins", () => {
  it("a late clear does not end what was raised after it", () => {
    const raised = told(null, "active", 20, 21);
    const late = told(raised, "cleared", 10, 22);
    expect(late).toMatchObject({ state: "active", occurrence: 1, lastAt: raised.lastAt });
    expect(notificationOf(raised, late)).toMatchObject({ ring: null, followUp: null });
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

  it("what of a late report is not understood is said", () => {
    const raised = told(null, "active", 20, 21, { severity: "warning" });
    const late = told(raised, "active", 10, 22, { severity: "purple" });
    expect(ringOf(raised, late)).toBe("escalated");
    expect(wordsOf(late)).toContain("it is so now. Severity “purple” is not known, so it counts as error.");
    const over = told(told(null, "active", 0, 1), "cleared", 30, 31);
    expect(wordsOf(told(over, "active", 20, 40, { severity: "purple" }))).toContain("Severity “purple” is not known");
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

const newsOfThe = (before: Alarm, after: Alarm) => {
  const { ring, followUp } = notificationOf(before, after);
  return ring ?? followUp;
};

describe("a plant's clock that was set back by an hour", () => {
  const BACK = -3_600;
  /** Told at `at` by the clock that was set back, as soon as it happens. */
  const anew = (before: Alarm, state: string, at: number, more: object = {}): Alarm =>
    told(before, state, at + BACK, at, more);
  const over = told(told(null, "active", 0, 1), "cleared", 30, 31);
  const active = told(null, "active", 0, 1);

  it("what is raised anew is told at once, as what may be so, and once", () => {
    const first = anew(over, "active", 60);
    expect(first).toMatchObject({ state: "cleared", occurrence: 1 });
    expect(newsOfThe(over, first)).toBe("late");
    expect(wordsOf(first)).toContain(
      "🐌 A report (critical) of 2026-11-22 23:01:00 UTC came only at 00:01:00 UTC: what is newer counts. If the plant's clock was set back, it is so now.",
    );
    expect(newsOfThe(first, anew(first, "active", 62))).toBeNull();
    expect(newsOfThe(over, anew(over, "active", 60, { severity: "error" }))).toBeNull();
  });

  it("rings as soon as a second event shows that the clock goes on as ours does, and is active until that clock's end", () => {
    const first = anew(over, "active", 60);
    const second = anew(first, "active", 70);
    expect(second).toMatchObject({ state: "active", occurrence: 2, lastAt: NOW + (70 + BACK) * SECOND });
    expect(newsOfThe(first, second)).toBe("returned");
    expect(wordsOf(second)).toContain(
      "🕰 The plant's clock was set back: it showed 2026-11-22 23:01:10 UTC when it was 00:01:10 UTC.",
    );
    const ended = anew(second, "cleared", 90);
    expect(ended).toMatchObject({ state: "cleared", occurrence: 2 });
    expect(anew(ended, "active", 100)).toMatchObject({ state: "active", occurrence: 3 });
  });

  it("an end by that clock shows it, too: what comes after it comes anew, also of what somebody has in hand", () => {
    const seen = acknowledge(active, { userId: 1, name: "Anna", chatId: 1 }, NOW + 20 * SECOND);
    const ended = anew(seen, "cleared", 40);
    expect(ended).toMatchObject({ state: "active", acknowledgedBy: "Anna" });
    const again = anew(ended, "active", 60);
    expect(again).toMatchObject({ state: "active", occurrence: 2, acknowledgedBy: null });
    expect(newsOfThe(ended, again)).toBe("returned");
    // Too soon to be sure: it is told.
    expect(newsOfThe(ended, anew(ended, "active", 42))).toBe("late");
  });

  it("two ends by that clock end it", () => {
    const ended = anew(anew(active, "cleared", 40), "cleared", 60);
    expect(ended).toMatchObject({ state: "cleared", occurrence: 1, clearedAt: NOW + (40 + BACK) * SECOND });
    expect(newsOfThe(active, ended)).toBe("cleared");
  });

  it("what is worse than what is known is heard, whatever it was before", () => {
    const mild = told(over, "active", 40, 41, { severity: "warning" });
    expect(newsOfThe(mild, anew(mild, "active", 60))).toBe("late");
    const worse = anew(anew(mild, "active", 60), "active", 75);
    expect(worse).toMatchObject({ severity: "critical" });
    expect(newsOfThe(mild, worse)).toBe("escalated");
  });

  it("what was put aside is not told", () => {
    const shelf = { untilAt: NOW + 3_600 * SECOND, reason: null };
    const shelved = shelve(told(null, "active", 0, 1), { userId: 1, name: "Anna" }, NOW + 20 * SECOND, shelf);
    const ended = told(shelved, "cleared", 30, 31);
    expect(newsOfThe(ended, anew(ended, "active", 60))).toBeNull();
  });

  it("what is worse than it was when it was put aside is told", () => {
    const shelf = { untilAt: NOW + 3_600 * SECOND, reason: null };
    const mild = { severity: "warning" };
    const active = told(null, "active", 0, 1, mild);
    const shelved = shelve(active, { userId: 1, name: "Anna" }, NOW + 20 * SECOND, shelf);
    const ended = told(shelved, "cleared", 30, 31, mild);
    const late = anew(ended, "active", 60);
    expect(newsOfThe(ended, late)).toBe("late");
    expect(newsOfThe(late, anew(late, "active", 62))).toBeNull();
    expect(newsOfThe(ended, anew(ended, "active", 60, mild))).toBeNull();
  });

  it("what is worse than was told of what comes again and again without a ring is told", () => {
    const cameOften = (severity: string): Alarm => {
      let alarm: Alarm | null = null;
      for (let i = 0; i < 4; i++) {
        alarm = told(alarm, "active", i * 4, i * 4, { severity });
        alarm = told(alarm, "cleared", i * 4 + 1, i * 4 + 1, { severity });
      }
      if (alarm === null) throw new Error("nothing was said");
      expect(alarm.handling.repeats.isQuiet).toBe(true);
      return alarm;
    };
    const mild = cameOften("error");
    expect(newsOfThe(mild, anew(mild, "active", 60))).toBe("late");
    const known = cameOften("critical");
    expect(newsOfThe(known, anew(known, "active", 60))).toBeNull();
  });

  it("is believed of another alarm of the same source at once", () => {
    const believed = { at: NOW + (50 + BACK) * SECOND, receivedAt: NOW + 50 * SECOND };
    const payload = {
      id: "a",
      message: "Hot",
      severity: "critical",
      state: "active",
      timestamp: NOW + (60 + BACK) * SECOND,
    };
    const again = advance(over, eventOf(payload, { at: NOW + 60 * SECOND }), 7, RULES, believed);
    expect(newsOfThe(over, again)).toBe("returned");
    const other = { ...payload, timestamp: NOW + (20 + BACK) * SECOND };
    expect(newsOfThe(over, advance(over, eventOf(other, { at: NOW + 60 * SECOND }), 7, RULES, believed))).toBe("late");
  });

  it.each([
    ["in a minute", 60, 1_000],
    ["all at once", 60, 0],
    ["at once, with a pause in the middle", 2, 20_000],
  ])("an hour that comes late %s is none", (_, eachSeconds, eachMs) => {
    let alarm = over;
    let said = 0;
    for (let i = 0; i < 59; i++) {
      const [at, cameAt] = [eachSeconds * i + BACK, 60 + (i * eachMs) / SECOND];
      const after = told(alarm, i % 2 === 0 ? "active" : "cleared", at, cameAt);
      if (newsOfThe(alarm, after) !== null) said++;
      alarm = after;
    }
    expect(alarm).toMatchObject({ state: "cleared", occurrence: 1, clearedAt: over.clearedAt });
    expect(said).toBe(1);
  });
});
