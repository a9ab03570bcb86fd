import { decide } from "../../src/alarms/cards/decide.ts";
import { newCard } from "../../src/alarms/cards/due.ts";
import type { Notification } from "../../src/alarms/card.ts";
import { isHeldOpen, isOverForNow } from "../../src/alarms/lifecycle/chatter.ts";
import { dueAt, elapse } from "../../src/alarms/lifecycle/elapse.ts";
import type { AlarmRules } from "../../src/alarms/lifecycle/escalation-plan.ts";
import { acknowledge, isLatched, reset, shelve, takeBack, unshelve } from "../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../src/alarms/lifecycle/lifecycle.ts";
import { notificationOf } from "../../src/alarms/lifecycle/notification.ts";
import type { Alarm, Severity } from "../../src/alarms/types.ts";
import { eventOf, NOW } from "./alarms.ts";
import { NO_RULE } from "./one-alarm.ts";
import { chatOf, RULES } from "./rules.ts";

/** Each state of an alarm, what happens to it, and what the program makes of that: as a table, from the code itself. */

const MINUTE = 60_000;
const [NIGHT, OWNER] = [9, 100];
const ANNA = { userId: 1, name: "Anna", chatId: OWNER };
const rulesWith = (isLatched: boolean): AlarmRules => ({
  ...RULES,
  escalations: {
    ...RULES.escalations,
    error: {
      remindAfterMs: 15 * MINUTE,
      steps: [{ afterMs: 10 * MINUTE, to: chatOf(NIGHT) }],
      ownerAfterMs: 4 * 60 * MINUTE,
      returnedAfterMs: 5 * MINUTE,
      isLatched,
      acknowledgers: 1,
    },
  },
});
const [RELEASED, LATCHED] = [rulesWith(false), rulesWith(true)];
const RULED: AlarmRules = { ...RELEASED, single: [{ ...NO_RULE, delayMs: 10_000, hysteresis: { by: 5 } }] };

/** A report of the plant, of the time that it says. */
const say =
  (state: string, severity: Severity, happenedMs = 0, more: object = {}) =>
  (alarm: Alarm | null, at: number, rules: AlarmRules): Alarm => {
    const timestamp = at + happenedMs;
    return advance(alarm, eventOf({ id: "a", message: "Hot", severity, state, timestamp, ...more }, { at }), 7, rules);
  };
const [raise, clear] = [say("active", "error"), say("cleared", "error")];
const heard = (alarm: Alarm, at: number): Alarm => ({ ...alarm, toldAt: alarm.toldAt ?? at, heardAt: at });

const raised = heard(raise(null, NOW, RELEASED), NOW);
const later = (minutes: number): number => NOW + minutes * MINUTE;
const seen = acknowledge(raised, ANNA, later(1));
const held = clear(raised, later(1), LATCHED);
const shelved = shelve(raised, ANNA, later(1), { untilAt: later(240), reason: null });
const chattering = Array.from({ length: 10 }).reduce<Alarm>(
  (alarm, _, i) => (i % 2 === 0 ? clear : raise)(alarm, NOW + i * 5_000, RELEASED),
  raised,
);
const repeating = Array.from({ length: 5 }).reduce<Alarm>(
  (alarm, _, i) => (i % 2 === 0 ? clear : raise)(alarm, later(3 * (i + 1)), RELEASED),
  raised,
);

const endHeld = say("cleared", "error", 0, { value: 79, limit: 80 })(raised, later(1), RULED);

/** The states, each as an alarm that is in it; a minute after that the next thing happens, of what is held back five seconds. */
const STATES: readonly (readonly [string, Alarm, AlarmRules])[] = [
  ["normal", clear(seen, later(1), RELEASED), RELEASED],
  ["unacknowledged", raised, RELEASED],
  ["acknowledged", seen, RELEASED],
  ["acknowledged, fallen", say("active", "warning")(seen, later(1), RELEASED), RELEASED],
  ["returned, unacknowledged", clear(raised, later(1), RELEASED), RELEASED],
  ["latched, unacknowledged", held, LATCHED],
  ["latched, acknowledged", acknowledge(held, ANNA, later(1)), LATCHED],
  ["shelved", shelved, RELEASED],
  ["shelved, over", clear(shelved, later(1), RELEASED), RELEASED],
  ["chattering", chattering, RELEASED],
  ["chattering, over for now", clear(chattering, later(1), RELEASED), RELEASED],
  ["returned, unacknowledged, repeating", repeating, RELEASED],
  ["held back", raise(clear(seen, later(1), RULED), later(2), RULED), RULED],
  ["unacknowledged, end held", endHeld, RULED],
];

type Outcome = { readonly alarm: Alarm; readonly notification: Notification | null };
type What = (alarm: Alarm, at: number, rules: AlarmRules) => Outcome;
const plant =
  (tell: ReturnType<typeof say>): What =>
  (alarm, at, rules) => {
    const after = tell(alarm, at, rules);
    return { alarm: after, notification: notificationOf(alarm, after) };
  };
const person =
  (act: (alarm: Alarm, at: number) => Alarm): What =>
  (alarm, at) => ({ alarm: act(alarm, at), notification: null });
const time: What = (alarm, _, rules) =>
  elapse(heard(alarm, alarm.heardAt ?? NOW), dueAt(alarm, rules) ?? 0, rules) ?? { alarm, notification: null };

/** What happens. */
const EVENTS: readonly (readonly [string, What])[] = [
  ["the plant raises it, as bad", plant(raise)],
  ["the plant raises it, worse", plant(say("active", "critical"))],
  ["the plant raises it, milder", plant(say("active", "warning"))],
  ["the plant clears it", plant(clear)],
  ["a report comes that is older than what is known", plant(say("active", "error", -30 * MINUTE))],
  ["a clear comes that is older than what is known", plant(say("cleared", "error", -30 * MINUTE))],
  ["somebody acknowledges it", person((alarm, at) => acknowledge(alarm, ANNA, at))],
  ["somebody takes that back at once", person((alarm) => takeBack(alarm, alarm.acknowledgedAt ?? 0))],
  [
    "somebody shelves it for 4 h",
    person((alarm, at) => shelve(alarm, ANNA, at, { untilAt: at + 240 * MINUTE, reason: null })),
  ],
  ["somebody unshelves it", person(unshelve)],
  ["somebody resets it", person((alarm, at) => reset(alarm, ANNA, at))],
  ["time passes, and nothing else comes", time],
];

/** The name of the state that an alarm is in. */
const nameOf = (alarm: Alarm): string =>
  `${stateOf(alarm)}${alarm.handling.repeats.quietUntil === null || isHeldOpen(alarm) ? "" : ", repeating"}`;

function stateOf(alarm: Alarm): string {
  const { state, severity, acknowledgedAt, handling } = alarm;
  const seenOr = acknowledgedAt === null ? "unacknowledged" : "acknowledged";
  if (state === "cleared") {
    if (handling.heldBack !== null) return "held back";
    if (handling.shelf !== null) return "shelved, over";
    return handling.returned === null ? "normal" : "returned, unacknowledged";
  }
  const how = severity === "error" ? "" : ` (${severity})`;
  if (isLatched(alarm)) return `latched, ${seenOr}${how}`;
  if (handling.shelf !== null) return `shelved${how}`;
  if (isHeldOpen(alarm)) return `chattering${how}${isOverForNow(alarm) ? ", over for now" : ""}`;
  return `${seenOr}${how}${handling.heldEnd === null ? "" : ", end held"}`;
}

/** What is heard, or said without a sound, and by whom. */
function heardOf({ alarm, notification }: Outcome): readonly [string, string] {
  if (notification === null || (notification.ring === null && notification.followUp === null)) return ["", ""];
  const who =
    notification.ringsIn === null
      ? "all its chats"
      : notification.ringsIn.includes(NIGHT)
        ? "the next one"
        : "its owner";
  if (notification.ring !== null) return [`rings: ${notification.ring}`, who];
  const card = { ...newCard(7, { chatId: 1, threadId: null }, null), messageId: 50, version: alarm.version, rung: 1 };
  const decision = decide(alarm, { ...card, followUp: notification.followUp });
  return [`says: ${notification.followUp}${decision.action === "say" && decision.isSilent ? ", silently" : ""}`, who];
}

/** All of it in Markdown; what changes nothing is left out. */
export function stateTable(): string {
  const rows = STATES.flatMap(([name, alarm, rules]) =>
    EVENTS.flatMap(([event, happen]) => {
      const outcome = happen(
        alarm,
        Math.max(later(2), alarm.lastReceivedAt + (alarm.handling.heldBack === null ? MINUTE : 5_000)),
        rules,
      );
      if (outcome.alarm === alarm) return [];
      const [rings, who] = heardOf(outcome);
      const becomes = nameOf(outcome.alarm);
      const isCounted = outcome.alarm.version !== alarm.version || becomes !== nameOf(alarm) || rings !== "";
      return isCounted ? [`| ${name} | ${event} | ${becomes} | ${rings} | ${who} |`] : [];
    }),
  );
  return ["| state | what happens | becomes | rings | who hears it |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
