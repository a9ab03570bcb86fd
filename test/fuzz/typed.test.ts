import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuietHours } from "../../src/alarms/cards/quiet-hours.ts";
import { parseCalendarPress } from "../../src/telegram/dialogues/calendar.ts";
import { parseInvitation } from "../../src/people/invitation.ts";
import { ROLES } from "../../src/people/role.ts";
import { parsePlotCommand } from "../../src/queries/plot-command.ts";
import { parseEnd, parsePeriod, parseStart } from "../../src/queries/period.ts";
import { decodeView, encodeView, periodOf } from "../../src/plots/view.ts";
import { parseSchedule } from "../../src/reports/schedule.ts";
import { html } from "../../src/telegram/api/render.ts";
import { check, expectCleanPrototypes, inTime, repeated, text } from "./cases.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.UTC(2026, 10, 23, 12);
const ANCHORS = { shift: NOW - 3_600_000, alarm: null };
const FIELDS = [
  { number: 1, label: "Coil temperature (°C)" },
  { number: 4, label: "__proto__ [a-z]+$" },
  { number: 8, label: "24h mean" },
];

/** What Telegram lets people write in one message. */
const MAX_TYPED = 4_096;
const word = fc.constantFrom(
  "24h", "7d", "99999w", "last", "monday", "aug", "2018-08-20", "20.8.2018", "14:30", "99:99", "now", "shift", "alarm", "to", "since",
  "coil", "__proto__", "constructor", "22:00-06:00", "mon-fri", "daily", "weekly", "operator", "admin", "1", "4", "#42", "-", "\u2013",
); // prettier-ignore
const typed = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.oneof(word, text), { maxLength: 8 }).map((words) => words.join(" ")) },
  text,
  repeated(MAX_TYPED).map((long) => long.slice(0, MAX_TYPED)),
  repeated(70),
);

/** Either what it is to be, or one sentence for the person, which is short whatever was typed. */
function expectProblem(problem: string): void {
  expect(problem.length).toBeGreaterThan(0);
  expect(problem.length).toBeLessThan(400);
  expect(html`${problem}`.html.isWellFormed()).toBe(true);
}

function expectWithin(number: number, least: number, most: number): void {
  expect(number).toSatisfy(Number.isSafeInteger);
  expect(number).toBeGreaterThanOrEqual(least);
  expect(number).toBeLessThanOrEqual(most);
}

/** A period that was. */
function expectPeriod(startAt: number, endAt: number): void {
  expect(startAt).toSatisfy(Number.isSafeInteger);
  expect(startAt).toBeLessThan(endAt);
  expect(endAt).toBeLessThanOrEqual(NOW);
}

describe("whatever is typed", () => {
  it("is a period that was, or one short sentence", () => {
    check(typed, (given) => {
      const period = inTime(() => parsePeriod(given, ZONE, NOW, ANCHORS));
      const plot = inTime(() => parsePlotCommand(given, FIELDS, ZONE, NOW, ANCHORS));
      for (const read of [period, plot]) {
        if ("problem" in read) {
          expectProblem(read.problem);
          continue;
        }
        const { startAt, endAt } = read.value;
        expectPeriod(startAt, endAt);
      }
      if ("value" in plot) expect(FIELDS.map(({ number }) => number)).toContain(plot.value.field);
    });
    expectCleanPrototypes();
  });

  it("is a start and an end in this order, or one short sentence", () => {
    check(fc.tuple(typed, typed), ([first, second]) => {
      const start = parseStart(first, ZONE, NOW, ANCHORS);
      if ("problem" in start) return expectProblem(start.problem);
      const end = parseEnd(second, start.value.startAt, ZONE, NOW);
      if ("problem" in end) return expectProblem(end.problem);
      expectPeriod(start.value.startAt, end.value.endAt);
    });
  });

  it("are quiet hours, a schedule, an invitation within their bounds, or no such thing", () => {
    check(typed, (given) => {
      const quiet = inTime(() => parseQuietHours(given));
      if ("problem" in quiet) expectProblem(quiet.problem);
      else for (const minute of [quiet.value.startMinute, quiet.value.endMinute]) expectWithin(minute, 0, 1_439);
      const schedule = inTime(() => parseSchedule(given));
      if ("problem" in schedule) expectProblem(schedule.problem);
      else expectWithin(schedule.value.minute, 0, 1_439);
      const invitation = inTime(() => parseInvitation(given));
      if (invitation === null) return;
      expect(ROLES).toContain(invitation.role);
      expectWithin(invitation.validMs, 1, 30 * 86_400_000);
    });
  });
});

describe("the data of a press", () => {
  const character = fc.constantFrom(..."0123456789abcdefghijklmnopqrstuvwxyz.:-".split(""));
  const data = fc.oneof(
    fc.array(character, { maxLength: 40 }).map((all) => all.join("")),
    text,
  );
  const viewLike = fc
    .tuple(
      fc.nat(255),
      fc.oneof(
        fc.constant(""),
        fc.nat(2 ** 31).map((n) => n.toString(36)),
      ),
      fc.nat(2 ** 30),
      fc.nat(40),
    )
    .map(([bits, end, span, rest]) => [bits.toString(16), end, span.toString(36), rest.toString(36)].join("."));

  it("is a view that its button could have led to, or none", () => {
    check(fc.oneof(data, viewLike), (given) => {
      const view = decodeView(given);
      if (view === null) return;
      expectWithin(view.fields.length, 1, 4);
      for (const field of view.fields) expectWithin(field, 1, 8);
      expect(view).toMatchObject({
        compared: expect.any(String) as string,
        limits: expect.any(String) as string,
        theme: expect.any(String) as string,
      });
      const { startAt, endAt } = periodOf(view, NOW);
      expectWithin(startAt, 0, endAt);
      expectWithin(endAt, startAt, NOW);
      expect(decodeView(encodeView(view))).toEqual(view);
      expect(encodeView(view).length).toBeLessThanOrEqual(30);
    });
  });

  it("is a day of the calendar that may be chosen, or none", () => {
    const limits = { today: "2026-11-23", earliest: "2018-03-25" };
    const dayLike = fc
      .tuple(fc.constantFrom("d", "m"), fc.integer({ min: 1_960, max: 2_040 }), fc.nat(14), fc.nat(33))
      .map(([kind, ...parts]) => `p:${kind}:${parts.map((n) => String(n).padStart(2, "0")).join("-")}`);
    check(
      fc.oneof(
        data,
        data.map((rest) => `p:${rest}`),
        dayLike,
      ),
      (given) => {
        const press = parseCalendarPress(given, "p:", limits);
        if (press?.kind !== "day") return;
        expect(new Date(`${press.day}T00:00Z`).toISOString().slice(0, 10)).toBe(press.day);
        expect([limits.earliest, press.day, limits.today].toSorted()[1]).toBe(press.day);
      },
    );
  });
});
