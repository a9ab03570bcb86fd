import { expect, it } from "vitest";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { createLikeness } from "../../../src/alarms/payloads/likeness.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const say = (topic: string, more: object = {}) =>
  eventOf({ id: "a", message: "Coil 82.1 °C", source: "AMB", state: "active", ...more }, { topic });

it("what names no machine, and is called alike by its topic, shows which", () => {
  const likeness = createLikeness();
  const [north, south] = [eventOf("Hot", { topic: "north/pump/data" }), eventOf("Hot", { topic: "south/pump/data" })];
  const alarm = advance(null, north, 1, RULES);
  likeness.note([north]);
  expect(likeness.isAlike(alarm)).toBe(false);
  likeness.note([south]);
  expect(likeness.isAlike(alarm)).toBe(true);
});

it("the same text of the same source on two topics shows which", () => {
  const likeness = createLikeness();
  const [hall6, hall7] = [say("hall6/AMB"), say("hall7/AMB", { message: "Coil 80 °C" })];
  const alarm = advance(null, hall7, 1, RULES);
  const context = { timeZone: "UTC", now: NOW, next: null, orphaned: null, lateAfterMs: 60_000 };
  const words = () => toPlain(cardView(alarm, { ...context, isAlike: likeness.isAlike(alarm) }));
  likeness.note([hall7, say("hall8/AMB", { source: "Pump" }), say("hall9/AMB", { state: "cleared" })]);
  expect(words()).not.toContain("hall7/AMB");
  likeness.note([hall6]);
  expect(words()).toMatch(/#1 · hall7\/AMB$/);
});
