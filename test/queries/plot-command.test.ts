import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findField } from "../../src/queries/find-field.ts";
import { parsePlotCommand } from "../../src/queries/plot-command.ts";
import { formatPeriodAsTyped } from "../../src/queries/period.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const FIELDS = [
  { number: 1, label: "Coil temperature (°C)" },
  { number: 2, label: "Coil current" },
  { number: 4, label: "Speed" },
  { number: 5, label: "24h mean" },
];

function shown(args: string): string {
  const result = parsePlotCommand(args, FIELDS, ZONE, NOW);
  if ("problem" in result) return result.problem;
  return `${result.value.field}: ${formatPeriodAsTyped(result.value, ZONE)}`;
}

describe("parsePlotCommand", () => {
  it.each([
    ["24h", "1: 2026-11-22 15:00 → 11-23 15:00"],
    ["2018-08-20 2018-08-21", "1: 2018-08-20 → 08-21"],
    ["4 2018-08-20 2018-08-21", "4: 2018-08-20 → 08-21"],
    ["4 2018-08-20 14:30 2018-08-21 08:00", "4: 2018-08-20 14:30 → 08-21 08:00"],
    ["speed yesterday", "4: 2026-11-22"],
    ["SPEED 7d", "4: 2026-11-16 15:00 → 11-23 15:00"],
    ["coil temperature 7d", "1: 2026-11-16 15:00 → 11-23 15:00"],
    ["  Coil   temp  7d ", "1: 2026-11-16 15:00 → 11-23 15:00"],
    // A label may look like a time.
    ["24h mean 1h", "5: 2026-11-23 14:00 → 15:00"],
    // By any word of its label, in any order; by its number in words; the time first.
    ["temperature 7d", "1: 2026-11-16 15:00 → 11-23 15:00"],
    ["current coil 1h", "2: 2026-11-23 14:00 → 15:00"],
    ["field 4 1h", "4: 2026-11-23 14:00 → 15:00"],
    ["#4 yesterday", "4: 2026-11-22"],
    ["1h speed", "4: 2026-11-23 14:00 → 15:00"],
    // Near misses.
    ["temprature 1h", "1: 2026-11-23 14:00 → 15:00"],
    ["sepeed 1h", "4: 2026-11-23 14:00 → 15:00"],
    ["coil tempreature last monday", "1: 2026-11-16"],
    // Times of several words, and lengths in any form.
    ["4 3 hours", "4: 2026-11-23 12:00 → 15:00"],
    ["4 last 3 days", "4: 2026-11-20 15:00 → 11-23 15:00"],
    ["1y", "1: 2025-11-23 15:00 → 2026-11-23 15:00"],
    ["temp 6mo", "1: 2026-05-23 15:00 → 11-23 15:00"],
    ["an hour", "1: 2026-11-23 14:00 → 15:00"],
    ["speed, 1h.", "4: 2026-11-23 14:00 → 15:00"],
    ["previous 2 days", "1: 2026-11-21 15:00 → 11-23 15:00"],
    ["90 min", "1: 2026-11-23 13:30 → 15:00"],
    ["4 8:00-10:00", "4: 2026-11-23 08:00 → 10:00"],
    ["speed 20.11. 21.11.", "4: 2026-11-20 → 11-21"],
    // The field alone: the last day of it.
    ["speed", "4: 2026-11-22 15:00 → 11-23 15:00"],
    ["", "1: 2026-11-22 15:00 → 11-23 15:00"],
  ])("reads /plot %s", (args, expected) => {
    expect(shown(args)).toBe(expected);
  });

  const ALL = "1 Coil temperature (°C), 2 Coil current, 4 Speed, 5 24h mean";
  it.each([
    ["coil 24h", "More than one field fits “coil”. Type the number of one: 1 Coil temperature (°C), 2 Coil current."],
    ["3 24h", `I cannot find “3” among the fields. Type one of these: ${ALL}.`],
    [
      "4 5q",
      "I cannot read “5q” as a time. Type a day such as 2026-11-22, a day and a time such as 2026-11-22 14:30, or a length such as 24h.",
    ],
    ["5q", "I cannot read “5q” as a time."],
    ["3 fortnights", "I cannot read “3 fortnights” as a time."],
    ["speed 3 fortnights", "I cannot read “3 fortnights” as a time."],
    ["last week", "I cannot read “last week” as a time."],
    ["tomorrow", "is not past yet"],
    ["speed coil current 24h", "I read one field at a time."],
    ["1 2 24h", "I read one field at a time."],
    ["1,2 24h", "I read one field at a time."],
    ["rotor last monday", "I cannot find “rotor” among the fields."],
    ["sped 20.11. 21.11. 22.11.", "Give one start and one end."],
    ["pressure 24h", `I cannot find “pressure” among the fields. Type one of these: ${ALL}.`],
    ["4 31.2.2018", "There is no day “31.2.2018”"],
    ["4 2018-08-21 2018-08-20", "The end must come after the start"],
  ])("answers /plot %s with a sentence", (args, sentence) => {
    expect(shown(args)).toContain(sentence);
  });

  it("offers the few fields that may be meant, over the period that was asked for", () => {
    expect(parsePlotCommand("coil 24h", FIELDS, ZONE, NOW)).toMatchObject({
      problem: expect.any(String) as string,
      choice: { fields: FIELDS.slice(0, 2), period: { startAt: NOW - 86_400_000, endAt: NOW } },
    });
    expect(parsePlotCommand("pressure 24h", FIELDS, ZONE, NOW)).toMatchObject({
      problem: expect.any(String) as string,
      choice: null,
    });
  });

  it("says so when the channel has no fields", () => {
    expect(parsePlotCommand("24h", [], ZONE, NOW)).toMatchObject({ problem: expect.any(String) as string });
  });

  it("never throws, and finds only fields that there are", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("", " 24h", " 2018-08-20"), (text, period) => {
        const result = parsePlotCommand(text + period, FIELDS, ZONE, NOW);
        if ("value" in result) expect(FIELDS.map(({ number }) => number)).toContain(result.value.field);
        else expect(result.problem).toMatch(/\.$/);
      }),
    );
  });
});

describe("findField", () => {
  it("finds each field by its own number and label", () => {
    for (const field of FIELDS) {
      expect(findField(String(field.number), FIELDS)).toEqual({ value: field });
      expect(findField(field.label.toUpperCase(), FIELDS)).toEqual({ value: field });
    }
  });

  it("prefers the whole label to the beginning of another", () => {
    const fields = [
      { number: 1, label: "Speed set point" },
      { number: 2, label: "Speed" },
    ];
    expect(findField("speed", fields)).toEqual({ value: fields[1] });
  });

  it.each([
    ["lampotila", 1],
    ["LÄMPÖTILA", 1],
    ["humidty", 2],
    ["hunidity", 2],
    ["ihumidity", 2],
    ["hum", 2],
    ["room", 2],
    ["f2", 2],
    ["field2", 2],
  ])("finds by a word, without marks, and by a near miss: %s", (typed, number) => {
    const fields = [
      { number: 1, label: "Lämpötila (°C)" },
      { number: 2, label: "Room humidity (%)" },
      { number: 3, label: "Hub" },
    ];
    expect(findField(typed, fields)).toMatchObject({ value: { number } });
  });

  it("asks where a near miss may be one of several, and takes no short word for another", () => {
    const fields = [
      { number: 1, label: "Bearing north" },
      { number: 2, label: "Bearing south" },
    ];
    expect(findField("baering", fields)).toMatchObject({ problem: expect.any(String) as string, choices: fields });
    expect(findField("nort", fields)).toMatchObject({ value: fields[0] });
    expect(findField("bar", fields)).toMatchObject({ problem: expect.any(String) as string, choices: [] });
  });

  it("finds nothing in nothing", () => {
    expect(findField("", FIELDS.slice(0, 1))).toMatchObject({ problem: expect.any(String) as string });
  });
});
