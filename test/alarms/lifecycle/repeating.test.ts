import { describe, expect, it } from "vitest";
import { dueAt, elapse } from "../../../src/alarms/lifecycle/elapse.ts";
import { acknowledge, close, reset } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import type { Alarm, Severity } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ANNA = { userId: 11, name: "Anna", chatId: 11 };

/** An alarm on a clock, and the minutes in which it rang. */
function createLine(rules = RULES) {
  let alarm: Alarm | null = null;
  const rings: string[] = [];
  const line = {
    rings,
    sayings: 0,
    get alarm(): Alarm {
      if (alarm === null) throw new Error("there is no alarm");
      return alarm;
    },
    become(after: Alarm) {
      alarm = after;
    },
    say(minute: number, state: string | null, severity: Severity = "warning") {
      line.pass(minute);
      const event = eventOf(
        { id: "a", message: "Level", severity, ...(state && { state }) },
        { at: NOW + minute * MINUTE },
      );
      const after = advance(alarm, event, 7, rules);
      const { ring, followUp } = notificationOf(alarm, after);
      if (ring !== null) rings.push(`${minute} ${ring}`);
      if (followUp !== null) line.sayings += 1;
      alarm = after;
    },
    pass(minute: number) {
      for (let found = alarm && elapse(alarm, NOW + minute * MINUTE, rules); found;) {
        if (found.notification.ring !== null) rings.push(`${minute} ${found.notification.ring}`);
        alarm = found.alarm;
        found = elapse(alarm, NOW + minute * MINUTE, rules);
      }
    },
  };
  return line;
}

describe("an alarm that comes back every few minutes", () => {
  it("rings twice, and then once an hour, all day; its ends that nobody heard the beginning of are not said", () => {
    const level = createLine();
    for (let minute = 0; minute < 24 * 60; minute += 6) {
      level.say(minute, "active");
      level.say(minute + 3, "cleared");
    }
    expect(level.rings.slice(0, 4)).toEqual(["0 first", "6 returned", "66 returned", "126 returned"]);
    expect(level.rings).toHaveLength(2 + 23);
    expect(level.sayings).toBe(2 + 23);
    expect(level.alarm).toMatchObject({ occurrence: 240, handling: { repeats: { isQuiet: true } } });
    expect(level.alarm.handling.repeats.times).toHaveLength(10);
  });

  it("rings at once when it gets worse than was told, comes as worse, or gets critical", () => {
    const level = createLine();
    for (const minute of [0, 6, 12]) {
      level.say(minute, "active");
      level.say(minute + 3, "cleared");
    }
    level.say(18, "active");
    level.say(19, "active", "error");
    level.say(20, "cleared", "error");
    level.say(24, "active", "warning");
    // As bad as was told five minutes ago.
    level.say(25, "active", "error");
    level.say(26, "active", "critical");
    level.say(27, "active", "warning");
    level.say(28, "active", "critical");
    level.say(29, "cleared");
    level.say(30, "active", "warning");
    level.say(31, "cleared");
    level.say(32, "active", "critical");
    expect(level.rings).toEqual([
      "0 first",
      "6 returned",
      "19 escalated",
      "26 escalated",
      "28 escalated",
      "32 returned",
    ]);
  });

  it("is heard when it is worse than somebody has seen, also if worse was told before", () => {
    const level = createLine();
    for (const minute of [0, 6, 12, 18]) {
      level.say(minute, "active", "error");
      level.say(minute + 3, "cleared");
    }
    level.say(24, "active", "warning");
    level.become(acknowledge(level.alarm, ANNA, NOW + 24 * MINUTE));
    level.say(25, "active", "error");
    expect(level.rings.at(-1)).toBe("25 escalated");
  });

  it("rings again when somebody had closed it, or reset it", () => {
    const escalations = { ...RULES.escalations, error: { ...RULES.escalations.error, isLatched: true } };
    const trip = createLine({ ...RULES, escalations });
    for (const minute of [0, 6, 12, 18, 24]) {
      trip.say(minute, "active", "error");
      trip.say(minute + 1, "cleared");
      trip.become(reset(trip.alarm, ANNA, NOW + (minute + 2) * MINUTE));
    }
    expect(trip.rings).toHaveLength(5);
    const plain = createLine({ ...RULES, returnAfterMs: MINUTE });
    for (const minute of [0, 2, 4, 6]) plain.say(minute, null);
    expect(plain.rings).toHaveLength(2);
    plain.become(close(plain.alarm, ANNA, NOW + 7 * MINUTE, null));
    plain.say(8, null);
    expect(plain.rings.at(-1)).toBe("8 returned");
  });

  it("does not vanish: a critical one that stays is reminded of, and one that goes unseen once an hour", () => {
    const pressure = createLine();
    for (let minute = 0; minute < 180; minute += 8) {
      pressure.say(minute, "active", "critical");
      pressure.say(minute + 2, "cleared");
    }
    // Unseen, it is told 5 minutes after each end until it is known to repeat.
    expect(pressure.rings.slice(0, 4)).toEqual(["0 first", "8 wentUnseen", "8 returned", "16 wentUnseen"]);
    const later = pressure.rings.slice(4).map((ring) => Number.parseInt(ring, 10));
    expect(later.length).toBeLessThanOrEqual(3);
    pressure.say(184, "active", "critical");
    const before = pressure.rings.length;
    pressure.pass(189);
    expect(pressure.rings.slice(before)).toEqual(["189 reminder"]);
  });

  it("is told each time where that is wanted, and anew after an hour without it", () => {
    const each = createLine({ ...RULES, repeating: null });
    const rare = createLine();
    for (let i = 0; i < 5; i++) {
      for (const [line, everyMin] of [
        [each, 6],
        [rare, 61],
      ] as const) {
        line.say(i * everyMin, "active");
        line.say(i * everyMin + 1, "cleared");
      }
    }
    expect([each.rings.length, rare.rings.length]).toEqual([5, 5]);
    expect(dueAt(rare.alarm, RULES)).toBeNull();
    expect(rare.alarm.handling.repeats.quietUntil).toBeNull();
    expect(HOUR).toBe(RULES.repeating?.withinMs);
  });
});
