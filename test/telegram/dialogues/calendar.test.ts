import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarRows, parseCalendarPress } from "../../../src/telegram/dialogues/calendar.ts";
import type { CalendarView } from "../../../src/telegram/dialogues/calendar.ts";

const AT_23 = Date.UTC(2026, 10, 23);
const VIEW: CalendarView = {
  month: "2026-11",
  today: "2026-11-23",
  earliest: null,
  chosen: null,
  prefix: "plot:",
  weekStart: 1,
};

const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const texts = (view: CalendarView) => calendarRows(view).map((row) => row.map(({ text }) => text));
const dataOf = (view: CalendarView, text: string) =>
  calendarRows(view)
    .flat()
    .find((button) => button.text === text)?.callback_data;

describe("calendarRows", () => {
  it("draws a month in six rows, weekdays in the place of what cannot be chosen, with today marked", () => {
    expect(texts(VIEW)).toEqual([
      ["◀", "Nov", "·", "«", "2026", "·"],
      ["Mo", "Tu", "We", "Th", "Fr", "Sa", "1"],
      ["2", "3", "4", "5", "6", "7", "8"],
      ["9", "10", "11", "12", "13", "14", "15"],
      ["16", "17", "18", "19", "20", "21", "22"],
      ["*23", "Tu", "We", "Th", "Fr", "Sa", "Su"],
    ]);
  });

  it("puts a sixth week where the first one leaves room, and weekdays above a month that leaves none", () => {
    expect(texts({ ...VIEW, month: "2026-08" }).slice(1)).toEqual([
      ["31", "Tu", "We", "Th", "Fr", "1", "2"],
      ["3", "4", "5", "6", "7", "8", "9"],
      ["10", "11", "12", "13", "14", "15", "16"],
      ["17", "18", "19", "20", "21", "22", "23"],
      ["24", "25", "26", "27", "28", "29", "30"],
    ]);
    const full = texts({ ...VIEW, month: "2027-02", today: "2027-03-01" });
    expect([full.length, full[1], full[2]?.[0], full[5]?.[6]]).toEqual([6, WEEKDAYS, "1", "28"]);
  });

  it("marks the chosen day, and lets none before the earliest be pressed", () => {
    const chosen = { first: "2018-08-20", last: "2018-08-20" };
    const rows = texts({ ...VIEW, month: "2018-08", earliest: "2018-08-20", chosen });
    expect(rows).toEqual([
      ["·", "Aug", "▶", "·", "2018", "»"],
      ["✓20", "21", "22", "23", "24", "25", "26"],
      ["27", "28", "29", "30", "31", "Sa", "Su"],
    ]);
  });

  it("marks the ends of a range, the days between, and today among them, with one sign each", () => {
    const chosen = { first: "2026-11-20", last: "2026-11-23" };
    expect(texts({ ...VIEW, chosen }).slice(4, 6)).toEqual([
      ["16", "17", "18", "19", "✓20", "•21", "•22"],
      ["✓23", "Tu", "We", "Th", "Fr", "Sa", "Su"],
    ]);
    expect(texts({ ...VIEW, today: "2026-11-22", chosen })[4]?.at(-1)).toBe("•22");
    // Over the end of a month, and in a month that lies within.
    const long = { first: "2026-09-28", last: "2026-11-02" };
    expect(texts({ ...VIEW, chosen: long })[2]?.slice(0, 3)).toEqual(["✓2", "3", "4"]);
    expect(
      texts({ ...VIEW, month: "2026-10", chosen: long })
        .slice(1)
        .flat()
        .filter((text) => !WEEKDAYS.includes(text)),
    ).toEqual(Array.from({ length: 31 }, (_, i) => `•${i + 1}`));
  });

  it.each([
    [1, ["Mo", "Tu", "We", "Th", "Fr", "Sa", "1"]],
    [7, ["1", "2", "3", "4", "5", "6", "7"]],
    [6, ["Sa", "1", "2", "3", "4", "5", "6"]],
  ])("begins the week with weekday %i", (weekStart, week) => {
    expect(texts({ ...VIEW, weekStart })[1]).toEqual(week);
  });

  it("turns over the year, by months and by years, and not beyond its limits", () => {
    expect(dataOf({ ...VIEW, month: "2026-01" }, "◀")).toBe("plot:m:2025-12");
    expect(dataOf({ ...VIEW, month: "2025-12" }, "▶")).toBe("plot:m:2026-01");
    expect(dataOf(VIEW, "«")).toBe("plot:m:2025-11");
    expect(dataOf({ ...VIEW, month: "2025-11" }, "»")).toBe("plot:m:2026-11");
    // A year after December 2025 is to come.
    expect(texts({ ...VIEW, month: "2025-12" })[0]).toEqual(["◀", "Dec", "▶", "«", "2025", "·"]);
    expect(texts({ ...VIEW, month: "1970-01" })[0]).toEqual(["·", "Jan", "▶", "·", "1970", "»"]);
  });

  const month = fc
    .tuple(fc.integer({ min: 1970, max: 2026 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, month]) => `${year}-${String(month).padStart(2, "0")}`)
    .filter((month) => month <= "2026-11");

  it("keeps to Telegram's limits, and each button is read as what it says", () => {
    fc.assert(
      fc.property(month, (month) => {
        const view = { ...VIEW, month, prefix: "p".repeat(32) };
        const rows = calendarRows(view);
        expect(rows.length).toBeLessThanOrEqual(6);
        for (const row of rows) expect(row.length).toBeLessThanOrEqual(7);
        for (const { text, callback_data } of rows.flat()) {
          expect(Buffer.byteLength(callback_data)).toBeLessThanOrEqual(64);
          const press = parseCalendarPress(callback_data, view.prefix, view);
          const number = /^\*?(\d{1,2})$/.exec(text)?.[1];
          const day = `${month}-${number?.padStart(2, "0")}`;
          expect([
            { kind: "nothing" },
            { kind: "month", month: expect.any(String) },
            { kind: "day", day },
          ]).toContainEqual(press);
          expect(press?.kind === "day").toBe(number !== undefined);
        }
        const days = rows.flat().filter(({ text }) => /^\*?\d{1,2}$/.test(text));
        const past = month < "2026-11" ? new Date(`${month}-01T00:00Z`).setUTCMonth(Number(month.slice(5)), 0) : AT_23;
        expect(days.length).toBe(new Date(past).getUTCDate());
      }),
    );
  });
});

describe("parseCalendarPress", () => {
  it.each([
    "d:2026-11-24",
    "d:2018-08-19",
    "d:2026-02-30",
    "d:2026-02-00",
    "d:2026-13-01",
    "d:2026-11-1",
    "m:2026-12",
    "m:2018-07",
    "m:2026-00",
    "m:2026-11-23",
    "x",
    "",
  ])("does not believe %s", (press) => {
    expect(parseCalendarPress(`plot:${press}`, "plot:", { today: "2026-11-23", earliest: "2018-08-20" })).toBeNull();
  });

  it("leaves the buttons of others alone", () => {
    expect(parseCalendarPress("other:d:2026-11-20", "plot:", VIEW)).toBeNull();
  });

  it("gives a day that may be chosen or nothing, for any data", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[dm]:\d{4}-[01]\d-[0-3]\d$/)), (data) => {
        const press = parseCalendarPress(`plot:${data}`, "plot:", VIEW);
        const day = press?.kind === "day" ? press.day : "1970-01-01";
        expect(new Date(day).toISOString().slice(0, 10)).toBe(day);
        expect([day, VIEW.today].toSorted()).toEqual([day, VIEW.today]);
      }),
    );
  });
});
