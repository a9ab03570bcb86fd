import { describe, expect, it } from "vitest";
import { parseFeedRequest } from "../../src/queries/feed-request.ts";
import { measurementOf } from "../../src/measurements/measurement.ts";
import { formatPeriodAsTyped } from "../../src/queries/period.ts";

const ZONE = "Europe/Helsinki";
const NOW = Date.parse("2026-11-23T13:00:00Z");
const FIELDS = [
  { number: 1, label: "Coil temperature (°C)" },
  { number: 2, label: "Coil current" },
  { number: 5, label: "24h mean" },
].map((field) => measurementOf(field, []));

function shown(args: string): string {
  const result = parseFeedRequest(args, FIELDS, ZONE, NOW);
  if ("problem" in result) return result.problem;
  const { measurements } = result.value;
  return `${measurements.map(({ number }) => number).join()}: ${formatPeriodAsTyped(result.value, ZONE)}`;
}

describe("parseFeedRequest", () => {
  it.each([
    ["", "1,2,5: 2026-11-22 15:00 → 11-23 15:00"],
    ["7d", "1,2,5: 2026-11-16 15:00 → 11-23 15:00"],
    ["yesterday", "1,2,5: 2026-11-22"],
    ["2", "2: 2026-11-22 15:00 → 11-23 15:00"],
    ["Coil temp 2018-08-20 2018-08-21", "1: 2018-08-20 → 08-21"],
    // A label may look like a time.
    ["24h mean 1h", "5: 2026-11-23 14:00 → 15:00"],
  ])("reads %j", (args, expected) => {
    expect(shown(args)).toBe(expected);
  });

  it.each([
    ["pressure 24h", "I cannot find “pressure” among the fields."],
    ["coil", "More than one field fits “coil”."],
    ["1 31.2.2018", "There is no day “31.2.2018”"],
    ["31.2.2018", "There is no day “31.2.2018”"],
  ])("answers %j with a sentence", (args, sentence) => {
    expect(shown(args)).toContain(sentence);
  });
});
