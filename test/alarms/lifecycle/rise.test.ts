import { describe, expect, it } from "vitest";
import { dueAt, elapse, nextStep } from "../../../src/alarms/lifecycle/elapse.ts";
import { acknowledge, isAsSeen, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import { rankOf, type Alarm, type Severity } from "../../../src/alarms/types.ts";
import { ringView } from "../../../src/telegram/cards/ring-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const MINUTE = 60_000;
const ANNA = { userId: 1, name: "Anna", chatId: 100 };
let at = NOW;

const say = (before: Alarm | null, more: object): Alarm =>
  advance(before, eventOf({ id: "a", message: "Hot", state: "active", ...more }, { at: (at += 1_000) }), 7, RULES);
const raise = (before: Alarm | null, severity: Severity): Alarm => say(before, { severity });
const clear = (before: Alarm): Alarm => say(before, { state: "cleared" });
/** From one severity to the next. */
const through = (...severities: Severity[]): Alarm => {
  const [first = "error", ...rest] = severities;
  return rest.reduce(raise, raise(null, first));
};
const ringOf = (before: Alarm, after: Alarm) => notificationOf(before, after).ring;
const wordsOf = (alarm: Alarm) => {
  const view = ringView(alarm, "escalated", { timeZone: "UTC", now: at });
  return view && toPlain(view);
};

describe("what somebody has seen", () => {
  it("does not hold for what fell since then and gets as bad again", () => {
    const fell = raise(acknowledge(through("critical"), ANNA, at), "warning");
    expect(fell.acknowledgedBy).toBe("Anna");
    const again = raise(fell, "critical");
    expect([ringOf(fell, again), again.acknowledgedBy]).toEqual(["escalated", null]);
    expect(wordsOf(again)).toBe("⬆️ Worse again since Anna acknowledged it: WARNING → CRITICAL.");
  });

  it("does not hold for what is worse than it was then", () => {
    const seen = acknowledge(through("critical", "warning"), ANNA, at);
    const worse = raise(seen, "critical");
    expect([ringOf(seen, worse), worse.acknowledgedBy]).toEqual(["escalated", null]);
    expect(wordsOf(worse)).toBe("⬆️ Worse than when Anna acknowledged it: WARNING → CRITICAL.");
  });

  it("is what the card showed: a rise that came meanwhile is not acknowledged", () => {
    const shown = through("critical", "warning");
    const seen = { occurrence: 1, rank: rankOf(shown.severity) };
    expect([isAsSeen(shown, seen), isAsSeen(raise(shown, "critical"), seen)]).toEqual([true, false]);
  });

  it("is not taken back by what fell and rose unseen, if nobody had acknowledged it", () => {
    const error = through("error");
    expect(ringOf(error, raise(raise(error, "warning"), "error"))).toBeNull();
    const seen = acknowledge(error, ANNA, at);
    expect(ringOf(seen, raise(raise(seen, "warning"), "error"))).toBe("escalated");
  });
});

describe("a shelf", () => {
  const until = { untilAt: NOW + 240 * MINUTE, reason: null };

  it("holds for what is no worse than it was then, whatever it does meanwhile", () => {
    const shelved = shelve(through("critical"), ANNA, at, until);
    const again = raise(raise(shelved, "warning"), "critical");
    expect([ringOf(shelved, again), again.handling.shelf?.by]).toEqual([null, "Anna"]);
  });

  it("ends when it gets worse than it was then, also if it was as bad before", () => {
    const shelved = shelve(through("critical", "warning"), ANNA, at, until);
    const worse = raise(shelved, "critical");
    expect([ringOf(shelved, worse), worse.handling.shelf]).toEqual(["escalated", null]);
    expect(wordsOf(worse)).toBe(
      "⬆️ Worse than when Anna shelved it: WARNING → CRITICAL, so it is not shelved any more.",
    );
  });

  it("lasts its time, whatever comes and goes", () => {
    const shelved = shelve(through("error"), ANNA, at, until);
    const gone = clear(shelved);
    expect(gone).toMatchObject({ state: "cleared", handling: { shelf: { by: "Anna" } } });
    expect(notificationOf(shelved, gone)).toMatchObject({ ring: null, followUp: null });
    const back = raise(gone, "error");
    expect(back).toMatchObject({ state: "active", occurrence: 2, handling: { shelf: { by: "Anna" } } });
    expect(ringOf(gone, back)).toBeNull();
    const worse = raise(gone, "critical");
    expect([ringOf(gone, worse), worse.handling.shelf, wordsOf(worse)?.slice(0, 34)]).toEqual([
      "returned",
      null,
      "⬆️ Worse than when Anna shelved it",
    ]);
  });

  it("ends in time without a word, if the alarm is over", () => {
    const gone = clear(shelve(through("error"), ANNA, at, until));
    expect(dueAt(gone, RULES)).toBe(until.untilAt);
    const ended = elapse(gone, until.untilAt, RULES);
    expect(ended?.alarm.handling.shelf).toBeNull();
    expect(ended?.notification).toEqual({ ring: null, ringsIn: null, followUp: null });
  });

  it("ends with the alarm, if that was wanted", () => {
    const shelved = shelve(through("error"), ANNA, at, { untilAt: null, reason: null });
    expect(clear(shelved).handling.shelf).toBeNull();
    expect(notificationOf(shelved, clear(shelved)).followUp).toBe("cleared");
  });
});

describe("reminders", () => {
  it("are those of what it is now, not of what it was", () => {
    expect(nextStep(through("critical"), RULES.escalations)).not.toBeNull();
    expect(nextStep(through("critical", "warning"), RULES.escalations)).toBeNull();
    expect(nextStep(through("critical", "error"), RULES.escalations)?.at).toBe(at - 1_000 + 15 * MINUTE);
  });
});

describe("what gets worse and better all the time", () => {
  it("repeats, then chatters, and is heard of once more only if it is worse than somebody has seen", () => {
    let alarm = through("error");
    let rings = 0;
    const step = (severity: Severity) => {
      const after = raise(alarm, severity);
      if (ringOf(alarm, after) !== null) rings++;
      alarm = after;
    };
    for (let i = 0; i < 20; i++) ["warning" as const, "error" as const].forEach(step);
    expect(rings).toBe(1);
    expect(alarm.handling.chatter).toMatchObject({ endedAt: null });
    step("warning");
    alarm = acknowledge(alarm, ANNA, at);
    step("error");
    expect([rings, alarm.acknowledgedBy]).toEqual([2, null]);
  });
});
