import { describe, expect, it } from "vitest";
import { decide } from "../../../src/alarms/cards/decide.ts";
import { shownCard } from "../../../src/alarms/cards/shown-card.ts";
import { cardAfterCall, newCard, toldCard } from "../../../src/alarms/cards/due.ts";
import { elapse } from "../../../src/alarms/lifecycle/elapse.ts";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../../src/alarms/lifecycle/notification.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600_000;
const ANNA = { userId: 1, name: "Anna", chatId: 100 };
const say = (before: Alarm | null, state: string, at: number, severity = "critical"): Alarm =>
  advance(before, eventOf({ id: "a", message: "Hot", severity, state }, { at: NOW + at }), 7, RULES);
const raised = say(null, "active", 0);
const card = newCard(7, { chatId: 1, threadId: null }, "first");
const shown = (alarm: Alarm) => ({ ...card, messageId: 50, version: alarm.version, rung: 1 });
const isHeard = (over: Alarm): boolean => {
  const decision = decide(over, { ...shown(over), followUp: "cleared" });
  return decision.action === "say" && !decision.isSilent;
};

describe("that an alarm is over", () => {
  it("is heard only if it was critical, and nobody had acknowledged it", () => {
    expect(isHeard(say(raised, "cleared", 1))).toBe(true);
    expect(isHeard(say(acknowledge(raised, ANNA, NOW), "cleared", 1))).toBe(false);
    expect(isHeard(say(say(null, "active", 0, "error"), "cleared", 1, "error"))).toBe(false);
  });

  it("is heard once of what comes and goes", () => {
    let alarm = raised;
    let heard = 0;
    for (let i = 1; i < 9; i++) {
      const after = say(alarm, i % 2 === 1 ? "cleared" : "active", i * 500);
      if (notificationOf(alarm, after).followUp === "cleared" && isHeard(after)) heard++;
      alarm = after;
    }
    expect(heard).toBe(1);
  });

  it("is said below a card that was being sent when it ended", () => {
    const sent = shownCard(raised, card, decide(raised, card), 50);
    const over = say(raised, "cleared", 1);
    const meanwhile = toldCard(card, null, notificationOf(raised, over));
    const kept = cardAfterCall(meanwhile, card, sent);
    expect(decide(over, kept)).toMatchObject({ action: "edit", reason: "cleared" });
    expect(decide(over, shownCard(over, kept, decide(over, kept), 50))).toMatchObject({
      action: "say",
      isSilent: false,
    });
    // A card that only waits says so itself.
    const late = shownCard(over, meanwhile, decide(over, meanwhile), 51);
    expect(decide(over, late)).toMatchObject({ action: "none" });
  });
});

it("a reminder of its owner changes no card", () => {
  const seen = acknowledge(raised, ANNA, NOW);
  const reminded = elapse(seen, NOW + HOUR, RULES);
  expect(reminded?.notification).toMatchObject({ ring: "owner", ringsIn: [100] });
  expect(reminded?.alarm.version).toBe(seen.version);
  expect(reminded && decide(reminded.alarm, shown(seen))).toMatchObject({ action: "none" });
});
