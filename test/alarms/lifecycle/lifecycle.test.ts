import { withoutPerson } from "../../../src/alarms/lifecycle/forget.ts";
import { describe, expect, it } from "vitest";
import { dueAt, elapse, nextStep, passedOnTo } from "../../../src/alarms/lifecycle/elapse.ts";
import { isOverForNow } from "../../../src/alarms/lifecycle/chatter.ts";
import { annotate } from "../../../src/alarms/lifecycle/annotate.ts";
import { acknowledge, shelve, unshelve } from "../../../src/alarms/lifecycle/handling.ts";

import { advance, isIncident } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600_000;
const ANNA = { userId: 11, name: "Anna", chatId: 11 };
const rules = RULES;

const after = (...events: ReturnType<typeof eventOf>[]): Alarm => {
  const alarm = events.reduce<Alarm | null>((before, event) => advance(before, event, 7, rules), null);
  if (!alarm) throw new Error("no event");
  return alarm;
};
const raise = (at: number, more: object = {}) => eventOf({ id: "a", message: "Hot", state: "active", ...more }, { at });
const clear = (at: number) => eventOf({ id: "a", message: "Hot", state: "cleared" }, { at });

describe("lifecycle", () => {
  it("begins active, with the plant's own time", () => {
    expect(after(raise(NOW, { timestamp: NOW - 5_000, value: 82 }))).toMatchObject({
      id: 7,
      state: "active",
      occurrence: 1,
      count: 1,
      startedAt: NOW - 5_000,
      value: 82,
      version: 1,
    });
  });

  it("counts a repeat and takes its value, keeping what it does not say", () => {
    const alarm = after(raise(1, { value: 82, unit: "°C", limit: 80 }), raise(2, { value: 83 }));
    expect(alarm).toMatchObject({ occurrence: 1, count: 2, value: 83, unit: "°C", limit: 80, startedAt: 1, lastAt: 2 });
  });

  it("is cleared once", () => {
    const cleared = after(raise(1), clear(5));
    expect(cleared).toMatchObject({ state: "cleared", clearedAt: 5, count: 1 });
    expect(advance(cleared, clear(6), 7, rules)).toBe(cleared);
  });

  it("comes back as a new occurrence of the same alarm", () => {
    expect(after(raise(1), clear(5), raise(9))).toMatchObject({
      id: 7,
      state: "active",
      occurrence: 2,
      count: 1,
      startedAt: 9,
      clearedAt: null,
    });
  });

  it("that is never cleared by the plant is new again after it stayed away", () => {
    expect(after(eventOf("Hot", { at: 0 }), eventOf("Hot", { at: HOUR }))).toMatchObject({ occurrence: 1, count: 2 });
    expect(after(eventOf("Hot", { at: 0 }), eventOf("Hot", { at: HOUR + 1 }))).toMatchObject({
      occurrence: 2,
      count: 1,
    });
  });

  it("that the plant clears stays the same occurrence over hours of silence, but not over a day", () => {
    expect(after(raise(0), raise(24 * HOUR))).toMatchObject({ occurrence: 1, count: 2 });
    expect(after(raise(0), raise(24 * HOUR + 1))).toMatchObject({ occurrence: 2, count: 1 });
  });

  it("goes by our own clock, whatever the plant's shows, and is new in doubt when ours was set", () => {
    const ahead = eventOf({ message: "Hot", timestamp: NOW + 500_000 }, { at: NOW });
    expect(after(ahead, eventOf("Hot", { at: NOW + 2 * HOUR }))).toMatchObject({ occurrence: 2 });
    expect(after(eventOf("Hot", { at: NOW }), eventOf("Hot", { at: NOW - 2 * HOUR }))).toMatchObject({ occurrence: 2 });
  });

  it("keeps the worst of an occurrence, and takes an acknowledgement back when it gets worse", () => {
    const anna = { userId: 1, name: "Anna", chatId: 1 };
    const seen = acknowledge(after(raise(1, { severity: "error" })), anna, 2);
    expect(seen).toMatchObject({ acknowledgedBy: "Anna", acknowledgedAt: 2, version: 2 });
    expect(acknowledge(seen, { userId: 2, name: "Boris", chatId: 1 }, 3)).toBe(seen);
    const milder = advance(seen, raise(3, { severity: "warning" }), 7, rules);
    expect(milder).toMatchObject({ severity: "warning", peakSeverity: "error", acknowledgedBy: "Anna" });
    expect(advance(milder, raise(4, { severity: "critical" }), 7, rules)).toMatchObject({ acknowledgedBy: null });
    expect(advance(advance(seen, clear(5), 7, rules), raise(6), 7, rules)).toMatchObject({ acknowledgedBy: null });
  });
});

describe("an end", () => {
  it("of what was never told rings nobody, and what comes then is new", () => {
    const ended = after(clear(1));
    expect(ended).toMatchObject({ state: "cleared", occurrence: 0, count: 0 });
    expect(notificationOf(null, ended)).toEqual({ ring: null, ringsIn: null, followUp: null });
    expect(advance(ended, clear(2), 7, rules)).toBe(ended);
    const raised = advance(ended, raise(3), 7, rules);
    expect(raised).toMatchObject({ occurrence: 1, state: "active" });
    expect(notificationOf(ended, raised).ring).toBe("first");
  });

  it("needs no text, and neither does a repeat of what has an id", () => {
    const only = (state: string, at: number) => eventOf({ id: "a", state }, { at });
    expect(after(raise(1), only("active", 2))).toMatchObject({ message: "Hot", count: 2 });
    expect(after(raise(1), only("cleared", 2))).toMatchObject({ message: "Hot", state: "cleared" });
    expect(after(raise(1), only("cleared", 2), only("active", 3))).toMatchObject({ message: "Hot", occurrence: 2 });
  });
});

describe("a state that is not known", () => {
  const odd = (at: number, more: object = {}) => eventOf({ id: "a", state: "latched", ...more }, { at });
  it("is shown, and is no raise of what is active", () => {
    const active = after(raise(1, { severity: "error" }));
    const later = advance(active, odd(2 + 48 * HOUR), 7, rules);
    expect(later).toMatchObject({ state: "active", count: 1, occurrence: 1, message: "Hot", severity: "error" });
    expect(later.handling.remark).toBe("State “latched” is not known.");
    expect(later.version).toBe(active.version + 1);
    expect(notificationOf(active, later).ring).toBeNull();
    expect(notificationOf(active, advance(active, odd(2, { severity: "critical" }), 7, rules)).ring).toBe("escalated");
    expect(advance(later, raise(3 + 48 * HOUR), 7, rules).handling.remark).toBeNull();
  });

  it("raises what is not active, as it might be meant so", () => {
    expect(notificationOf(null, after(odd(1))).ring).toBe("first");
    expect(after(raise(1), clear(2), odd(3))).toMatchObject({ state: "active", occurrence: 2 });
  });

  it("counts no start of what chatters", () => {
    const starts = Array.from({ length: 6 }, (_, i) => [raise(NOW + 2 * i), clear(NOW + 2 * i + 1)]).flat();
    const held = after(...starts);
    expect(held.handling.chatter?.count).toBe(6);
    expect(advance(held, odd(NOW + 20), 7, RULES).handling.chatter?.count).toBe(6);
  });
});

describe("notification", () => {
  const notification = (before: Alarm | null, later: Alarm) => notificationOf(before, later);

  it("is that it is new, back, or worse", () => {
    const first = after(raise(1));
    expect(notification(null, first)).toMatchObject({ ring: "first" });
    expect(notification(first, after(raise(1), clear(2), raise(3)))).toMatchObject({
      ring: "returned",
      followUp: null,
    });
    expect(notification(first, after(raise(1), raise(2, { severity: "critical" })))).toMatchObject({
      ring: "escalated",
    });
    expect(notification(first, after(raise(1), raise(2)))).toMatchObject({ ring: null, followUp: null });
  });

  it("is the worst of a batch, even if it is better already, and nothing if it was as bad before", () => {
    const error = after(raise(1, { severity: "error" }));
    const upAndDown = after(
      raise(1, { severity: "error" }),
      raise(2, { severity: "warning" }),
      raise(3, { severity: "error" }),
    );
    expect(notification(error, upAndDown)).toMatchObject({ ring: null });
    const spike = after(
      raise(1, { severity: "error" }),
      raise(2, { severity: "critical" }),
      raise(3, { severity: "error" }),
    );
    expect(notification(error, spike)).toMatchObject({ ring: "escalated" });
  });

  it("is told when it is over, unless nobody was told that it began", () => {
    expect(notification(after(raise(1)), after(raise(1), clear(2)))).toMatchObject({ ring: null, followUp: "cleared" });
    const info = raise(1, { severity: "info" });
    expect(notification(after(info), after(info, clear(2)))).toMatchObject({ followUp: null });
  });
});

describe("a chattering alarm", () => {
  const toggles = (times: number, everyMs: number, from = NOW) =>
    Array.from({ length: times }, (_, i) => [
      raise(from + i * everyMs),
      clear(from + i * everyMs + everyMs / 2),
    ]).flat();
  const MINUTE = 60_000;

  it("is held open from the sixth time in ten minutes, and counts in place", () => {
    const fifth = after(...toggles(5, MINUTE));
    expect(fifth).toMatchObject({ state: "cleared", occurrence: 5, handling: { chatter: null } });
    const sixth = advance(fifth, raise(NOW + 5 * MINUTE), 7, RULES);
    expect(notificationOf(fifth, sixth).ring).toBeNull();
    expect(sixth).toMatchObject({ state: "active", occurrence: 6, handling: { chatter: { count: 6, endedAt: null } } });
    const later = toggles(4, MINUTE, NOW + 6 * MINUTE).reduce<Alarm>(
      (alarm, event) => advance(alarm, event, 7, RULES),
      sixth,
    );
    expect(later).toMatchObject({ state: "active", occurrence: 6, handling: { chatter: { count: 6 + 3 } } });
    expect(notificationOf(sixth, later)).toEqual({ ring: null, ringsIn: null, followUp: null });
  });

  it("shows an end that may not last as over for now", () => {
    const held = after(...toggles(5, MINUTE), raise(NOW + 5 * MINUTE));
    const lulled = advance(held, clear(NOW + 6 * MINUTE), 7, RULES);
    expect(lulled).toMatchObject({ state: "active", version: held.version + 1 });
    expect(isOverForNow(lulled)).toBe(true);
    const back = advance(lulled, raise(NOW + 7 * MINUTE), 7, RULES);
    expect(isOverForNow(back)).toBe(false);
  });

  it("is not escalated while it is over for now, nor its owner reminded, nor told as still active when its shelf ends", () => {
    const slow = { ...RULES, chatter: { ...RULES.chatter, withinMs: 10 * 3_600_000 } };
    const critical = [0, 1, 2, 3, 4, 5].flatMap((i) => [raise(NOW + i, { severity: "critical" }), clear(NOW + i)]);
    const over = critical.reduce<Alarm | null>((alarm, event) => advance(alarm, event, 7, slow), null);
    if (over === null) throw new Error("there is no alarm");
    const chatterEndsAt = NOW + 5 + slow.chatter.withinMs;
    const owned = acknowledge(over, ANNA, NOW + 9);
    const shelved = shelve(over, ANNA, NOW + 9, { untilAt: NOW + 3_600_000, reason: null });
    const announced = elapse(shelved, NOW + 3_000_000, slow)?.alarm ?? shelved;
    for (const alarm of [over, owned, announced]) {
      expect(isOverForNow(alarm)).toBe(true);
      expect(dueAt(alarm, slow)).toBe(chatterEndsAt);
      const back = advance(alarm, raise(NOW + 10, { severity: "critical" }), 7, slow);
      expect(dueAt(back, slow)).toBeLessThan(chatterEndsAt);
    }
  });

  it("ends when it has calmed down: as over, or as lasting", () => {
    const held = after(...toggles(5, MINUTE), raise(NOW + 5 * MINUTE));
    expect(dueAt(held, RULES)).toBe(NOW + 15 * MINUTE);
    const calm = elapse(held, NOW + 15 * MINUTE, RULES);
    expect(calm?.alarm).toMatchObject({
      state: "active",
      handling: { chatter: { count: 6, endedAt: NOW + 5 * MINUTE } },
    });
    const over = advance(held, clear(NOW + 6 * MINUTE), 7, RULES);
    expect(elapse(over, NOW + 16 * MINUTE - 1, RULES)).toBeNull();
    const ended = elapse(over, NOW + 16 * MINUTE, RULES);
    expect(ended?.alarm).toMatchObject({ state: "cleared", clearedAt: NOW + 6 * MINUTE });
    expect(ended?.notification).toMatchObject({ ring: null, followUp: "cleared" });
  });

  it("is none when the times are far apart, and begins anew after a calm", () => {
    const slow = after(...toggles(20, 3 * MINUTE));
    expect(slow.handling.chatter).toBeNull();
    expect(slow.handling.starts.length).toBeLessThanOrEqual(4);
    expect(after(...toggles(6, MINUTE), raise(NOW + 100 * MINUTE)).handling.chatter).toMatchObject({ count: 7 });
  });

  it("still rings when it gets worse", () => {
    const held = after(...toggles(5, MINUTE), raise(NOW + 5 * MINUTE));
    const worse = advance(held, raise(NOW + 6 * MINUTE, { severity: "critical" }), 7, RULES);
    expect(notificationOf(held, worse).ring).toBe("escalated");
  });
});

describe("what time does", () => {
  const MINUTE = 60_000;
  const BORIS = { chatId: 12, threadId: null, name: "Boris" };
  const CHIEF = { chatId: 13, threadId: null, name: "Chief" };
  const rules2 = {
    ...RULES,
    escalations: {
      ...RULES.escalations,
      critical: {
        ...RULES.escalations.critical,
        remindAfterMs: 5 * MINUTE,
        steps: [
          { afterMs: 10 * MINUTE, to: BORIS },
          { afterMs: 20 * MINUTE, to: CHIEF },
        ],
        ownerAfterMs: 60 * MINUTE,
      },
    },
  };
  const anna = { userId: 1, name: "Anna", chatId: 100 };
  const critical = after(raise(NOW, { severity: "critical" }));
  const step = (alarm: Alarm, at: number) => {
    const done = elapse(alarm, at, rules2);
    if (!done) throw new Error("nothing was due");
    return done;
  };

  it("reminds, then tells the next, then the next, and then nobody", () => {
    expect(nextStep(critical, rules2.escalations)).toEqual({ at: NOW + 5 * MINUTE, to: null });
    expect(elapse(critical, NOW + 5 * MINUTE - 1, rules2)).toBeNull();
    const reminded = step(critical, NOW + 5 * MINUTE);
    expect(reminded.notification).toEqual({ ring: "reminder", ringsIn: null, followUp: null });
    expect(nextStep(reminded.alarm, rules2.escalations)).toEqual({ at: NOW + 15 * MINUTE, to: BORIS });
    const passed = step(reminded.alarm, NOW + 15 * MINUTE);
    expect(passed.notification).toEqual({ ring: "passedOn", ringsIn: [12], followUp: null });
    expect(passedOnTo(passed.alarm, rules2.escalations)).toEqual([BORIS]);
    const last = step(passed.alarm, NOW + 35 * MINUTE);
    expect(passedOnTo(last.alarm, rules2.escalations)).toEqual([BORIS, CHIEF]);
    expect(dueAt(last.alarm, rules2)).toBeNull();
  });

  it("waits anew from when a step was taken, also when that was late", () => {
    const late = step(critical, NOW + 500 * MINUTE);
    expect(nextStep(late.alarm, rules2.escalations)?.at).toBe(NOW + 510 * MINUTE);
  });

  it("stops when somebody acknowledges, and reminds that one while it lasts, in that chat", () => {
    const seen = acknowledge(critical, anna, NOW + MINUTE);
    expect(nextStep(seen, rules2.escalations)).toBeNull();
    expect(dueAt(seen, rules2)).toBe(NOW + 61 * MINUTE);
    const reminded = step(seen, NOW + 61 * MINUTE);
    expect(reminded.notification).toEqual({ ring: "owner", ringsIn: [100], followUp: null });
    expect(dueAt(reminded.alarm, rules2)).toBe(NOW + 121 * MINUTE);
    expect(dueAt(advance(reminded.alarm, clear(NOW + 62 * MINUTE), 7, rules2), rules2)).toBeNull();
  });

  it("begins again when it gets worse or comes back", () => {
    const error = after(raise(NOW, { severity: "error" }));
    const seen = acknowledge(error, anna, NOW);
    const worse = advance(seen, raise(NOW + 9 * MINUTE, { severity: "critical" }), 7, rules2);
    expect(nextStep(worse, rules2.escalations)).toEqual({ at: NOW + 14 * MINUTE, to: null });
  });

  it("ends a shelving: announced, then back with a ring", () => {
    const shelved = shelve(critical, anna, NOW, { untilAt: NOW + 240 * MINUTE, reason: null });
    expect(nextStep(shelved, rules2.escalations)).toBeNull();
    expect(dueAt(shelved, rules2)).toBe(NOW + 230 * MINUTE);
    const announced = step(shelved, NOW + 230 * MINUTE);
    expect(announced.notification.followUp).toBe("shelfEnding");
    const back = step(announced.alarm, NOW + 240 * MINUTE);
    expect(back.notification.ring).toBe("unshelved");
    expect(back.alarm).toMatchObject({ acknowledgedAt: null, handling: { shelf: null, step: 0 } });
    expect(dueAt(back.alarm, rules2)).toBe(NOW + 245 * MINUTE);
    const short = shelve(critical, anna, NOW, { untilAt: NOW + 6 * MINUTE, reason: null });
    expect(dueAt(short, rules2)).toBe(NOW + 3 * MINUTE);
  });

  it("does not end a shelving that lasts until it clears; a clear and a rise do", () => {
    const shelved = shelve(after(raise(NOW)), anna, NOW, { untilAt: null, reason: "maintenance" });
    expect(dueAt(shelved, rules2)).toBeNull();
    expect(advance(shelved, clear(NOW + 1), 7, rules2).handling.shelf).toBeNull();
    const worse = advance(shelved, raise(NOW + 1, { severity: "critical" }), 7, rules2);
    expect(worse.handling.shelf).toBeNull();
    expect(notificationOf(shelved, worse).ring).toBe("escalated");
    const silent = advance(shelved, raise(NOW + 30 * HOUR), 7, rules2);
    expect([silent.occurrence, silent.handling.shelf?.by]).toEqual([1, "Anna"]);
  });
});

describe("what never says that it is over", () => {
  const anna = { userId: 1, name: "Anna", chatId: 100 };
  const overAt = (alarm: Alarm, at: number): Alarm | undefined => elapse(alarm, at, RULES)?.alarm;

  it("is over once somebody has seen it, and it stayed away for long enough to be new", () => {
    const text = after(eventOf("Hot", { at: NOW }));
    expect(dueAt(text, RULES)).toBeNull();
    const seen = acknowledge(text, anna, NOW + 5);
    expect(dueAt(seen, RULES)).toBe(NOW + 5 + HOUR);
    expect(overAt(seen, NOW + 5 + HOUR)).toMatchObject({ state: "cleared", version: seen.version + 1 });
  });

  it("never is active if it is information, which only happened", () => {
    const info = after(eventOf("[info] Run-up done", { at: NOW }));
    expect(info).toMatchObject({ state: "cleared", clearedAt: null, count: 1 });
    expect(isIncident(info)).toBe(true);
    expect([dueAt(info, RULES), notificationOf(null, info).ring]).toEqual([null, "first"]);
    // Within an hour it is counted in place, later it is shown anew.
    const again = after(eventOf("[info] Run-up done", { at: NOW }), eventOf("[info] Run-up done", { at: NOW + HOUR }));
    expect(again).toMatchObject({ state: "cleared", clearedAt: null, count: 2, occurrence: 1 });
    expect(notificationOf(info, again)).toEqual({ ring: null, ringsIn: null, followUp: null });
    expect(advance(again, eventOf("[info] Run-up done", { at: NOW + 3 * HOUR }), 7, RULES).occurrence).toBe(2);
    // What says a state is an alarm.
    expect(after(raise(NOW, { severity: "info" }))).toMatchObject({ state: "active" });
    expect(dueAt(after(raise(NOW, { severity: "info" })), RULES)).toBeNull();
  });

  it("rings as a warning of the same text does after information, and stays active through it", () => {
    const texts = (...all: string[]) => after(...all.map((text, i) => eventOf(text, { at: NOW + i })));
    const info = texts("[info] Rotor");
    const warned = advance(info, eventOf("Rotor", { at: NOW + 1 }), 7, RULES);
    expect([warned.state, notificationOf(info, warned).ring]).toEqual(["active", "returned"]);
    expect(texts("Rotor", "[info] Rotor")).toMatchObject({ state: "active", peakSeverity: "warning", count: 2 });
  });

  it("of a chattering plant is no chatter", () => {
    const many = Array.from({ length: 20 }, (_, i) => eventOf("[info] Door", { at: NOW + i * 10_000 }));
    expect(after(...many)).toMatchObject({ state: "cleared", count: 20, handling: { chatter: null } });
  });

  it("stays on the shelf for as long as was wanted", () => {
    const seen = acknowledge(after(eventOf("Hot", { at: NOW })), anna, NOW);
    const shelved = shelve(seen, anna, NOW, { untilAt: NOW + 4 * HOUR, reason: null });
    expect(dueAt(shelved, RULES)).toBe(NOW + 4 * HOUR - 10 * 60_000);
    expect(advance(shelved, eventOf("Hot", { at: NOW + 2 * HOUR }), 7, RULES)).toMatchObject({
      occurrence: 1,
      count: 2,
    });
  });
});

it("a source or field that is told later is taken, and kept when it is not told again", () => {
  const alarm = after(raise(1), raise(2, { source: "AMB 1", field: 3 }), raise(3));
  expect(alarm).toMatchObject({ source: "AMB 1", field: 3 });
});

describe("what people do", () => {
  const anna = { userId: 1, name: "Anna", chatId: 100 };

  it("shelves only what is active, and for a time to come", () => {
    const over = after(raise(1), clear(2));
    expect(shelve(over, anna, 3, { untilAt: 9, reason: null })).toBe(over);
    const active = after(raise(1));
    expect(shelve(active, anna, 10, { untilAt: 9, reason: null })).toBe(active);
    expect(unshelve(active, 3)).toBe(active);
    const shelved = shelve(active, anna, 3, { untilAt: 9, reason: null });
    expect(unshelve(shelved, 4).handling.shelf).toBeNull();
  });

  it("takes the first words of who shelved it for the reason, and those of others for notes", () => {
    const shelved = shelve(after(raise(1)), anna, 3, { untilAt: 9, reason: null });
    const words = { text: "bearing", hasPhoto: false };
    const others = annotate(shelved, { userId: 2, name: "Boris" }, words);
    expect(others.handling).toMatchObject({ note: { by: "Boris", text: "bearing" }, shelf: { reason: null } });
    expect(annotate(others, anna, words).handling.shelf?.reason).toBe("bearing");
  });

  it("keeps the note that was there when a photo without words comes, and says whose photo it is", () => {
    const written = annotate(after(raise(1)), anna, { text: "bearing", hasPhoto: false });
    const photo = { text: "", hasPhoto: true };
    const boris = { userId: 2, name: "Boris" };
    const pictured = annotate(written, boris, photo);
    expect(pictured.handling.note).toMatchObject({ text: "bearing", hasPhoto: true, photoBy: { by: "Boris" } });
    expect(annotate(pictured, anna, photo).handling.note).toEqual({ ...written.handling.note, hasPhoto: true });
    expect(withoutPerson(pictured, 2, "Person 2").handling.note?.photoBy).toEqual({ by: "Person 2", userId: 0 });
    expect(annotate(after(raise(1)), boris, photo).handling.note).toMatchObject({ by: "Boris", text: "" });
  });

  it("follows the value", () => {
    const trend = (...values: number[]) => after(...values.map((value, i) => raise(i, { value }))).handling.trend;
    expect([trend(1), trend(1, 2), trend(2, 1), trend(1, 1)]).toEqual([null, "rising", "falling", "level"]);
  });
});
