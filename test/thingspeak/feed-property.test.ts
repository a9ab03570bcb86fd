import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../src/lib/errors.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";

describe("whatever is written as a feed", () => {
  const cell = fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
      .map((number) => ({ text: String(number), value: Number(String(number)) })),
    fc.integer({ min: -99_999, max: 99_999 }).map((n) => ({ text: `"${n},5"`, value: Number(`${n}.5`) })),
    fc.constantFrom("", "nan", "()", "Clouds", '"a, ""b"""', '"two\nlines"').map((text) => ({ text, value: NaN })),
  );
  const offsetMinutes = fc.integer({ min: -12 * 4, max: 14 * 4 }).map((quarters) => quarters * 15);
  const row = fc.record({
    seconds: fc.integer({ min: 0, max: 4e9 }),
    id: fc.nat(),
    offsetMinutes,
    cells: fc.tuple(cell, cell),
  });
  const table = fc.record({
    rows: fc.array(row, { maxLength: 40 }),
    form: fc.constantFrom<keyof typeof dateForms>("utc", "rest", "iso", "isoUtc"),
    lineEnd: fc.constantFrom("\n", "\r\n"),
    isEnded: fc.boolean(),
    isBytes: fc.boolean(),
  });

  it("is read back the same", () => {
    fc.assert(
      fc.property(table, ({ rows, form, lineEnd, isEnded, isBytes }) => {
        const lines = rows.map((r) =>
          [dateForms[form](r.seconds * 1_000, r.offsetMinutes), r.id, "x", ...r.cells.map(({ text }) => text)].join(
            ",",
          ),
        );
        const csv = ["created_at,entry_id,status,field2,field7", ...lines].join(lineEnd) + (isEnded ? lineEnd : "");
        const page = parseFeed(isBytes ? new TextEncoder().encode(csv) : csv);
        expect([...page.times]).toEqual(rows.map(({ seconds }) => seconds * 1_000));
        expect([...page.entryIds]).toEqual(rows.map(({ id }) => id));
        expect([...page.fields[2]!]).toEqual(rows.map(({ cells }) => cells[0].value));
        expect([...page.fields[7]!]).toEqual(rows.map(({ cells }) => cells[1].value));
      }),
    );
  });
});

const HEADER = "created_at,entry_id,field1,field2";

describe("a feed cut anywhere", () => {
  const rows = Array.from({ length: 3 }, (_, i) => `2021-07-27 12:04:1${i} UTC,${i + 1},2${i}.5,"3,${i}"`);
  const csv = `${HEADER}\n${rows.join("\n")}\n`;
  const whole = parseFeed(csv);

  it("is refused, or right in all but its very last cell", () => {
    const taken = Array.from({ length: csv.length - HEADER.length }, (_, cut) => csv.slice(0, HEADER.length + cut))
      .filter((text) => !isRefused(text))
      .map((csv) => parseFeed(csv));
    // The header with and without its line end, and what ends in or right before the last cell of a row, or after it.
    expect(taken.length).toBeGreaterThan(2);
    expect(taken.length).toBeLessThan(20);
    for (const { times, fields } of taken) {
      const count = times.length;
      expect(times).toEqual(whole.times.slice(0, count));
      expect(fields[1]).toEqual(whole.fields[1]!.slice(0, count));
      expect(fields[2]!.slice(0, -1)).toEqual(whole.fields[2]!.slice(0, Math.max(0, count - 1)));
    }
  });
});

function isRefused(csv: string): boolean {
  try {
    parseFeed(csv);
    return false;
  } catch (error) {
    return error instanceof UpstreamError && error.reason === "malformed";
  }
}

const dateForms = {
  utc: (at: number) => `${localDate(at, 0).replace("T", " ")} UTC`,
  rest: (at: number, offset: number) => `${localDate(at, offset).replace("T", " ")} ${zone(offset, "")}`,
  iso: (at: number, offset: number) => `${localDate(at, offset)}${zone(offset, ":")}`,
  isoUtc: (at: number) => `${localDate(at, 0)}Z`,
};

function localDate(at: number, offsetMinutes: number): string {
  return new Date(at + offsetMinutes * 60_000).toISOString().slice(0, 19);
}

function zone(offsetMinutes: number, separator: string): string {
  const hours = String(Math.floor(Math.abs(offsetMinutes) / 60)).padStart(2, "0");
  return `${offsetMinutes < 0 ? "-" : "+"}${hours}${separator}${String(Math.abs(offsetMinutes) % 60).padStart(2, "0")}`;
}
