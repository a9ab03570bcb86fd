import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Gathering } from "../../../src/alarms/cards/decide.ts";
import { restingCard, shownCard } from "../../../src/alarms/cards/shown-card.ts";
import {
  boardOf,
  cardAfterCall,
  CRITICAL_RING_RANK,
  dueOf,
  HIGHEST_RANK,
  newCard,
  RING_RANK,
  toldCard,
} from "../../../src/alarms/cards/due.ts";
import { acknowledge, shelve, unshelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { RING_REASONS, type Card } from "../../../src/alarms/card.ts";
import { SEVERITIES, type Alarm } from "../../../src/alarms/types.ts";
import { eventOf } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const BY = { userId: 1, name: "Anna", chatId: 1 };
const SILENT = { ring: null, followUp: null } as const;

const raise = (severity: string) => (before: Alarm | null, at: number) =>
  advance(before, eventOf({ id: "a", message: "Hot", severity, state: "active" }, { at }), 7, RULES);
const onAlarm = (change: (alarm: Alarm, at: number) => Alarm) => (before: Alarm | null, at: number) =>
  before && change(before, at);
const STEPS = {
  ...Object.fromEntries(SEVERITIES.map((severity) => [`raise ${severity}`, raise(severity)])),
  clear: onAlarm((alarm, at) =>
    advance(alarm, eventOf({ id: "a", message: "Hot", state: "cleared" }, { at }), 7, RULES),
  ),
  acknowledge: onAlarm((alarm, at) => acknowledge(alarm, BY, at)),
  shelve: onAlarm((alarm, at) => shelve(alarm, BY, at, { untilAt: at + 9, reason: null })),
  unshelve: onAlarm(unshelve),
};
const alarms = fc
  .tuple(
    fc.constantFrom(...SEVERITIES),
    fc.array(fc.constantFrom<keyof typeof STEPS>(...(Object.keys(STEPS) as (keyof typeof STEPS)[])), { maxLength: 8 }),
  )
  .map(([severity, steps]) => {
    let alarm: Alarm | null = raise(severity)(null, 1);
    for (const [i, step] of steps.entries()) alarm = STEPS[step]?.(alarm, i + 2) ?? alarm;
    return alarm;
  });
const cards = (alarm: Alarm): fc.Arbitrary<Card> =>
  fc.record({
    alarmId: fc.constant(7),
    chatId: fc.constant(1),
    threadId: fc.constant(null),
    messageId: fc.constantFrom(null, 50),
    outdatedMessageIds: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 3 }),
    isPictureDue: fc.boolean(),
    boardId: fc.constantFrom(null, 3),
    version: fc.integer({ min: 0, max: alarm.version }),
    rings: fc.integer({ min: 1, max: 3 }),
    rung: fc.integer({ min: 0, max: 3 }),
    ringReason: fc.constantFrom<Card["ringReason"]>(...RING_REASONS),
    followUp: fc.constantFrom<Card["followUp"]>(null, "cleared", "shelfEnding", "late"),
  });
const gatherings = fc.constantFrom<Gathering | null>(
  null,
  { boardId: 3, kind: "flood" },
  { boardId: 4, kind: "quietHours" },
  { boardId: 5, kind: "catchUp" },
);
const situations = alarms.chain((alarm) => fc.tuple(fc.constant(alarm), cards(alarm), gatherings));

describe("what is due for a card", () => {
  it("is something exactly if there is something to decide, and is done within a few calls", () => {
    fc.assert(
      fc.property(situations, ([alarm, start, gathering]) => {
        let card = start;
        const most = start.outdatedMessageIds.length + 5;
        for (let calls = 0; ; calls++) {
          const first = decide(alarm, card);
          expect(dueOf(alarm, card) === null).toBe(first.action === "none");
          if (first.action === "none") break;
          expect(calls).toBeLessThan(most);
          const gathers = first.action === "send" ? gathering : null;
          const decision = gathers ? decide(alarm, card, gathers) : first;
          card = shownCard(alarm, card, decision, decision.action === "send" ? 60 + calls : card.messageId, gathers);
        }
        // Nor does it come back by itself.
        expect(dueOf(alarm, restingCard(card))).toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });

  it("is left to a board that stands for a card, but for a ring, what may be critical now, and an old message", () => {
    fc.assert(
      fc.property(situations, ([alarm, start]) => {
        const card = { ...start, messageId: null, boardId: 3 };
        const { action, reason } = decide(alarm, card);
        const isToRing = action === "send";
        expect(boardOf(alarm, card)).toBe(isToRing ? null : 3);
        expect(isToRing || reason === "late" || action === "retire" || action === "none").toBe(true);
        // However far the alarm is.
        const known = { ...card, version: alarm.version };
        expect(decide(alarm, known)).toEqual(decide(alarm, card));
        expect(boardOf(alarm, { ...card, messageId: 50 })).toBeNull();
        expect(boardOf(alarm, { ...card, boardId: null })).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  it("of what does not ring that goes first which tells most: over, said, once more, a picture, an old message", () => {
    const warning = raise("warning")(null, 1);
    const cleared = STEPS.clear(warning, 2) ?? warning;
    const seen = {
      ...newCard(7, { chatId: 1, threadId: null }, null),
      messageId: 50,
      rung: 1,
      outdatedMessageIds: [40],
    };
    const current = { ...seen, version: cleared.version };
    const ranks = [
      dueOf(cleared, { ...seen, followUp: "cleared", isPictureDue: true }),
      dueOf(cleared, { ...current, followUp: "cleared", isPictureDue: true }),
      dueOf(warning, seen),
      dueOf(cleared, { ...current, isPictureDue: true }),
      dueOf(cleared, current),
    ].map((due) => due?.rank ?? Number.NaN);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    expect(new Set(ranks).size).toBe(ranks.length);
    expect(Math.max(...ranks)).toBeLessThan(RING_RANK);
  });

  it("a critical alarm that comes once more within minutes rings after one that comes for the first time", () => {
    const first = raise("critical")(null, 1);
    const again = raise("critical")(STEPS.clear(first, 2), 3);
    const card = { ...newCard(7, { chatId: 1, threadId: null }, "first"), messageId: 50, version: 1 };
    expect(dueOf(first, card)).toEqual({ rank: HIGHEST_RANK });
    expect(dueOf(again, { ...card, ringReason: "returned" })).toEqual({ rank: CRITICAL_RING_RANK });
    expect(dueOf(again, { ...card, ringReason: "escalated" })).toEqual({ rank: HIGHEST_RANK });
  });

  it("rings before anything else, the more severe first, and an old card's last words are last", () => {
    const critical = raise("critical")(null, 1);
    const info = raise("info")(null, 1);
    const seen = { ...newCard(7, { chatId: 1, threadId: null }, null), messageId: 50, rung: 1 };
    expect(dueOf(critical, newCard(7, { chatId: 1, threadId: null }, "first"))).toEqual({ rank: HIGHEST_RANK });
    expect(dueOf(info, newCard(7, { chatId: 1, threadId: null }, "first"))).toEqual({ rank: RING_RANK });
    expect(dueOf(critical, seen)).toEqual({ rank: 5 });
    expect(dueOf(critical, { ...seen, version: 1, outdatedMessageIds: [40] })).toEqual({ rank: 1 });
    // What comes and goes is another one before anybody has read it.
    const { repeats } = critical.handling;
    const repeating = { ...critical, handling: { ...critical.handling, repeats: { ...repeats, isQuiet: true } } };
    expect(dueOf(repeating, seen)).toEqual({ rank: 0 });
    expect(dueOf(repeating, { ...seen, outdatedMessageIds: [40] })).toEqual({ rank: 1 });
    expect(dueOf(critical, { ...seen, version: 1 })).toBeNull();
  });

  it("keeps what a chat is told while a call is under way", () => {
    const before: Card = { ...newCard(7, { chatId: 1, threadId: null }, null), messageId: 50, rung: 1, version: 1 };
    const told = toldCard(before, 4, { ring: "escalated", followUp: null });
    const kept = cardAfterCall(told, before, { ...before, version: 2 });
    expect(kept).toMatchObject({ rings: 2, rung: 1, ringReason: "escalated", threadId: 4, version: 2, messageId: 50 });
    const cleared = toldCard(before, null, { ring: null, followUp: "cleared" });
    expect(cardAfterCall(cleared, before, { ...before, version: 2 }).followUp).toBe("cleared");
  });

  it("is a ring again in a chat that was passed over, once nobody has put the alarm aside any more", () => {
    const alarm = raise("error")(null, 1);
    const shelved = shelve(alarm, BY, 2, { untilAt: 99, reason: null });
    const card = newCard(7, { chatId: 1, threadId: null }, "passedOn");
    expect(dueOf(shelved, card)).toBeNull();
    const again = toldCard(restingCard(card), null, SILENT);
    expect(decide(unshelve(shelved, 3), again)).toMatchObject({ action: "send", reason: "passedOn" });
    expect(dueOf(acknowledge(alarm, BY, 3), again)).toBeNull();
  });
});
