import { expect, it } from "vitest";
import type { Reason } from "../../../src/alarms/cards/decide.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { DecisionRecord } from "../../../src/store/alarms/decisions.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { whyView } from "../../../src/telegram/cards/why-view.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const alarmOf = (severity: string) =>
  advance(null, eventOf({ id: "a", message: "Coil hot", severity, state: "active" }), 7, RULES);

/** The verdict on decisions, the newest first. */
function verdict(severity: string, ...made: readonly (readonly [DecisionRecord["action"], Reason, string])[]): string {
  const decisions = made.map(([action, reason, result], i) => ({
    alarmId: 7,
    chatId: 1,
    decidedAt: NOW - i * 60_000,
    version: 1,
    action,
    reason,
    result,
  }));
  const view = whyView(alarmOf(severity), decisions, { isForHere: true, moment: { timeZone: "UTC", now: NOW } });
  expect(view.html).toContain("<blockquote expandable>");
  return toPlain(view).split("\n")[1] ?? "";
}

it("says whether an alarm rang in a chat, when last, and why", () => {
  expect(verdict("error", ["send", "first", "ok"])).toBe("🔔 It rang here at 00:00:00 UTC, as it was new here.");
  expect(verdict("error", ["send", "reminder", "ok"], ["edit", "repeated", "ok"], ["send", "first", "ok"])).toBe(
    "🔔 It rang here 2 times, last at 00:00:00 UTC, as nobody had acknowledged it.",
  );
});

it.each([
  ["info", ["send", "first", "silent"], "it is information, which is shown silently"],
  // As an older Valvomo noted it.
  ["info", ["send", "first", "ok"], "it is information, which is shown silently"],
  ["error", ["send", "first", "silent"], "it was over when it was shown"],
  ["error", ["send", "found", "silent"], "it stood at the broker before Valvomo first listened there"],
  ["error", ["board", "flood", "ok"], "there was a flood of alarms, and the board shows it"],
  ["error", ["send", "first", "unavailable: ETIMEDOUT"], "Telegram has not taken its card yet"],
] as const)("says of %s why it has not rung: %j", (severity, made, words) => {
  expect(verdict(severity, made)).toBe(`🔕 It has not rung here: ${words}.`);
});
