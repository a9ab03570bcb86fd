import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFeed } from "../../src/thingspeak/feed.ts";
import { readPlainFeed } from "../../src/thingspeak/plain-feed.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What comes of a feed, be it columns or a refusal. Text is always read as text, cell by cell. */
function outcomeOf(csv: Uint8Array | string, linesBefore: number): unknown {
  try {
    return parseFeed(csv, linesBefore);
  } catch (error) {
    return String(error);
  }
}

const usual = fc.record({
  at: fc.integer({ min: 0, max: 4e8 }).map((tenSeconds) => tenSeconds * 10_000),
  zone: fc.constantFrom(" UTC", "Z", " -0500", "+01:00"),
  id: fc.nat().map(String),
  values: fc.tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer({ min: -1e7, max: 1e7 }).map((n) => (n / 1_000).toFixed(n % 5 === 0 ? 5 : 3)),
  ),
});
const dateOf = (at: number, zone: string): string => new Date(at).toISOString().slice(0, 19) + zone;
const usualRow = usual.map(({ at, zone, id, values }) => [dateOf(at, zone), id, ...values, "x"]);
/** What a cell may hold that is not usual, whatever its column. */
const ODD = [
  ["", " ", " 7", "+5", "5.", ".5", ".", "-", "-0", "1e3", "1,5", "nan", "Clouds", "0.1234567890123456", "１"],
  ["1234567890123456", "123456789012345", "00012", "0x10", "1.2.3", "\u00a05", "\uFEFF5", "°C", "\0"],
  ['"1,5"', '5"', '"a\nb"', '"', "2021-02-30 10:00:00 UTC", "2021-02-28 10:60:00 UTC", "2021-02-28 10:00:00"],
  ["2021-02-28 10:00:00.250 UTC", "2021-02-28T10:00:00.5Z", "2021-02-28 10:00.00 UTC", "21-2-3"],
].flat();
const oddCell = fc.constantFrom(...ODD);
const oddRow = fc
  .tuple(usualRow, fc.nat(6), oddCell, fc.nat(9))
  .map(([row, place, cell, cut]) => (cut === 0 ? row.slice(0, place) : row.with(place % row.length, cell)));
const feed = fc.record({
  start: fc.constantFrom("", "", "", "\uFEFF", "\n", " "),
  header: fc.constantFrom(
    "created_at,entry_id,field1,field4,status",
    "created_at,entry_id,field4,field1,field2",
    "created_at,latitude,field1: Coil (°C),field2,x",
    "Created_At, entry_id ,field1,field2,field2",
    "created_at,entry_id,temperatura,x,y",
    '"created_at",entry_id,field1,field2,status',
  ),
  rows: fc.array(fc.oneof({ weight: 12, arbitrary: usualRow }, { weight: 1, arbitrary: oddRow }), { maxLength: 30 }),
  lineEnd: fc.constantFrom("\n", "\n", "\r\n", "\n\n", "\r", " \n"),
  isEnded: fc.boolean(),
  linesBefore: fc.constantFrom(0, 25_000),
  /** Where it is cut. */
  share: fc.constantFrom(1, 1, 1, 0.999, 0.7, 0.03),
});

describe("a feed that is read from its bytes", () => {
  it("has in each cell what reading it as text has, and is refused in the same words", () => {
    fc.assert(
      fc.property(feed, ({ start, header, rows, lineEnd, isEnded, linesBefore, share }) => {
        const lines = [header, ...rows.map((row) => row.join(","))];
        const all = start + lines.join(lineEnd) + (isEnded ? lineEnd : "");
        const csv = all.slice(0, Math.ceil(all.length * share));
        expect(outcomeOf(bytesOf(csv), linesBefore)).toEqual(outcomeOf(csv, linesBefore));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [
      "an answer of ThingSpeak",
      "created_at,entry_id,field1\n2026-11-10 00:00:00 UTC,1,20.5\n2026-11-10 00:00:15 UTC,2,\n",
    ],
    ["a web export", "created_at,entry_id,field1,latitude,status\r\n2026-11-10T00:00:00+02:00,1,-3e-2,,on °\r\n"],
    ["one of ours", "created_at,field1: Coil (°C)\n2026-11-10T00:00:00.250Z,20.5\n\n2026-11-10T00:00:01Z,21"],
  ])("is so in the usual form: %s", (_, csv) => {
    expect(readPlainFeed(bytesOf(csv), 0)).toEqual(parseFeed(csv));
  });

  it.each([
    ["a quoted cell", 'created_at,entry_id,field1\n2026-11-10 00:00:00 UTC,1,"20,5"\n'],
    ["a row too short", "created_at,entry_id,field1\n2026-11-10 00:00:00 UTC,1\n"],
    ["a page", "<!DOCTYPE html>\n<title>Sign in</title>\n"],
  ])("is not so: %s", (_, csv) => {
    expect(readPlainFeed(bytesOf(csv), 0)).toBeNull();
  });
});
