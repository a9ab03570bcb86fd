import { expect, it } from "vitest";
import type { Reason } from "../../../src/alarms/cards/decide.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { DecisionRecord } from "../../../src/store/alarms/decisions.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { whyView } from "../../../src/telegram/cards/why-view.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { OneAlarm } from "../../support/one-alarm.ts";
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
  expect(verdict("error", ["send", "first", "ok"])).toBe("🔔 It rang here at 00:00:00 UTC, because it was new here.");
  expect(verdict("error", ["send", "reminder", "ok"], ["edit", "repeated", "ok"], ["send", "first", "ok"])).toBe(
    "🔔 It rang here 2 times, last at 00:00:00 UTC, because nobody had acknowledged it.",
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

it("says what the rule of an alarm keeps from ringing, and how often", () => {
  const why = ({ kept }: OneAlarm, isForHere = true) =>
    toPlain(whyView(kept, [], { isForHere, moment: { timeZone: "UTC", now: NOW + 3_600_000 } })).split("\n");
  const one = new OneAlarm({ delayMs: 10_000, limit: { side: "above", value: 85 } }).say("active", 0);
  expect(why(one)).toEqual([
    "#7 was not shown in this chat: its rule in the plants file has kept it from coming.",
    "⏳ Active at the plant since 00:00:00 UTC, held back by its rule: it comes once it has stood for long enough.",
  ]);
  one.say("cleared", 5).say("active", 60, { value: 82 });
  expect(why(one).slice(1)).toEqual([
    "⏳ Active at the plant since 00:01:00 UTC, held back by its rule: its value does not pass the rule's limit.",
    "🤫 Not told by its rule: 1× it was over before its delay, since 00:00:05 UTC.",
  ]);
  one.say("cleared", 70);
  expect(why(one).slice(1)).toEqual([
    "🤫 Not told by its rule: 1× it was over before its delay, 1× its value did not pass the rule's limit, since 00:00:05 UTC, last at 00:01:10 UTC.",
  ]);
  expect(why(one, false)[0]).toContain("no route sends it here");
});
