import { array, assert, oneof, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { readBulk } from "../../src/bridge/bulk-message.ts";

const NOW = Date.UTC(2026, 10, 26, 3, 0, 0, 400);
const SECOND = Date.UTC(2026, 10, 26, 3);
/** The fields that have a value, by their columns. */
const filled = (cells: readonly string[]) => Object.fromEntries([...cells.entries()].filter(([, cell]) => cell !== ""));
const agesOf = (text: string) => readBulk(text, NOW).entries.map(({ at }) => (SECOND - at) / 1_000);

describe("a bulk message", () => {
  it("of the plant itself, a comma short here and one long there, is read whole", () => {
    const { entries, problems } = readBulk("1,,,,,0,,,,,,|2,,,,,,1.5388,,,,,,|", NOW);
    expect(problems).toEqual([]);
    expect(entries.map(({ at, cells }) => [at - SECOND, filled(cells)])).toEqual([
      [-2_000, { 4: "0" }],
      [0, { 5: "1.5388" }],
    ]);
  });

  it("is as old as its last entry, and the others are counted back from it", () => {
    expect(agesOf("7,1|15,2|15,3|30,4")).toEqual([60, 45, 30, 0]);
  });

  it.each([
    ["padded with NUL and blanks", " 1,5|2,6| \n", [2, 0]],
    ["with a bar too many", "|1,5||2,6|||", [2, 0]],
    ["with line breaks between its entries", "1,5|\r\n2,6|\r\n", [2, 0]],
    ["with whole seconds as a REAL", "1.0,5|2.000000,6", [2, 0]],
    [
      "as the form that is posted to ThingSpeak",
      "write_api_key=SECRET&time_format=relative&updates=1%2C5%7C2%2C6",
      [2, 0],
    ],
  ])("%s is read", (_, text, ages) => {
    expect(agesOf(text)).toEqual(ages);
    expect(readBulk(text, NOW).problems).toEqual([]);
  });

  it("with dates keeps them, whatever its own time: ISO, MySQL's form, ThingSpeak's own, seconds, milliseconds", () => {
    const text =
      "2026-11-26T02:00:00Z,1|2026-11-26 02:00:15,2|2026-11-26 02:00:30 UTC,3|2026-11-26T04:00:45+02:00,4|1795658460,5|1795658475000,6";
    const { entries, problems } = readBulk(text, NOW);
    expect(problems).toEqual([]);
    const [first] = entries;
    expect(entries.map(({ at }) => (at - first!.at) / 1_000)).toEqual([0, 15, 30, 45, 60, 75]);
    expect(first!.at).toBe(SECOND - 3_600_000);
    expect(entries.filter(({ isRelative }) => isRelative)).toEqual([]);
  });

  it.each([
    ["abc,1", "entry 1: “abc” is not a time: write whole seconds since the entry before, or a date"],
    ["1.5,1", "entry 1: “1.5” is not a time"],
    ["-1,1", "entry 1: “-1” is not a time"],
    ["1,ON", "entry 1: field1 is not a number: “ON”"],
    ["1,12 345", "entry 1: field1 is not a number: “12 345”"],
    ["1,1e999", "entry 1: field1 is not a number: “1e999”"],
    ["1,0x10", "entry 1: field1 is not a number"],
    ["1,,,,,,,,,91,0,0", "entry 1: latitude is beyond ±90: 91"],
    ["1,,,,,,,,,,181,0", "entry 1: longitude is beyond ±180: 181"],
    ["1,1,2,3,4,5,6,7,8,9,10,11,ok,13", "entry 1: it has 14 values, where there can be 13"],
    ["1,,,,", "entry 1: it has a time and no value"],
    [`1,${"9".repeat(256)}`, "entry 1: field1 is longer than 255 bytes"],
    ["1,5|2026-11-26T02:00:00Z,6", "entry 2: a date among relative times"],
    ["", "there is no entry in it"],
    ["|||", "there is no entry in it"],
  ])("%s: says “%s”", (text, problem) => {
    expect(readBulk(text, NOW).problems.join("\n")).toContain(problem);
  });

  it("with one bad entry gives the others, each at its time", () => {
    const { entries, problems } = readBulk("10,1|10,ON|10,3|x,4|10,5", NOW);
    expect(problems.map((problem) => problem.slice(0, 7))).toEqual(["entry 2", "entry 4"]);
    // Between entry 4 and the one before it nobody says how long it was: as long as between its neighbours.
    expect(entries.map(({ at, cells }) => [(SECOND - at) / 1_000, cells[0]])).toEqual([
      [40, "1"],
      [20, "3"],
      [0, "5"],
    ]);
  });

  it("takes what a PLC writes for no value as none, and any status", () => {
    const { entries, problems } = readBulk("1,NaN,-nan(ind),#Inf,4,,,,,,,,pump, on", NOW);
    expect(problems.join()).toContain("14 values");
    expect(entries).toEqual([]);
    expect(filled(readBulk("1,NaN,-nan(ind),#Inf,4,,,,,,,,läuft\u0007", NOW).entries[0]!.cells)).toEqual({
      3: "4",
      11: "läuft ",
    });
  });

  it.each([
    ["dates", "2026-11-26T02:00:00Z,1|", 28_800, 0],
    ["relative times", "1,1|", 28_800, 0],
    ["entries that are none", "x|", 0, 28_800],
  ])("of as many %s as are taken is read at once", (_, entry, taken, bad) => {
    const begunAt = performance.now();
    const { entries, problems } = readBulk(entry.repeat(28_800), NOW);
    expect([entries.length, problems.length]).toEqual([taken, bad]);
    // It took eight seconds.
    expect(performance.now() - begunAt).toBeLessThan(2_000);
  });

  it("of more is not taken, and says how many they are", () => {
    const problem = "it has 28801 entries, more than can be taken (28800)";
    expect(readBulk("1,1|".repeat(28_801), NOW)).toEqual({ entries: [], problems: [problem] });
  });

  it("never throws, loses no entry without a word, and takes time by its length", () => {
    const part = oneof(string(), stringMatching(/^\d{1,3}(,-?\d{0,4}(\.\d+)?){0,13}$/));
    assert(
      property(array(part, { maxLength: 50 }), (parts) => {
        const text = parts.map((one) => one.replaceAll("|", "")).join("|");
        const { entries, problems } = readBulk(text, NOW);
        const given = text.split("|").filter((one) => one.trim() !== "").length;
        if (!/^(write_api_key|time_format|updates)=/.test(text.trim())) {
          expect(entries.length + problems.length).toBe(Math.max(1, given));
        }
        for (const { at, cells } of entries) {
          expect(Number.isInteger(at / 1_000)).toBe(true);
          expect(cells).toHaveLength(12);
          expect(cells.join("")).not.toMatch(/[|\p{Cc}]/u);
        }
      }),
    );
  });
});
