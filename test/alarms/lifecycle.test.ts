import { describe, expect, it } from "vitest";
import { decide, shownCard } from "../../src/alarms/decide.ts";
import { acknowledge, advance } from "../../src/alarms/lifecycle.ts";
import type { Alarm, Card } from "../../src/alarms/types.ts";
import { eventOf, NOW } from "../support/alarms.ts";

const HOUR = 3_600_000;
const rules = { returnAfterMs: HOUR };

const after = (...events: ReturnType<typeof eventOf>[]): Alarm => {
  const alarm = events.reduce<Alarm | null>((before, event) => advance(before, event, 7, rules), null);
  if (!alarm) throw new Error("no event");
  return alarm;
};
const raise = (at: number, more: object = {}) => eventOf({ id: "a", message: "Hot", state: "active", ...more }, { at });
const clear = (at: number) => eventOf({ id: "a", message: "Hot", state: "cleared" }, { at });

describe("lifecycle", () => {
  it("begins active, with the plant's own time", () => {
    expect(after(raise(NOW, { timestamp: NOW - 5_000, value: 82 }))).toMatchObject({
      id: 7,
      state: "active",
      occurrence: 1,
      count: 1,
      startedAt: NOW - 5_000,
      value: 82,
      version: 1,
    });
  });

  it("counts a repeat and takes its value, keeping what it does not say", () => {
    const alarm = after(raise(1, { value: 82, unit: "°C", limit: 80 }), raise(2, { value: 83 }));
    expect(alarm).toMatchObject({ occurrence: 1, count: 2, value: 83, unit: "°C", limit: 80, startedAt: 1, lastAt: 2 });
  });

  it("is cleared once", () => {
    const cleared = after(raise(1), clear(5));
    expect(cleared).toMatchObject({ state: "cleared", clearedAt: 5, count: 1 });
    expect(advance(cleared, clear(6), 7, rules)).toBe(cleared);
  });

  it("comes back as a new occurrence of the same alarm", () => {
    expect(after(raise(1), clear(5), raise(9))).toMatchObject({
      id: 7,
      state: "active",
      occurrence: 2,
      count: 1,
      startedAt: 9,
      clearedAt: null,
    });
  });

  it("that is never cleared by the plant is new again after it stayed away", () => {
    expect(after(eventOf("Hot", { at: 0 }), eventOf("Hot", { at: HOUR }))).toMatchObject({ occurrence: 1, count: 2 });
    expect(after(eventOf("Hot", { at: 0 }), eventOf("Hot", { at: HOUR + 1 }))).toMatchObject({
      occurrence: 2,
      count: 1,
    });
  });

  it("that the plant clears stays the same occurrence over hours of silence, but not over a day", () => {
    expect(after(raise(0), raise(24 * HOUR))).toMatchObject({ occurrence: 1, count: 2 });
    expect(after(raise(0), raise(24 * HOUR + 1))).toMatchObject({ occurrence: 2, count: 1 });
  });

  it("goes by our own clock, whatever the plant's shows, and is new in doubt when ours was set", () => {
    const ahead = eventOf({ message: "Hot", timestamp: NOW + 500_000 }, { at: NOW });
    expect(after(ahead, eventOf("Hot", { at: NOW + 2 * HOUR }))).toMatchObject({ occurrence: 2 });
    expect(after(eventOf("Hot", { at: NOW }), eventOf("Hot", { at: NOW - 2 * HOUR }))).toMatchObject({ occurrence: 2 });
  });

  it("keeps the worst of an occurrence, and takes an acknowledgement back when it gets worse", () => {
    const anna = { userId: 1, name: "Anna" };
    const seen = acknowledge(after(raise(1, { severity: "error" })), anna, 2);
    expect(seen).toMatchObject({ acknowledgedBy: "Anna", acknowledgedAt: 2, version: 2 });
    expect(acknowledge(seen, { userId: 2, name: "Boris" }, 3)).toBe(seen);
    const milder = advance(seen, raise(3, { severity: "warning" }), 7, rules);
    expect(milder).toMatchObject({ severity: "warning", peakSeverity: "error", acknowledgedBy: "Anna" });
    expect(advance(milder, raise(4, { severity: "critical" }), 7, rules)).toMatchObject({ acknowledgedBy: null });
    expect(advance(advance(seen, clear(5), 7, rules), raise(6), 7, rules)).toMatchObject({ acknowledgedBy: null });
  });
});

describe("decide", () => {
  const fresh: Card = {
    alarmId: 7,
    chatId: 1,
    messageId: null,
    outdatedMessageId: null,
    version: 0,
    occurrence: 0,
    rungSeverity: "info",
  };
  const shown = (alarm: Alarm): Card => ({
    ...fresh,
    messageId: 99,
    version: alarm.version,
    occurrence: alarm.occurrence,
    rungSeverity: alarm.severity,
  });

  it("rings for a new alarm", () => {
    expect(decide(after(raise(1)), fresh)).toEqual({ action: "send", reason: "first", isSilent: false });
  });
  it("is silent for information, and for what was over before the chat saw it", () => {
    expect(decide(after(raise(1, { severity: "info" })), fresh)).toMatchObject({ action: "send", isSilent: true });
    expect(decide(after(raise(1), clear(2)), fresh)).toMatchObject({ action: "send", isSilent: true });
  });
  it("does nothing when the card is up to date", () => {
    const alarm = after(raise(1));
    expect(decide(alarm, shown(alarm))).toEqual({ action: "none", reason: "upToDate" });
  });
  it("edits for a repeat and for a clear", () => {
    const card = shown(after(raise(1)));
    expect(decide(after(raise(1), raise(2)), card)).toEqual({ action: "edit", reason: "repeated", messageId: 99 });
    expect(decide(after(raise(1), clear(2)), card)).toEqual({ action: "edit", reason: "cleared", messageId: 99 });
  });
  it("rings again when it becomes worse, and only above what it rang for", () => {
    const card = shown(after(raise(1, { severity: "error" })));
    const worse = after(raise(1, { severity: "error" }), raise(2, { severity: "critical" }));
    expect(decide(worse, card)).toEqual({ action: "send", reason: "escalated", isSilent: false });
    const upAndDown = after(
      raise(1, { severity: "error" }),
      raise(2, { severity: "warning" }),
      raise(3, { severity: "error" }),
    );
    expect(decide(upAndDown, card)).toMatchObject({ action: "edit" });
  });
  it("rings when it comes back", () => {
    const card = shown(after(raise(1)));
    expect(decide(after(raise(1), clear(2), raise(3)), card)).toEqual({
      action: "send",
      reason: "returned",
      isSilent: false,
    });
  });
  it("rings for the worst of a batch, even if it is better already", () => {
    const card = shown(after(raise(1, { severity: "warning" })));
    const both = after(
      raise(1, { severity: "warning" }),
      raise(2, { severity: "critical" }),
      raise(3, { severity: "error" }),
    );
    expect(decide(both, card)).toMatchObject({ action: "send", reason: "escalated" });
  });

  it("says in the old card that it went on, once nothing is left to ring for", () => {
    const first = after(raise(1));
    const again = after(raise(1), clear(2), raise(3));
    const sent = shownCard(again, shown(first), { action: "send", reason: "returned", isSilent: false }, 100);
    expect(sent).toMatchObject({ messageId: 100, outdatedMessageId: 99, occurrence: 2 });
    expect(decide(after(raise(1), clear(2), raise(3), clear(4), raise(5)), sent)).toMatchObject({ reason: "returned" });
    const retire = decide(again, sent);
    expect(retire).toEqual({ action: "retire", reason: "outdated", messageId: 99 });
    expect(shownCard(again, sent, retire, null)).toEqual({ ...sent, outdatedMessageId: null });
  });
});
