import { assert, constantFrom, integer, property, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { gapsOf } from "../../src/duty/turn.ts";
import { overlapOf, weeklyTurns, type WeeklyShift } from "../../src/duty/weekly.ts";
import { readingAt } from "../../src/lib/time/wall-clock.ts";
import { weekdayOf } from "../../src/lib/time/weekday.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });
const [ANNA, BEN, CARL] = [person(1), person(2), person(3)];
const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];
const START = Date.UTC(2026, 0, 5);
const turnsIn = (zone: string, shifts: readonly WeeklyShift[], from: number, to: number) =>
  weeklyTurns({ zone, start: START, shifts }, from, to);

const THREE_SHIFTS: readonly WeeklyShift[] = [
  { weekdays: ALL_DAYS, from: 360, to: 840, who: [ANNA, BEN, CARL] },
  { weekdays: ALL_DAYS, from: 840, to: 1_320, who: [BEN, CARL, ANNA] },
  { weekdays: ALL_DAYS, from: 1_320, to: 360, who: [CARL, ANNA, BEN] },
];

/** Nights on which clocks change, noon to noon around it: an hour, half an hour, at midnight, and a whole day that a zone left out. */
const NIGHTS: readonly (readonly [zone: string, at: number])[] = [
  ["Europe/Helsinki", Date.UTC(2026, 2, 29, 1)],
  ["Europe/Helsinki", Date.UTC(2026, 9, 25, 1)],
  ["America/New_York", Date.UTC(2026, 2, 8, 7)],
  ["America/New_York", Date.UTC(2026, 10, 1, 6)],
  ["Australia/Lord_Howe", Date.UTC(2026, 9, 3, 15, 30)],
  ["Australia/Lord_Howe", Date.UTC(2026, 3, 4, 15)],
  ["America/Havana", Date.UTC(2026, 2, 8, 5)],
  ["Pacific/Apia", Date.UTC(2011, 11, 30, 10)],
];

describe("a weekly rota", () => {
  it("says who has which turn, and people take turns from week to week", () => {
    const monday = Date.UTC(2026, 0, 19);
    expect(turnsIn("UTC", THREE_SHIFTS, monday + 6 * HOUR, monday + 30 * HOUR)).toEqual([
      { startAt: monday + 6 * HOUR, endAt: monday + 14 * HOUR, who: CARL },
      { startAt: monday + 14 * HOUR, endAt: monday + 22 * HOUR, who: ANNA },
      { startAt: monday + 22 * HOUR, endAt: monday + 30 * HOUR, who: BEN },
    ]);
    // Before its first week, it goes on backwards.
    const [before] = turnsIn("UTC", THREE_SHIFTS, START - 7 * DAY + 7 * HOUR, START - 7 * DAY + 8 * HOUR);
    expect(before?.who).toBe(CARL);
  });

  it("changes at the first 03:30 of a night that has two, and at the change where there is none", () => {
    const shifts: readonly WeeklyShift[] = [
      { weekdays: ALL_DAYS, from: 0, to: 210, who: [ANNA] },
      { weekdays: ALL_DAYS, from: 210, to: 0, who: [BEN] },
    ];
    const endsOf = (change: number) =>
      turnsIn("Europe/Helsinki", shifts, change - 3 * HOUR, change + 4 * HOUR).map(({ endAt, who }) => [
        who.name,
        (endAt - change) / HOUR,
      ]);
    expect(endsOf(Date.UTC(2026, 2, 29, 1))[0]).toEqual(["P1", 0]);
    expect(endsOf(Date.UTC(2026, 9, 25, 1))[0]).toEqual(["P1", -0.5]);
  });

  it("has a turn that summer time skips not at all", () => {
    const shifts = [{ weekdays: ALL_DAYS, from: 190, to: 230, who: [ANNA] }];
    const change = Date.UTC(2026, 2, 29, 1);
    expect(turnsIn("Europe/Helsinki", shifts, change - 12 * HOUR, change + 12 * HOUR)).toEqual([]);
    expect(turnsIn("Europe/Helsinki", shifts, change + 12 * HOUR, change + 36 * HOUR)).toHaveLength(1);
  });

  it("has exactly one person on duty at each instant of a night on which clocks change, the one whom the pattern names", () => {
    const cuts = uniqueArray(integer({ min: 0, max: 24 * 60 - 1 }), { minLength: 1, maxLength: 8 });
    assert(
      property(constantFrom(...NIGHTS), cuts, integer({ min: 1, max: 4 }), ([zone, change], minutes, people) => {
        const starts = minutes.toSorted((a, b) => a - b);
        const shifts = starts.map((from, index) => ({
          weekdays: ALL_DAYS,
          from,
          to: starts[(index + 1) % starts.length] ?? from,
          who: Array.from({ length: people }, (_, week) => person(100 * index + week + 1)),
        }));
        const [from, to] = [change - 36 * HOUR, change + 36 * HOUR];
        const turns = turnsIn(zone, shifts, from, to);
        expect(gapsOf(turns, from, to)).toEqual([]);
        for (const [index, turn] of turns.entries()) expect(turns[index + 1]?.startAt ?? turn.endAt).toBe(turn.endAt);
        for (let at = from; at < to; at += 7 * MINUTE) {
          const reading = readingAt(at, zone);
          // Where the clock shows an hour for the second time, whoever was on duty at its end stays so.
          const isAgain = [30, 60].some((minute) => readingAt(at - minute * MINUTE, zone) >= reading);
          if (isAgain) continue;
          const minute = Math.floor((reading % DAY) / MINUTE);
          const index = starts.findLastIndex((start) => start <= minute);
          const day = Math.floor(reading / DAY) * DAY - (index === -1 ? DAY : 0);
          const shift = shifts.at(index);
          const week = Math.floor((day - START) / (7 * DAY));
          const on = turns.filter(({ startAt, endAt }) => startAt <= at && at < endAt);
          expect(on.map(({ who }) => who.chatId)).toEqual([shift?.who.at(week % people)?.chatId]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is told to have two people at once, over midnight and the end of the week too", () => {
    const shift = (weekdays: readonly number[], from: number, to: number) => ({ weekdays, from, to, who: [ANNA] });
    expect(overlapOf(THREE_SHIFTS)).toBeNull();
    expect(overlapOf([shift(ALL_DAYS, 480, 480)])).toBeNull();
    expect(overlapOf([shift([1], 360, 900), shift([1], 840, 1_320)])).toEqual([1, 2]);
    expect(overlapOf([shift([1], 0, 60), shift([7], 1_320, 30)])).toEqual([2, 1]);
    expect(weekdayOf(START)).toBe(1);
  });
});
