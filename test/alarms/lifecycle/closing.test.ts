import { describe, expect, it } from "vitest";
import { dueAt, elapse } from "../../../src/alarms/lifecycle/elapse.ts";
import { withoutPerson } from "../../../src/alarms/lifecycle/forget.ts";
import { annotate } from "../../../src/alarms/lifecycle/annotate.ts";
import { acknowledge, close, isClosable, reopen, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600_000;
const AINO = { userId: 11, name: "Aino", chatId: 11 };
const after = (...events: ReturnType<typeof eventOf>[]): Alarm => {
  const alarm = events.reduce<Alarm | null>((before, event) => advance(before, event, 7, RULES), null);
  if (!alarm) throw new Error("no event");
  return alarm;
};
const text = (at = NOW): ReturnType<typeof eventOf> => eventOf("ERROR: Oil level low", { at });
const unclearAgain = eventOf({ id: "a", message: "Oil low", state: "latched" });
const cleared = (at: number) => eventOf({ message: "ERROR: Oil level low", state: "cleared" }, { at });

describe("closing by hand", () => {
  it("ends what the plant never ends: time does nothing more to it, and it says who and why", () => {
    const alarm = close(after(text()), AINO, NOW + HOUR, "Repaired");
    expect(alarm).toMatchObject({ state: "cleared", clearedAt: NOW + HOUR, version: 2 });
    expect(alarm.handling.closing).toEqual({ by: "Aino", userId: 11, at: NOW + HOUR, reason: "Repaired" });
    expect(dueAt(alarm, RULES)).toBeNull();
  });

  it("is not for what the plant ends, for information, nor for what is over", () => {
    const told = after(eventOf({ id: "a", message: "Hot", state: "active" }));
    const info = after(eventOf("INFO: Self-test passed"));
    const over = close(after(text()), AINO, NOW, null);
    for (const alarm of [told, info, over]) {
      expect(isClosable(alarm)).toBe(false);
      expect(close(alarm, AINO, NOW, null)).toBe(alarm);
    }
  });

  it("is the only end of what was seen and not understood: time ends a plain text that was seen, and not what may have said anything", () => {
    const seen = (event: ReturnType<typeof eventOf>) => acknowledge(after(event), AINO, NOW);
    expect(elapse(seen(text()), NOW + 2 * HOUR, RULES)?.alarm.state).toBe("cleared");
    const unclear = seen(eventOf({ id: "a", message: "Oil low", severity: "warning", state: "latched" }));
    expect(dueAt(unclear, RULES)).toBeNull();
    expect(isClosable(unclear)).toBe(true);
    // Word of something else does not say what its state was.
    const informed = advance(unclear, eventOf({ id: "a", message: "Oil low", severity: "info" }), 7, RULES);
    expect(dueAt(informed, RULES)).toBeNull();
  });

  it("is for what the plant says in words that are not known, as nobody knows those for its end", () => {
    const unclear = after(eventOf({ id: "a", message: "Oil low", state: "latched" }));
    expect(isClosable(unclear)).toBe(true);
    expect(isClosable(after(eventOf({ id: "a", message: "Oil low", state: "active" }), unclearAgain))).toBe(false);
  });

  it("takes it from the shelf, and holds no chatter open", () => {
    const shelved = shelve(after(text()), AINO, NOW, { untilAt: NOW + HOUR, reason: null });
    const chatter = { since: NOW, count: 9, lastAt: NOW, clearedAt: null, endedAt: null };
    const alarm = close({ ...shelved, handling: { ...shelved.handling, chatter } }, AINO, NOW + 1, null);
    expect(alarm.handling).toMatchObject({ shelf: null, chatter: { endedAt: NOW + 1 } });
    expect(advance(alarm, text(NOW + 2), 7, RULES)).toMatchObject({ state: "active", occurrence: 2 });
  });

  it("holds until the plant's next message, which rings as one that came back and forgets who closed it", () => {
    const closed = close(after(text()), AINO, NOW + 1, "Repaired");
    const again = advance(closed, text(NOW + 2), 7, RULES);
    expect(again).toMatchObject({ state: "active", occurrence: 2, handling: { closing: null } });
    expect(notificationOf(closed, again).ring).toBe("returned");
  });

  it("can be taken back: as nobody has seen it, so that its escalation begins anew and it is not forgotten at once", () => {
    const acknowledged = acknowledge(after(text()), AINO, NOW);
    const back = reopen(close(acknowledged, AINO, NOW + 1, null), AINO, NOW + 5 * HOUR);
    expect(back).toMatchObject({ state: "active", clearedAt: null, acknowledgedAt: null, occurrence: 1 });
    expect(back.handling).toMatchObject({
      closing: null,
      reopening: { by: "Aino" },
      steppedAt: NOW + 5 * HOUR,
      step: 0,
    });
    expect(dueAt(back, RULES)).toBeGreaterThan(NOW + 5 * HOUR);
    expect(elapse(back, NOW + 5 * HOUR, RULES)).toBeNull();
    expect(reopen(back, AINO, NOW + 5 * HOUR)).toBe(back);
  });

  it("is final once the plant says so, too", () => {
    const closed = close(after(text()), AINO, NOW + 1, null);
    const event = { ...cleared(NOW + 2), alarmKey: closed.key };
    const confirmed = advance(closed, event, 7, RULES);
    expect(confirmed).toMatchObject({ state: "cleared", isClearedByPlant: true, version: closed.version + 1 });
    expect(notificationOf(closed, confirmed)).toMatchObject({ ring: null, followUp: null });
    expect(reopen(confirmed, AINO, NOW + 3)).toBe(confirmed);
    expect(advance(confirmed, { ...event, receivedAt: NOW + 3 }, 7, RULES)).toBe(confirmed);
  });

  it("gets its reason from what the same person replies", () => {
    const closed = close(after(text()), AINO, NOW + 1, null);
    const other = annotate(closed, { userId: 12, name: "Boris" }, { text: "Why?", hasPhoto: false });
    expect(other.handling.closing?.reason).toBeNull();
    const explained = annotate(other, AINO, { text: "Oil was filled up", hasPhoto: false });
    expect(explained.handling.closing?.reason).toBe("Oil was filled up");
  });

  it("knows nobody who is forgotten", () => {
    const closed = close(after(text()), AINO, NOW + 1, null);
    const back = reopen(closed, AINO, NOW + 2);
    for (const alarm of [closed, back])
      expect(JSON.stringify(withoutPerson(alarm, 11, "person 3"))).not.toMatch(/Aino|:11\b/);
  });
});
