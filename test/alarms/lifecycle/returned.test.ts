import { describe, expect, it } from "vitest";
import { decide } from "../../../src/alarms/cards/decide.ts";
import { newCard } from "../../../src/alarms/cards/due.ts";
import { dueAt, elapse } from "../../../src/alarms/lifecycle/elapse.ts";
import type { AlarmRules } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { acknowledge, isLatched, reset, shelve, takeBack } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import { DRILL_SOURCE } from "../../../src/alarms/payloads/own.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { cardButtons } from "../../../src/telegram/access/card-buttons.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { ringView } from "../../../src/telegram/cards/ring-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const ANNA = { userId: 1, name: "Anna", chatId: 100 };

const say = (before: Alarm | null, state: string, at: number, more: object = {}, rules: AlarmRules = RULES): Alarm =>
  advance(
    before,
    eventOf({ id: "a", message: "Hot", severity: "critical", state, ...more }, { at: NOW + at }),
    7,
    rules,
  );
const went = (more: object = {}): Alarm => say(say(null, "active", 0, more), "cleared", 4 * SECOND, more);
const card = newCard(7, { chatId: 1, threadId: null }, "first");
const shown = (alarm: Alarm) => ({ ...card, messageId: 50, version: alarm.version, rung: 1 });
const buttonsOf = (alarm: Alarm, now = NOW): string[] =>
  cardButtons(alarm, { now, timeZone: "UTC" })
    .flat()
    .map(({ text }) => text);

describe("what came and went before it could be told", () => {
  it("is told, with sound if it was critical", () => {
    expect(decide(went(), card)).toEqual({ action: "send", reason: "first", isSilent: false });
    expect(toPlain(ringView(went(), "first", { timeZone: "UTC", now: NOW }) ?? { html: "" })).toBe(
      "↩️ It came and went, 4 s.",
    );
    expect(decide(went({ severity: "error" }), card)).toMatchObject({ action: "send", isSilent: true });
  });

  it("rings whatever gathers, as what is critical does, until somebody has seen it", () => {
    const night = { boardId: 3, kind: "quietHours" } as const;
    expect(decide(went(), card, night)).toMatchObject({ action: "send", isSilent: false });
    expect(decide(acknowledge(went(), ANNA, NOW + MINUTE), card, night)).toMatchObject({ action: "board" });
  });

  it("also if it was known, milder, and got critical only meanwhile", () => {
    const error = say(null, "active", 0, { severity: "error" });
    const gone = say(say(error, "active", 1), "cleared", 2);
    expect(notificationOf(error, gone)).toMatchObject({ ring: "escalated" });
    expect(decide(gone, { ...shown(error), rings: 2, ringReason: "escalated" })).toEqual({
      action: "send",
      reason: "escalated",
      isSilent: false,
    });
    const milder = say(say(error, "active", 1), "active", 2, { severity: "error" });
    expect(notificationOf(error, milder)).toMatchObject({ ring: "escalated" });
  });
});

describe("returned to normal, not acknowledged", () => {
  it("is a state of its own: it keeps its button, and says so", () => {
    const alarm = went();
    expect(buttonsOf(alarm)).toEqual(["Acknowledge", "Why?"]);
    const words = toPlain(
      cardView(alarm, { timeZone: "UTC", now: NOW, next: null, orphaned: null, lateAfterMs: MINUTE }),
    );
    expect(words).toContain("CLEARED after 4 s");
    expect(words).toContain("Not acknowledged");
    const seen = acknowledge(alarm, ANNA, NOW + MINUTE);
    expect(seen).toMatchObject({ state: "cleared", acknowledgedBy: "Anna", handling: { returned: null } });
  });

  it("is what nobody had acknowledged, shelved or closed, and no information or test of ours", () => {
    const raised = say(null, "active", 0);
    const gone = (alarm: Alarm) => say(alarm, "cleared", 4 * SECOND).handling.returned;
    expect(gone(raised)).toEqual({ at: NOW + 4 * SECOND, isReminded: false });
    expect(gone(acknowledge(raised, ANNA, NOW + 1))).toBeNull();
    expect(gone(shelve(raised, ANNA, NOW + 1, { untilAt: null, reason: null }))).toBeNull();
    expect(went({ severity: "info" }).handling.returned).toBeNull();
    expect(went({ source: DRILL_SOURCE }).handling.returned).toBeNull();
    expect(say(went(), "active", MINUTE).handling.returned).toBeNull();
  });

  it("is reminded of once, where that is wanted: what was critical, unless the plants file says otherwise", () => {
    const alarm = went();
    expect(dueAt(alarm, RULES)).toBe(NOW + 4 * SECOND + 5 * MINUTE);
    const reminded = elapse(alarm, NOW + 6 * MINUTE, RULES);
    expect(reminded?.notification).toEqual({ ring: "wentUnseen", ringsIn: null, followUp: null });
    expect(reminded && dueAt(reminded.alarm, RULES)).toBeNull();
    expect(reminded && decide(reminded.alarm, { ...shown(alarm), rings: 2, ringReason: "wentUnseen" })).toEqual({
      action: "send",
      reason: "wentUnseen",
      isSilent: false,
    });
    expect(dueAt(went({ severity: "error" }), RULES)).toBeNull();
  });
});

describe("an acknowledgement", () => {
  it("can be taken back for a minute", () => {
    const raised = say(null, "active", 0);
    const seen = acknowledge(raised, ANNA, NOW + MINUTE);
    expect(buttonsOf(seen, NOW + MINUTE)).toContain("Take back");
    expect(buttonsOf(seen, NOW + 2 * MINUTE)).not.toContain("Take back");
    const back = takeBack(seen, NOW + 2 * MINUTE - 1);
    expect(back).toMatchObject({ acknowledgedBy: null, acknowledgedAt: null, handling: { owner: null } });
    expect(dueAt(back, RULES)).toBe(dueAt(raised, RULES));
    expect(takeBack(seen, NOW + 2 * MINUTE)).toBe(seen);
  });

  it("of what is over meanwhile leaves it as nobody has seen it", () => {
    const seen = acknowledge(say(null, "active", 0), ANNA, NOW + 1);
    const over = say(seen, "cleared", 2);
    expect(takeBack(over, NOW + 3).handling.returned).toEqual({ at: NOW + 3, isReminded: false });
  });
});

describe("what latches", () => {
  const { critical } = RULES.escalations;
  const rules = { ...RULES, escalations: { ...RULES.escalations, critical: { ...critical, isLatched: true } } };
  const raised = say(null, "active", 0);
  const held = say(raised, "cleared", 4 * SECOND, {}, rules);

  it("stays active when the plant says that it is over, until somebody resets it", () => {
    expect(held).toMatchObject({ state: "active", handling: { latchedAt: NOW + 4 * SECOND } });
    expect(isLatched(held)).toBe(true);
    expect(notificationOf(raised, held)).toMatchObject({ ring: null, followUp: null });
    expect(buttonsOf(held)).toEqual(["Acknowledge", "Reset", "Shelve…", "Why?"]);
    const over = reset(held, ANNA, NOW + MINUTE);
    expect(over).toMatchObject({ state: "cleared", clearedAt: NOW + 4 * SECOND, acknowledgedBy: "Anna" });
    expect(reset(raised, ANNA, NOW + MINUTE)).toBe(raised);
  });

  it("is reminded of like any other, and rings when it comes once more", () => {
    expect(dueAt(held, rules)).toBe(NOW + 5 * MINUTE);
    const again = say(held, "active", MINUTE, {}, rules);
    expect(notificationOf(held, again).ring).toBe("returned");
    expect(again).toMatchObject({ occurrence: 2, handling: { latchedAt: null } });
  });
});
