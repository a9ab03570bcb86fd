import { describe, expect, it } from "vitest";
import { acknowledgersOf } from "../../../src/alarms/cards/route.ts";
import { ADMINS_TOPIC } from "../../../src/alarms/payloads/own.ts";
import { DEFAULT_ESCALATIONS } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { elapse } from "../../../src/alarms/lifecycle/elapse.ts";
import { withoutPerson } from "../../../src/alarms/lifecycle/forget.ts";
import { acknowledge, acknowledgeAtPlant, reset, takeBack } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const MINUTE = 60_000;
const [ANNA, BEN] = [
  { userId: 1, name: "Anna", chatId: 1 },
  { userId: 2, name: "Ben", chatId: 2 },
];
const critical = (at = NOW) => eventOf({ id: "a", message: "Hot", severity: "critical", state: "active" }, { at });
const raised = { ...advance(null, critical(), 7, RULES), toldAt: NOW, heardAt: NOW };
const one = acknowledge(raised, ANNA, NOW + MINUTE, 2);
const both = acknowledge(one, BEN, NOW + 2 * MINUTE, 2);
const context = {
  timeZone: "UTC",
  now: NOW + 3 * MINUTE,
  next: null,
  orphaned: null,
  isAlike: false,
  lateAfterMs: MINUTE,
};

describe("an alarm that two people have to acknowledge", () => {
  it("shows the first press, and goes on asking", () => {
    expect(one).toMatchObject({ acknowledgedBy: null, acknowledgedAt: null, version: raised.version + 1 });
    expect(toPlain(cardView(one, context))).toContain("👁 Seen by Anna");
    expect(elapse(one, NOW + 6 * MINUTE, RULES)?.notification.ring).toBe("reminder");
  });

  it("is acknowledged by the second press of another person, and not by the same one's", () => {
    expect(acknowledge(one, { ...ANNA, name: "Anna K." }, NOW + 2 * MINUTE, 2)).toBe(one);
    expect(both).toMatchObject({ acknowledgedBy: "Anna and Ben", acknowledgedAt: NOW + 2 * MINUTE });
    expect(both.handling.owner?.userId).toBe(2);
    expect(toPlain(cardView(both, context))).toContain("Acknowledged by Anna and Ben");
    expect(elapse(both, NOW + 6 * MINUTE, RULES)).toBeNull();
  });

  it("asks for one again when the second is taken back, and for two when it comes or gets worse again", () => {
    const back = takeBack(both, NOW + 2 * MINUTE + 1);
    expect(back).toMatchObject({
      acknowledgedAt: null,
      handling: { seenBy: [{ name: "Anna" }], takenBack: { by: "Ben" } },
    });
    const lost = advance(both, critical(NOW + 48 * 60 * MINUTE), 7, RULES);
    expect(lost).toMatchObject({ acknowledgedAt: null, handling: { seenBy: [] } });
  });

  it("takes the plant's word for one of them, and a reset ends it with the second", () => {
    const event = { ...critical(), slot: null };
    expect(acknowledgeAtPlant(raised, event, 2)).toBe(raised);
    const held = { ...raised, handling: { ...raised.handling, latchedAt: NOW } };
    const seen = reset(held, ANNA, NOW, 2);
    expect(seen.state).toBe("active");
    expect(reset(seen, ANNA, NOW, 2)).toBe(seen);
    expect(reset(seen, BEN, NOW, 2)).toMatchObject({ state: "cleared", acknowledgedBy: "Anna and Ben" });
  });

  it("forgets the name of either", () => {
    expect(withoutPerson(both, 1, "person 5").acknowledgedBy).toBe("person 5 and Ben");
    expect(withoutPerson(both, 2, "person 5").acknowledgedBy).toBe("Anna and person 5");
    expect(JSON.stringify(withoutPerson(one, 1, "person 5"))).not.toContain("Anna");
  });
});

describe("how many have to acknowledge an alarm", () => {
  const escalations = {
    ...DEFAULT_ESCALATIONS,
    critical: { ...DEFAULT_ESCALATIONS.critical, acknowledgers: 2 as const },
  };
  const route = { severity: "error", sources: [], topics: ["lut/#"], to: [], acknowledgers: 2 } as const;

  it("is said by its worst severity or by a route that takes it, and never more than one for our own", () => {
    const error = { ...raised, severity: "error", peakSeverity: "error", topic: "lut/a" } as const;
    expect(acknowledgersOf(raised, [], escalations)).toBe(2);
    expect(acknowledgersOf({ ...raised, severity: "error" }, [], escalations)).toBe(2);
    expect(acknowledgersOf(error, [], escalations)).toBe(1);
    expect(acknowledgersOf(error, [route], escalations)).toBe(2);
    expect(acknowledgersOf({ ...error, topic: "b" }, [route], escalations)).toBe(1);
    expect(acknowledgersOf({ ...raised, topic: ADMINS_TOPIC }, [], escalations)).toBe(1);
  });
});
