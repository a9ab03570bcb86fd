import { describe, expect, it } from "vitest";
import { decide, type Decision } from "../../../src/alarms/cards/decide.ts";
import { shownCard } from "../../../src/alarms/cards/shown-card.ts";
import { acknowledge, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { Card } from "../../../src/alarms/card.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const ANNA = { userId: 1, name: "Anna", chatId: 1 };
const FLOOD = { boardId: 3, kind: "flood" } as const;

const after = (...events: ReturnType<typeof eventOf>[]): Alarm => {
  const alarm = events.reduce<Alarm | null>((before, event) => advance(before, event, 7, RULES), null);
  if (!alarm) throw new Error("no event");
  return alarm;
};
const raise = (at: number, more: object = {}) => eventOf({ id: "a", message: "Hot", state: "active", ...more }, { at });
const clear = (at: number) => eventOf({ id: "a", message: "Hot", state: "cleared" }, { at });

const fresh: Card = {
  alarmId: 7,
  chatId: 1,
  threadId: null,
  messageId: null,
  outdatedMessageIds: [],
  boardId: null,
  isPictureDue: false,
  version: 0,
  rings: 1,
  rung: 0,
  ringReason: "first",
  followUp: null,
};
const shown = (alarm: Alarm): Card => ({ ...fresh, messageId: 99, version: alarm.version, rung: 1 });
const ringing = (alarm: Alarm, ringReason: Card["ringReason"]): Card => ({ ...shown(alarm), rings: 2, ringReason });

describe("decide", () => {
  it("rings for a new alarm", () => {
    expect(decide(after(raise(1)), fresh)).toEqual({ action: "send", reason: "first", isSilent: false });
  });

  it("is silent for information, and for what was over before the chat saw it", () => {
    expect(decide(after(raise(1, { severity: "info" })), fresh)).toMatchObject({ action: "send", isSilent: true });
    expect(decide(after(raise(1), clear(2)), fresh)).toMatchObject({ action: "send", isSilent: true });
  });

  it("rings for what was worse than information, also if it is not any more", () => {
    const alarm = after(raise(1, { severity: "critical" }), raise(2, { severity: "info" }));
    expect(decide(alarm, fresh)).toMatchObject({ action: "send", isSilent: false });
  });

  it("does nothing when the card is up to date", () => {
    const alarm = after(raise(1));
    expect(decide(alarm, shown(alarm))).toEqual({ action: "none", reason: "upToDate" });
  });

  it("edits for a repeat, a clear, an acknowledgement and a shelving", () => {
    const first = after(raise(1));
    const card = shown(first);
    const edit = (reason: string) => ({ action: "edit", reason, messageId: 99 });
    expect(decide(after(raise(1), raise(2)), card)).toEqual(edit("repeated"));
    expect(decide(after(raise(1), clear(2)), card)).toEqual(edit("cleared"));
    expect(decide(acknowledge(first, ANNA, 5), card)).toEqual(edit("acknowledged"));
    expect(decide(shelve(first, ANNA, 5, { untilAt: 9, reason: null }), card)).toEqual(edit("shelved"));
  });

  it("rings once for each ring that is due", () => {
    const alarm = after(raise(1), raise(2, { severity: "critical" }));
    const card = ringing(alarm, "escalated");
    const decision = decide(alarm, card);
    expect(decision).toEqual({ action: "send", reason: "escalated", isSilent: false });
    expect(shownCard(alarm, card, decision, 100)).toMatchObject({ messageId: 100, outdatedMessageIds: [99], rung: 2 });
  });

  it("does not remind of what somebody has seen, shelved, or what is over, and takes note of that", () => {
    const first = after(raise(1));
    const seen = acknowledge(first, ANNA, 5);
    const shelved = shelve(first, ANNA, 5, { untilAt: 9, reason: null });
    for (const alarm of [seen, shelved, after(raise(1), clear(2))]) {
      for (const reason of ["reminder", "passedOn"] as const) {
        const card = ringing(alarm, reason);
        const decision = decide(alarm, card);
        expect(decision.action).toBe("none");
        expect(shownCard(alarm, card, decision, 99).rung).toBe(2);
      }
    }
    expect(decide(first, ringing(first, "reminder"))).toMatchObject({ action: "send", reason: "reminder" });
    expect(decide(seen, ringing(seen, "owner"))).toMatchObject({ action: "send", reason: "owner" });
    expect(decide(first, ringing(first, "owner"))).toMatchObject({ action: "none" });
  });

  it("tells the next chat why it is told, unless somebody acknowledged first", () => {
    const first = after(raise(1));
    const next: Card = { ...fresh, ringReason: "passedOn" };
    expect(decide(first, next)).toMatchObject({ action: "send", reason: "passedOn" });
    expect(decide(acknowledge(first, ANNA, 5), next)).toEqual({ action: "none", reason: "upToDate" });
    expect(decide(after(raise(1), clear(2)), next)).toEqual({ action: "none", reason: "upToDate" });
  });

  it("says in the old card that it went on, once nothing is left to ring for", () => {
    const again = after(raise(1), clear(2), raise(3));
    const sent = { ...shown(again), messageId: 100, outdatedMessageIds: [99] };
    expect(decide(again, { ...sent, rings: 2, ringReason: "returned" })).toMatchObject({ reason: "returned" });
    const retire = decide(again, sent);
    expect(retire).toEqual({ action: "retire", reason: "outdated", messageId: 99 });
    expect(shownCard(again, sent, retire, null)).toEqual({ ...sent, outdatedMessageIds: [] });
  });

  it("says so before it shows that an alarm which comes and goes did so once more, but after all else", () => {
    const again = after(raise(1), clear(2), raise(3));
    const repeating = {
      ...again,
      handling: { ...again.handling, repeats: { ...again.handling.repeats, isQuiet: true } },
    };
    const card = { ...shown(again), version: again.version - 1, messageId: 100, outdatedMessageIds: [99] };
    const retire = decide(repeating, card);
    expect(retire).toEqual({ action: "retire", reason: "outdated", messageId: 99 });
    // The newer message is brought up to date next.
    const then = shownCard(repeating, card, retire, null);
    expect(decide(repeating, then)).toEqual({ action: "edit", reason: "repeating", messageId: 100 });
    expect(decide(again, card)).toMatchObject({ action: "edit", reason: "repeated" });
    // A board follows by itself.
    expect(decide(again, { ...card, messageId: null, boardId: 4 })).toMatchObject({ action: "retire" });
  });

  it("answers the card when it has cleared, audibly only if it was critical, and not if it is back already", () => {
    const over = after(raise(1), clear(2));
    const card: Card = { ...shown(over), followUp: "cleared" };
    const say = decide(over, card);
    expect(say).toEqual({ action: "say", reason: "cleared", messageId: 99, isSilent: true });
    expect(shownCard(over, card, say, 101)).toEqual({ ...card, followUp: null });
    const worst = after(raise(1, { severity: "critical" }), clear(2));
    expect(decide(worst, { ...card, version: worst.version })).toMatchObject({ isSilent: false });
    const back = after(raise(1), clear(2), raise(3));
    expect(decide(back, { ...card, version: back.version })).toMatchObject({ action: "none" });
  });

  it("says aloud what came late and may be critical now, also where a board stands for the card, until what is newer comes", () => {
    const dated = (at: number, state: string, backBy = 0) =>
      eventOf({ id: "a", message: "Hot", severity: "critical", state, timestamp: at - backBy }, { at });
    const hour = 3_600_000;
    const over = [dated(NOW, "active"), dated(NOW + 1, "cleared")] as const;
    const doubted = after(...over, dated(NOW + 60_000, "active", hour));
    const said = { action: "say", reason: "late", isSilent: false } as const;
    const owing: Card = { ...shown(doubted), followUp: "late" };
    expect(decide(doubted, owing)).toEqual({ ...said, messageId: 99 });
    const onBoard: Card = { ...owing, messageId: null, boardId: 3, version: 1 };
    expect(decide(doubted, onBoard)).toEqual({ ...said, messageId: null });
    const again = after(...over, dated(NOW + 60_000, "active", hour), dated(NOW + 90_000, "cleared"));
    expect(decide(again, { ...shown(again), followUp: "late" }).action).toBe("none");
  });

  it("leaves what rings to a board that gathers, but for what is critical and active", () => {
    const alarm = after(raise(1));
    const decision = decide(alarm, fresh, FLOOD);
    expect(decision).toEqual({ action: "board", reason: "flood" } satisfies Decision);
    const gathered = shownCard(alarm, fresh, decision, null, FLOOD);
    expect(gathered).toMatchObject({ boardId: 3, messageId: null, rung: 1, version: 1 });
    // Its progress is the board's.
    expect(decide(after(raise(1), clear(2)), gathered)).toMatchObject({ action: "none" });
    expect(decide(alarm, gathered)).toMatchObject({ action: "none" });
    // What gets critical rings by itself, and stays on the board.
    const critical = after(raise(1), raise(2, { severity: "critical" }));
    const worse: Card = { ...gathered, rings: 2, ringReason: "escalated" };
    const send = decide(critical, worse, FLOOD);
    expect(send).toMatchObject({ action: "send", reason: "escalated" });
    expect(shownCard(critical, worse, send, 55, FLOOD)).toMatchObject({ messageId: 55, boardId: 3 });
    // So does what was critical, and went before anybody could be told; once somebody has seen it, the board will do.
    const gone = after(raise(1, { severity: "critical" }), clear(2));
    expect(decide(gone, fresh, FLOOD)).toEqual({ action: "send", reason: "first", isSilent: false });
    expect(decide(acknowledge(gone, ANNA, 3), fresh, FLOOD)).toMatchObject({ action: "board" });
  });

  it("leaves a message in use in quiet hours, and notes that the alarm is on the board of the morning", () => {
    const night = { boardId: 4, kind: "quietHours" } as const;
    const alarm = after(raise(1), clear(2), raise(3));
    const card = ringing(alarm, "returned");
    expect(decide(alarm, fresh, night)).toEqual({ action: "board", reason: "quietHours" });
    const decision = decide(alarm, card, night);
    expect(decision).toEqual({ action: "edit", reason: "quietHours", messageId: 99 });
    const held = shownCard(alarm, card, decision, 99, night);
    expect(held).toMatchObject({ messageId: 99, boardId: 4, rung: 2, outdatedMessageIds: [] });
    // By day it goes on in that message.
    expect(decide(after(raise(1), clear(2), raise(3), clear(4)), held)).toMatchObject({
      action: "edit",
      messageId: 99,
    });
  });
});
