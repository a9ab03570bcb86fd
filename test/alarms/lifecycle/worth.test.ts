import { describe, expect, it } from "vitest";
import { acknowledge, takeBack } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { isAskedWorth, tellWorth } from "../../../src/alarms/lifecycle/worth.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const ANNA = { userId: 1, name: "Anna", chatId: 100 };
const BORIS = { userId: 2, name: "Boris", chatId: 100 };

const say = (before: Alarm | null, state: string, at: number): Alarm =>
  advance(before, eventOf({ id: "a", message: "Hot", severity: "error", state }, { at: NOW + at }), 7, RULES);
/** It comes, Anna acknowledges it, and it is over a minute later. */
const came = (before: Alarm | null, at: number): Alarm =>
  say(acknowledge(say(before, "active", at), ANNA, NOW + at + SECOND), "cleared", at + MINUTE);

describe("whether an alarm was of use", () => {
  it("is asked when it ends, of who acknowledged it, and answered once", () => {
    const over = came(null, 0);
    expect(isAskedWorth(over)).toBe(true);
    expect(tellWorth(over, BORIS, "useful")).toBe(over);
    const told = tellWorth(over, ANNA, "nothingToDo");
    expect(told.handling.worth).toEqual({ askedAt: NOW + MINUTE, occurrence: 1, answer: "nothingToDo" });
    expect(isAskedWorth(told)).toBe(false);
    expect(tellWorth(told, ANNA, "useful")).toBe(told);
  });

  it("is not asked twice a day of the same alarm, answered or not, and is the day after", () => {
    const again = came(came(null, 0), 60 * MINUTE);
    expect(isAskedWorth(again)).toBe(false);
    expect(isAskedWorth(came(again, DAY - SECOND))).toBe(false);
    expect(isAskedWorth(came(again, DAY))).toBe(true);
  });

  it("is not asked while it is active, nor where nobody acknowledged it, or took that back", () => {
    const active = acknowledge(say(null, "active", 0), ANNA, NOW);
    expect(isAskedWorth(active)).toBe(false);
    expect(isAskedWorth(say(say(null, "active", 0), "cleared", MINUTE))).toBe(false);
    expect(isAskedWorth(takeBack(say(active, "cleared", SECOND), NOW + 2 * SECOND))).toBe(false);
    expect(isAskedWorth(say(came(null, 0), "active", 2 * MINUTE))).toBe(false);
  });
});
