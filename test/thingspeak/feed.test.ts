import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../src/lib/errors.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";

const HEADER = "created_at,entry_id,field1,field2";

function refusal(csv: Uint8Array | string): Pick<UpstreamError, "reason" | "message"> {
  try {
    parseFeed(csv);
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error("the feed was taken");
}

describe("parseFeed reads", () => {
  it("a REST answer in UTC", () => {
    const page = parseFeed(
      `${HEADER}\n2021-07-27 12:04:19 UTC,568,31.30000,65\n2021-07-27 12:04:35 UTC,569,-0.5,1e2\n`,
    );
    expect([...page.entryIds]).toEqual([568, 569]);
    expect([...page.times]).toEqual([Date.UTC(2021, 6, 27, 12, 4, 19), Date.UTC(2021, 6, 27, 12, 4, 35)]);
    expect([...page.fields[1]!]).toEqual([31.3, -0.5]);
    expect([...page.fields[2]!]).toEqual([65, 100]);
    expect(Object.keys(page.fields)).toEqual(["1", "2"]);
  });

  it("rows in the order of the file, backwards in time and with a repeated entry", () => {
    const page = parseFeed(
      `${HEADER}\n2016-11-22 07:20:00 -0500,1,,40\n2016-11-21 20:00:00 -0500,2,,10\n2016-11-21 20:00:00 -0500,2,,10\n`,
    );
    expect([...page.entryIds]).toEqual([1, 2, 2]);
    expect(page.times[0]! - page.times[1]!).toBe(40_800_000);
    expect([...page.fields[1]!]).toEqual([NaN, NaN, NaN]);
  });

  it("a web export across the end of summer time, with its other columns", () => {
    const page = parseFeed(
      "created_at,entry_id,field3,latitude,longitude,elevation,status\n" +
        "2018-10-28T02:59:59+02:00,1,7,,,,\n" +
        '2018-10-28T02:00:00+01:00,2,8,60.1,24.9,,"all, ""well"""\n',
    );
    expect(page.times[1]! - page.times[0]!).toBe(1_000);
    expect(page.fields).toEqual({ 3: Float64Array.of(7, 8) });
  });

  it.each([
    "",
    "nan",
    "NaN",
    "inf",
    "Infinity",
    "-Infinity",
    "()",
    "Clouds",
    "0x1F",
    "1_000",
    "1.234,5",
    "12 °C",
    "1e999",
    "--5",
    ".",
  ])("%j as no number", (cell) => {
    const csv = `created_at,entry_id,field1\n2021-07-27 12:04:19 UTC,1,"${cell}"\n2021-07-27 12:04:19 UTC,2,3\n`;
    expect([...parseFeed(csv).fields[1]!]).toEqual([NaN, 3]);
  });

  it.each([
    ["21,5", 21.5],
    ["-0,25", -0.25],
    [" 007.50 ", 7.5],
    ["+3.", 3],
    [".5", 0.5],
    ["1,2E-3", 0.0012],
  ])("%j as a number", (cell, value) => {
    expect(parseFeed(`created_at,entry_id,field1\n2021-07-27 12:04:19 UTC,1,"${cell}"`).fields[1]![0]).toBe(value);
  });

  it.each([
    ["CRLF", `${HEADER}\r\n2021-07-27 12:04:19 UTC,1,2,3\r\n2021-07-27 12:04:35 UTC,2,4,5\r\n`],
    ["mixed line ends", `${HEADER}\r\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4,5\r\n`],
    [
      "a quoted last cell before CRLF",
      `${HEADER}\r\n2021-07-27 12:04:19 UTC,1,2,"3"\r\n2021-07-27 12:04:35 UTC,2,4,"5"\r\n`,
    ],
    ["no final newline", `${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4,5`],
    ["blank lines", `\n${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n\n2021-07-27 12:04:35 UTC,2,4,5\n\n`],
    ["a byte order mark", `\uFEFF${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4,5\n`],
    [
      "spaces in the header",
      `created_at, entry_id , Field1,field2\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4,5\n`,
    ],
  ])("a file with %s, as text and as bytes", (_, csv) => {
    for (const input of [csv, new TextEncoder().encode(csv)]) {
      const page = parseFeed(input);
      expect([...page.entryIds]).toEqual([1, 2]);
      expect([...page.fields[2]!]).toEqual([3, 5]);
    }
  });

  it("a feed without entries as empty columns", () => {
    const page = parseFeed(`${HEADER}\n`);
    expect(page.times).toHaveLength(0);
    expect(page.fields).toEqual({ 1: new Float64Array(0), 2: new Float64Array(0) });
  });

  it("more rows than papaparse is handed at once, into arrays of their own that can be moved", () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, i) => `2021-07-27 12:04:19 UTC,${i + 1},${i / 8},"a ""word""\nor two"`,
    );
    const page = parseFeed(`${HEADER}\n${rows.join("\n")}\n`);
    expect(page.entryIds).toEqual(Float64Array.from({ length: 20_000 }, (_, i) => i + 1));
    expect(page.fields[1]).toEqual(Float64Array.from({ length: 20_000 }, (_, i) => i / 8));
    expect(structuredClone(page, { transfer: [page.times.buffer, page.fields[1]!.buffer] }).times).toHaveLength(20_000);
  });
});

describe("parseFeed refuses", () => {
  it.each(["-1", '"-1"', "-1\n"])("the body %j as no access", (body) => {
    expect(refusal(body).reason).toBe("forbidden");
  });

  it.each([
    ["an empty body", "", /empty/],
    ["a page", "<!DOCTYPE html><title>502</title>", /^line 1: an HTML/],
    ["an error object", '{"status":"401"}', /^line 1: JSON/],
    ["semicolons, as Excel saves", "created_at;entry_id;field1\n", /^line 1: .*saved by Excel with semicolons\?/],
    ["semicolons and decimal commas", "created_at;entry_id;field1,5\n", /saved by Excel with semicolons\?/],
    ["Excel's own line about them", "sep=;\ncreated_at;entry_id;field1\n", /saved by Excel with semicolons\?/],
    ["tabs", "created_at\tentry_id\tfield1\n", /separated by tabs\?/],
    ["renamed headers", "created_at,entry_id,temperatura\n", /^line 1: no column field1 to field8.*temperatura/],
    ["no dates", "entry_id,field1\n1,2\n", /^line 1: no column created_at/],
    ["no entry ids, as aggregates have none", "created_at,field1\n", /^line 1: no column entry_id/],
    ["a column that is there twice", "created_at,entry_id,field1,field1\n", /field1 is there twice/],
    [
      "an unquoted decimal comma",
      `${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:19 UTC,2,21,5,3\n`,
      /^line 3: 5 cells/,
    ],
    ["a row without its separators", `${HEADER}\n2021-07-27 12:04:19 UTC 1 2 3\n`, /^line 2: 1 cells/],
    [
      "a body cut between cells",
      `${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4`,
      /^line 3: 3 cells/,
    ],
    ["a body cut in a date", `${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 1`, /^line 3: 1 cells/],
    [
      "a body cut in quotes",
      `${HEADER}\n2021-07-27 12:04:19 UTC,1,2,3\n2021-07-27 12:04:35 UTC,2,4,"5`,
      /^line 3: .*quote/i,
    ],
    ["text after a quoted cell", `${HEADER}\n2021-07-27 12:04:19 UTC,1,"2"x,3\n`, /^line 2: .*quote/i],
    [
      "a date without a zone",
      `${HEADER}\n2021-07-27 12:04:19,1,2,3\n`,
      /^line 2: created_at is not a date with a zone: "2021-07-27 12:04:19"/,
    ],
    [
      "a line far down, after a cell of two lines",
      `${HEADER}\n2021-07-27 12:04:19 UTC,1,"a\nb",3\n\nnan,2,3,4\n`,
      /^line 5: created_at/,
    ],
    ["an entry id that is none", `${HEADER}\n2021-07-27 12:04:19 UTC,1.5,2,3\n`, /^line 2: entry_id/],
    ["a blank entry id", `${HEADER}\n2021-07-27 12:04:19 UTC,,2,3\n`, /^line 2: entry_id/],
  ])("%s", (_, csv, message) => {
    expect(refusal(csv)).toMatchObject({ reason: "malformed", message: expect.stringMatching(message) });
  });

  it.each([
    [
      "UTF-16, as Windows calls Unicode",
      Buffer.from(`\uFEFF${HEADER}\n`, "utf16le"),
      /it is UTF-16 text; save it as CSV in UTF-8/,
    ],
    ["the same without its mark", Buffer.from(`${HEADER}\n`, "utf16le"), /it is UTF-16/],
    ["the same the other way round", Buffer.from(`\uFEFF${HEADER}\n`, "utf16le").swap16(), /it is UTF-16/],
    ["a workbook", Buffer.from("PK\x03\x04"), /a zip file or an Excel workbook/],
    ["a packed file", Buffer.from([0x1f, 0x8b, 8, 0]), /packed with gzip/],
  ])("%s, by its name", (_, bytes, reason) => {
    expect(() => parseFeed(new Uint8Array(bytes))).toThrow(reason);
  });

  it("a broken quote far behind the first chunk, with its line", () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `2021-07-27 12:04:19 UTC,${i + 1},"a\nb",3`);
    rows[15_000] = '2021-07-27 12:04:19 UTC,9,"2"x,3';
    expect(refusal(`${HEADER}\n${rows.join("\n")}\n`).message).toMatch(/^line 30002: a quoted cell is broken/);
  });
});
