import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findField, parsePlotCommand } from "../../src/plots/plot-command.ts";
import { formatPeriod } from "../../src/plots/period.ts";

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
  return result.ok ? `${result.field}: ${formatPeriod(result, ZONE)}` : result.problem;
}

describe("parsePlotCommand", () => {
  it.each([
    ["24h", "1: 2026-11-22 15:00 → 2026-11-23 15:00"],
    ["2018-08-20 2018-08-21", "1: 2018-08-20 → 2018-08-21"],
    ["4 2018-08-20 2018-08-21", "4: 2018-08-20 → 2018-08-21"],
    ["4 2018-08-20 14:30 2018-08-21 08:00", "4: 2018-08-20 14:30 → 2018-08-21 08:00"],
    ["speed yesterday", "4: 2026-11-22"],
    ["SPEED 7d", "4: 2026-11-16 15:00 → 2026-11-23 15:00"],
    ["coil temperature 7d", "1: 2026-11-16 15:00 → 2026-11-23 15:00"],
    ["  Coil   temp  7d ", "1: 2026-11-16 15:00 → 2026-11-23 15:00"],
    // A label may look like a time.
    ["24h mean 1h", "5: 2026-11-23 14:00 → 2026-11-23 15:00"],
    // The field alone: the last day of it.
    ["speed", "4: 2026-11-22 15:00 → 2026-11-23 15:00"],
    ["", "1: 2026-11-22 15:00 → 2026-11-23 15:00"],
  ])("reads /plot %s", (args, expected) => {
    expect(shown(args)).toBe(expected);
  });

  const ALL = "1 Coil temperature (°C), 2 Coil current, 4 Speed, 5 24h mean";
  it.each([
    ["coil 24h", `More than one field begins with “coil”. Type its number: ${ALL}.`],
    ["3 24h", `I cannot find “3” among the fields. Type one of these: ${ALL}.`],
    ["pressure 24h", `I cannot find “pressure” among the fields. Type one of these: ${ALL}.`],
    ["4 31.2.2018", "There is no day “31.2.2018”"],
    ["4 2018-08-21 2018-08-20", "The end must come after the start"],
  ])("answers /plot %s with a sentence", (args, sentence) => {
    expect(shown(args)).toContain(sentence);
  });

  it("says so when the channel has no fields", () => {
    expect(parsePlotCommand("24h", [], ZONE, NOW)).toMatchObject({ ok: false });
  });

  it("never throws, and finds only fields that there are", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("", " 24h", " 2018-08-20"), (text, period) => {
        const result = parsePlotCommand(text + period, FIELDS, ZONE, NOW);
        const isSound = result.ok ? FIELDS.some(({ number }) => number === result.field) : result.problem.endsWith(".");
        expect(isSound).toBe(true);
      }),
    );
  });
});

describe("findField", () => {
  it("finds each field by its own number and label", () => {
    for (const field of FIELDS) {
      expect(findField(String(field.number), FIELDS)).toEqual({ ok: true, field });
      expect(findField(field.label.toUpperCase(), FIELDS)).toEqual({ ok: true, field });
    }
  });

  it("prefers the whole label to the beginning of another", () => {
    const fields = [
      { number: 1, label: "Speed set point" },
      { number: 2, label: "Speed" },
    ];
    expect(findField("speed", fields)).toEqual({ ok: true, field: fields[1] });
  });

  it("finds nothing in nothing", () => {
    expect(findField("", FIELDS.slice(0, 1))).toMatchObject({ ok: false });
  });
});
