import { describe, expect, it } from "vitest";
import { clampToNow } from "../../../src/alarms/lifecycle/clamp-to-now.ts";
import { dueAt } from "../../../src/alarms/lifecycle/elapse.ts";
import { acknowledge, close, reopen, reset, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { createFormerClock } from "../../../src/lib/time/former-clock.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { OneAlarm } from "../../support/one-alarm.ts";
import { RULES } from "../../support/rules.ts";

const ANNA = { userId: 1, name: "Anna", chatId: 100 };
const MINUTE = 60;
/** By the plant's clock, so many seconds from the beginning. */
const at = (seconds: number) => ({ timestamp: NOW + seconds * 1_000 });
const delayed = (more: ConstructorParameters<typeof OneAlarm>[1] = {}) => new OneAlarm({ delayMs: 10_000 }, more);

describe("an alarm with a delay", () => {
  it("comes when it has stood for so long, and began when the plant said so", () => {
    const one = delayed().say("active", 0, at(-1)).pass(9.999);
    expect(one.rings).toEqual([]);
    expect(one.kept).toMatchObject({ state: "cleared", occurrence: 0, handling: { heldBack: { count: 1 } } });
    expect(one.pass(10).rings).toEqual([[10, "first"]]);
    expect(one.kept).toMatchObject({ state: "active", occurrence: 1, count: 1, startedAt: NOW - 1_000, version: 2 });
    expect(one.kept.handling).toMatchObject({ heldBack: null, formerEndAt: null, steppedAt: NOW + 10_000 });
  });

  it("does not come if it is over before that, and is counted", () => {
    const one = delayed().say("active", 0).say("cleared", 9).pass(MINUTE);
    expect(one.rings).toEqual([]);
    expect(one.kept).toMatchObject({ occurrence: 0, state: "cleared", clearedAt: NOW + 9_000 });
    expect(one.kept.handling).toMatchObject({ heldBack: null, untold: { brief: 1, within: 0, hovering: 0 } });
    expect(dueAt(one.kept, one.rules)).toBeNull();
    one.say("active", 100).say("cleared", 103).say("active", 200).pass(300);
    expect(one.rings).toEqual([[210, "first"]]);
    expect(one.kept.handling.untold).toMatchObject({ brief: 2, since: NOW + 9_000, lastAt: NOW + 103_000 });
  });

  it("that came before comes back in the same way", () => {
    const one = delayed().say("active", 0).say("cleared", 20).say("active", 60).say("cleared", 62).say("active", 100);
    expect(one.kept).toMatchObject({ state: "cleared", occurrence: 1, clearedAt: NOW + 20_000 });
    expect(one.pass(200).rings).toEqual([
      [10, "first"],
      [110, "returned"],
    ]);
    expect(one.kept).toMatchObject({ occurrence: 2, startedAt: NOW + 100_000, handling: { untold: { brief: 1 } } });
    expect(one.kept.handling.formerEndAt).toBe(NOW + 20_000);
  });

  it("waits from its first report on, and has the newest value and the worst severity", () => {
    const one = delayed()
      .say("active", 0, { value: 81 })
      .say("active", 4, { value: 95, severity: "error" })
      .say("active", 8, { value: 84 });
    expect(one.pass(20).rings).toEqual([[10, "first"]]);
    expect(one.kept).toMatchObject({ value: 84, severity: "warning", peakSeverity: "error", count: 3 });
  });

  it("that never came is known as its newest report tells it, where that came", () => {
    const one = delayed().say("active", 0, { value: 81 }).say("cleared", 2).say("active", 60, { message: "Hotter" });
    one.say("active", 62, { value: 90, severity: "error" }, { topic: "elsewhere" });
    expect(one.kept).toMatchObject({ topic: "elsewhere", value: 90, severity: "error", peakSeverity: "error" });
    const known = delayed().say("active", 0).say("cleared", 20).say("active", 30, {}, { topic: "elsewhere" });
    expect(known.kept).toMatchObject({ topic: "elsewhere", occurrence: 1 });
  });

  it("comes at once when it is critical, also in the middle", () => {
    expect(delayed().say("active", 0, { severity: "critical" }).rings).toEqual([[0, "first"]]);
    const one = delayed().say("active", 0).say("active", 3, { severity: "critical" });
    expect(one.rings).toEqual([[3, "first"]]);
    expect(one.kept).toMatchObject({ severity: "critical", startedAt: NOW, count: 2 });
  });

  it("comes at once when it is not understood, or says no state", () => {
    expect(delayed().say("flapping", 0).rings).toEqual([[0, "first"]]);
    expect(delayed().say("flapping", 0, {}, { remark: null }).rings).toEqual([[0, "first"]]);
    expect(delayed().say("active", 0, { severity: "purple" }).rings).toEqual([[0, "first"]]);
    expect(delayed().say(null, 0).rings).toEqual([[0, "first"]]);
    expect(delayed().say("active", 0).say("flapping", 2).rings).toEqual([[2, "first"]]);
    expect(delayed().say("active", 0).say(null, 2).rings).toEqual([[2, "first"]]);
  });

  it("comes at once when it stood at the broker before we listened", () => {
    expect(delayed().say("active", 0, {}, { isRetained: true }).rings).toEqual([[0, "first"]]);
    expect(delayed().say("active", 0).say("active", 2, {}, { isRetained: true }).rings).toEqual([[2, "first"]]);
  });

  it("comes at once when somebody at the plant has seen it", () => {
    const slot = {
      ringBuffer: "ring",
      messageKey: "key",
      isTimed: true,
      acknowledgedBy: { userId: 0, name: "Operator" },
    };
    expect(delayed().say("active", 0, {}, { slot }).rings).toEqual([[0, "first"]]);
    expect(delayed().say("active", 0, {}, { slot: { ...slot, acknowledgedBy: null } }).rings).toEqual([]);
  });

  it("that has come by either clock is told, though it is over by then", () => {
    const { kept, rules } = delayed().say("active", 0);
    const cleared = eventOf({ id: "a", message: "Hot", state: "cleared" }, { at: NOW + 30_000 });
    const asleep = advance(kept, cleared, 7, rules);
    expect(asleep).toMatchObject({ state: "cleared", occurrence: 1, startedAt: NOW, clearedAt: NOW + 30_000 });
    expect(notificationOf(kept, asleep).ring).toBe("first");
    const backlog = delayed().say("active", 0, at(-60)).say("cleared", 1, at(-30));
    expect(backlog.rings).toEqual([[1, "first"]]);
    expect(backlog.kept).toMatchObject({ state: "cleared", startedAt: NOW - 60_000, clearedAt: NOW - 30_000 });
  });

  it("is not told when its end came before its beginning, and it was brief", () => {
    const brief = delayed().say("cleared", 0, at(-1)).say("active", 1, at(-4));
    expect(brief.rings).toEqual([]);
    expect(brief.kept.handling.untold).toMatchObject({ brief: 1 });
    expect(delayed().say("cleared", 0, at(-1)).say("active", 1, at(-14)).rings).toEqual([[1, "first"]]);
  });

  it("is held back no longer by a report that comes late", () => {
    const one = delayed().say("active", 0, at(0)).say("active", 2, at(-5)).pass(20);
    expect(one.rings).toEqual([[2, "first"]]);
    expect(one.kept.startedAt).toBe(NOW - 5_000);
    const history = delayed().say("active", 0, at(-100)).say("cleared", 1, at(-50)).say("active", 2, at(2));
    expect(history.rings).toEqual([[1, "first"]]);
    expect(history.say("active", 3, at(-70)).rings).toHaveLength(1);
    expect(history.pass(12).rings.at(-1)).toEqual([12, "returned"]);
  });

  it("of a clock that was set back waits as any other", () => {
    const one = delayed().say("active", 0, at(0)).say("cleared", 20, at(20));
    one.say("active", 40, at(-3_560)).say("active", 55, at(-3_545)).pass(64);
    expect(one.kept).toMatchObject({ state: "cleared", startedAt: NOW });
    one.pass(100);
    expect(one.kept.handling.setBack).toEqual({ at: NOW - 3_545_000, receivedAt: NOW + 55_000 });
    expect(one.rings.map(([, reason]) => reason)).toEqual(["first", "returned"]);
    expect(one.kept.startedAt).toBe(NOW - 3_545_000);
  });

  it("of a clock that was set back by less than its delay waits, too, once that is known", () => {
    const one = delayed().say("active", 0, at(0)).say("cleared", 5, at(5)).say("active", 8, at(-2));
    expect(one.kept.handling).toMatchObject({ heldBack: null, untold: { brief: 2 } });
    one.say("cleared", 18, at(8)).say("active", 30, at(20));
    expect(one.pass(40).rings).toEqual([[40, "first"]]);
  });

  it("comes no later for a clock of ours that was set back", () => {
    const { kept, rules } = delayed().say("active", 3_600);
    const now = NOW + 2_000;
    const present = clampToNow(
      kept,
      now,
      createFormerClock(() => now),
    );
    expect(dueAt(present, rules)).toBeLessThanOrEqual(now + 10_000);
  });

  it("comes at once when the rule is gone, and at its new time when that is another", () => {
    const { kept, rules } = delayed().say("active", 0);
    expect(dueAt(kept, { ...rules, single: [] })).toBe(NOW);
    expect(dueAt(kept, { ...rules, single: rules.single.map((rule) => ({ ...rule, delayMs: 5_000 })) })).toBe(
      NOW + 5_000,
    );
  });
});

describe("an alarm with a delay, and people", () => {
  it("comes again on its shelf without a ring", () => {
    const one = delayed().say("active", 0).pass(10);
    one.alarm = shelve(one.kept, ANNA, NOW + 11_000, { untilAt: NOW + 3_600_000, reason: null });
    one.say("cleared", 20).say("active", 30).pass(60);
    expect(one.rings).toEqual([[10, "first"]]);
    expect(one.kept).toMatchObject({ state: "active", occurrence: 2 });
  });

  it("comes again while it is latched, unless that was brief", () => {
    const warning = { ...RULES.escalations.warning, isLatched: true };
    const one = delayed({ escalations: { ...RULES.escalations, warning } })
      .say("active", 0)
      .say("cleared", 20);
    one.say("active", 30).say("cleared", 33).pass(60);
    expect(one.kept).toMatchObject({ state: "active", occurrence: 1, handling: { latchedAt: NOW + 20_000 } });
    one.say("active", 70).pass(80);
    expect(one.rings.at(-1)).toEqual([80, "returned"]);
    const other = one.say("cleared", 90).say("active", 100);
    other.alarm = reset(other.kept, ANNA, NOW + 101_000);
    expect(other.kept.state).toBe("cleared");
    expect(other.pass(110).rings.at(-1)).toEqual([110, "returned"]);
  });

  it("is acknowledged as it was before, while it is held back", () => {
    const one = delayed().say("active", 0).say("cleared", 20).say("active", 30);
    one.alarm = acknowledge(one.kept, ANNA, NOW + 31_000);
    expect(one.kept.acknowledgedBy).toBe("Anna");
    expect(one.pass(40).rings.at(-1)).toEqual([40, "returned"]);
    expect(one.kept.acknowledgedBy).toBeNull();
  });

  it("is known once somebody reopens it, and what the plant says then is over", () => {
    const one = delayed().say(null, 0);
    one.alarm = close(one.kept, ANNA, NOW + 10_000, null);
    one.say("active", 20, { severity: "error" });
    one.alarm = reopen(one.kept, ANNA, NOW + 22_000);
    expect(one.kept).toMatchObject({ state: "active", severity: "error", peakSeverity: "error", count: 2 });
    one.say("cleared", 24).pass(60);
    expect(one.rings).toEqual([[0, "first"]]);
    expect(one.kept).toMatchObject({ state: "cleared", occurrence: 1 });
  });

  it("that flickers is no chatter, for it never comes", () => {
    const one = delayed();
    for (let i = 0; i < 20; i++) one.say("active", i * 10).say("cleared", i * 10 + 5);
    expect(one.rings).toEqual([]);
    expect(one.kept.handling).toMatchObject({ chatter: null, untold: { brief: 20 } });
  });
});
