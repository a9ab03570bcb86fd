import { appendFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileSource } from "../../src/sources/file-source.ts";
import type { Source } from "../../src/measurements/source.ts";
import type { OwnColumns } from "../../src/measurements/own-columns.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";

const START = Date.UTC(2026, 10, 1);
const HEADER = "created_at,entry_id,field1,field2,status";

let folder: string;
let path: string;
let now = Date.now();
/** Bytes that were parsed. */
let parsed = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-"));
  path = join(folder, "feed.csv");
  now = Date.now() + 60_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (columns: OwnColumns | null = null): Source =>
  createFileSource({
    path,
    columns: () => columns,
    now: () => now,
    maxEntries: 200_000,
    parse: async (csv, linesBefore, own) => {
      parsed += csv.length;
      return parseFeed(csv, linesBefore, own);
    },
  });
const date = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ") + " UTC";
const row = (i: number, everyMs = 15_000): string => `${date(START + i * everyMs)},${i + 1},${i / 4},,\n`;
const rows = (count: number, from = 0): string => Array.from({ length: count }, (_, i) => row(from + i)).join("");
const all = { field: 1, startAt: 0, endAt: Number.MAX_SAFE_INTEGER };

describe("a CSV file as the source", () => {
  it("is read once for all fields of a press, also while it grows", async () => {
    writeFileSync(path, `${HEADER}\n${rows(60_000)}`);
    const source = open();
    parsed = 0;
    const press = async (): Promise<void> => {
      await source.channel();
      await Promise.all([1, 2, 1, 2].map((field) => source.read({ ...all, field })));
    };
    const size = statSync(path).size;
    await press();
    // Beside it, the header of each piece.
    expect(parsed).toBeLessThan(size * 1.01);
    parsed = 0;
    await press();
    expect(parsed).toBeLessThan(size * 0.01);
    appendFileSync(path, row(60_000));
    await press();
    // Its last piece.
    expect(parsed).toBeLessThan(size * 0.8);
    expect((await source.read(all)).times).toHaveLength(60_001);
  });

  it("has the columns of its header, its name and its newest values", async () => {
    writeFileSync(path, `${HEADER}\n${rows(3)}${date(START + 60_000)},4,nan,7.5,"=1"\n`);
    const source = open();
    expect(await source.channel()).toEqual({
      name: "feed.csv",
      createdAt: START,
      fields: [
        { number: 1, label: "Field 1" },
        { number: 2, label: "Field 2" },
      ],
    });
    expect(await source.latest()).toEqual([
      { field: 1, label: "Field 1", value: "0.5", at: START + 30_000 },
      { field: 2, label: "Field 2", value: "7.5", at: START + 60_000 },
    ]);
    const { times, values } = await source.read({ field: 1, startAt: START + 15_000, endAt: START + 60_000 });
    expect([[...times], [...values]]).toEqual([
      [START + 15_000, START + 30_000, START + 60_000],
      [0.25, 0.5, Number.NaN],
    ]);
    expect((await source.read({ ...all, field: 8 })).values).toEqual(new Float64Array(4).fill(Number.NaN));
  });

  it("is read through once, and then only where a period needs it", async () => {
    writeFileSync(path, `${HEADER}\n${rows(100_000)}`);
    const { size } = statSync(path);
    const source = open();
    parsed = 0;
    const hour = { field: 1, startAt: START + 50_000 * 15_000, endAt: START + 50_000 * 15_000 + 3_600_000 };
    expect((await source.read(hour)).times).toHaveLength(241);
    expect(parsed).toBeGreaterThan(size);
    parsed = 0;
    expect((await source.read(hour)).values.slice(0, 2)).toEqual(Float64Array.of(12_500, 12_500.25));
    expect(parsed).toBeLessThan(2.2 * 1_048_576);
    expect((await source.read(all)).times).toHaveLength(100_000);
  });

  it("is followed while it grows; a line that is being written waits for its end", async () => {
    writeFileSync(path, `${HEADER}\n${rows(60_000)}`);
    const source = open();
    expect((await source.read(all)).times).toHaveLength(60_000);
    now = Date.now();
    parsed = 0;
    appendFileSync(path, `${row(60_000)}2026-11-20 00:00:0`);
    const soon = { field: 1, startAt: START + 59_999 * 15_000, endAt: Number.MAX_SAFE_INTEGER };
    expect((await source.read(soon)).times).toHaveLength(2);
    // The last piece is walked over again, and read.
    expect(parsed).toBeLessThan(3.2 * 1_048_576);
    appendFileSync(path, "0 UTC,60002,5.5,,");
    expect((await source.read(soon)).times).toHaveLength(2);
    now = Date.now() + 60_000;
    expect((await source.read(soon)).values.at(-1)).toBe(5.5);
    appendFileSync(path, `\n${row(60_001)}`);
    utimesSync(path, new Date(), new Date());
    expect((await source.read(all)).times).toHaveLength(60_003);
  });

  it("is read anew when another one is in its place, larger or smaller", async () => {
    writeFileSync(path, `${HEADER}\n${rows(3)}`);
    const source = open();
    expect((await source.read(all)).times).toHaveLength(3);
    writeFileSync(
      path,
      `created_at,entry_id,field1\n${date(START)},1,-5\n${date(START + 1_000)},2,-6\n${"\n".repeat(200)}`,
    );
    expect([...(await source.read(all)).values]).toEqual([-5, -6]);
    writeFileSync(path, `created_at,entry_id,field1\n${date(START)},1,7\n`);
    expect([...(await source.read(all)).values]).toEqual([7]);
  });

  it("may have entries in any order, twice, with quoted line breaks, a byte order mark and no last line end", async () => {
    const odd = Array.from(
      { length: 40_000 },
      (_, i) => `${date(START + (39_999 - i) * 15_000)},${40_000 - i},${i},1,"a\n""b"""\r\n`,
    );
    writeFileSync(path, `\uFEFF\r\n${HEADER}\r\n${odd.join("")}${odd[5]}${odd[6]!.trimEnd()}`);
    const { times, values } = await open().read(all);
    expect(times).toHaveLength(40_000);
    expect(times).toEqual(times.toSorted());
    expect([values[0], values.at(-1)]).toEqual([39_999, 0]);
  });

  it.each([
    [
      "a row far down",
      `${HEADER}\n${rows(50_000)}2026-11-20 00:00:00 UTC,9,1,2\n`,
      /^feed\.csv: line 50002: 4 cells where/,
    ],
    [
      "a renamed column",
      "created_at,entry_id,temperatura\n",
      /^feed\.csv: nobody has said yet .*temperatura.*\/columns/,
    ],
    ["a page", "<!DOCTYPE html><title>Sign in</title>", /^feed\.csv: line 1: an HTML or XML page/],
    ["nothing", "", /^feed\.csv: the answer is empty/],
    ["a line without end", `${HEADER}\n"${"x".repeat(2_000_000)}`, /^feed\.csv: line 2 is longer than 1 MB/],
  ])("says for an admin what is wrong: %s", async (_, content, message) => {
    writeFileSync(path, content);
    const source = open();
    await expect(source.read(all)).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(message),
    });
    parsed = 0;
    await expect(source.channel()).rejects.toMatchObject({ name: "ConfigError" });
    expect(parsed).toBe(0);
    writeFileSync(path, `${HEADER}\n${rows(1)}`);
    expect((await source.read(all)).times).toHaveLength(1);
  });

  it("says that it is not there, and that it holds more than one picture can use", async () => {
    const source = open();
    await expect(source.latest()).rejects.toThrow("feed.csv: cannot be read (ENOENT). An admin must mend FEED_FILE.");
    await expect(
      createFileSource({ path: folder, now: () => now, parse: async () => parseFeed("") }).latest(),
    ).rejects.toThrow("cannot be read (EISDIR)");
    writeFileSync(path, `${HEADER}\n${Array.from({ length: 200_001 }, (_, i) => row(i, 1_000)).join("")}`);
    await expect(source.read(all)).rejects.toMatchObject({ name: "UpstreamError", reason: "tooMany" });
  });

  it("takes what people's files hold: fractions of seconds, texts over several lines, one field in each row, stray quotes", async () => {
    const at = (i: number): string => `${new Date(START + i * 500).toISOString()},${i + 1}`;
    // Over a megabyte, so that it is cut into pieces.
    const lines = Array.from({ length: 30_000 }, (_, i) =>
      i % 2 === 0 ? `${at(i)},${i},,"two\nlines, ""quoted"""\n` : `${at(i)},,${i},5" pipe\n`,
    );
    writeFileSync(path, `${HEADER}\n${lines.join("")}`);
    const first = await open().read(all);
    expect(first.times).toHaveLength(30_000);
    expect(first.times.slice(0, 3)).toEqual(Float64Array.of(START, START + 500, START + 1_000));
    expect(first.values.slice(0, 4)).toEqual(Float64Array.of(0, Number.NaN, 2, Number.NaN));
    expect((await open().latest()).map(({ field, ...rest }) => [field, "value" in rest && rest.value])).toEqual([
      [1, "29998"],
      [2, "29999"],
    ]);
  });

  it("names what it cannot read, and who is to mend it", async () => {
    writeFileSync(path, `${HEADER.replaceAll(",", ";")}\n`);
    await expect(open().read(all)).rejects.toThrow(/feed\.csv: line 1: .*saved by Excel with semicolons\?.*FEED_FILE/);
    writeFileSync(path, `\uFEFF${HEADER}\n${rows(2)}`, "utf16le");
    await expect(open().read(all)).rejects.toThrow(/feed\.csv: line 1: it is UTF-16 text; save it as CSV in UTF-8/);
  });

  it("may have names of its own, once somebody has said what its columns hold", async () => {
    writeFileSync(path, 'No,Zeit,"Kühler, oben (°C)",n\n1,22.11.2026 14:03:07,20.5,900\n2,22.11.2026 14:04,x,901\n');
    await expect(open().latest()).rejects.toThrow(
      "feed.csv: nobody has said yet which column is the time and what the others hold (No, Zeit, Kühler, oben (°C), n). " +
        "An admin says it with /columns, or under “file” in the plants file.",
    );
    const own = { time: "zeit", fields: ["n", "Kühler, oben (°C)"], zone: "Europe/Helsinki" };
    expect(await open(own).channel()).toMatchObject({
      createdAt: Date.UTC(2026, 10, 22, 12, 3, 7),
      fields: [
        { number: 1, label: "n" },
        { number: 2, label: "Kühler, oben (°C)" },
      ],
    });
    const { times, values } = await open(own).read({ ...all, field: 2 });
    expect([...times]).toEqual([Date.UTC(2026, 10, 22, 12, 3, 7), Date.UTC(2026, 10, 22, 12, 4)]);
    expect([...values]).toEqual([20.5, Number.NaN]);
    await expect(open({ ...own, fields: ["rpm"] }).latest()).rejects.toThrow(/line 1: no column rpm \(found: no, zeit/);
    writeFileSync(path, "Zeit,n\n2026-03-29 03:30:00,1\n");
    await expect(open({ ...own, fields: ["n"] }).latest()).rejects.toThrow(
      'line 2: zeit is not a time that clocks in Europe/Helsinki show: "2026-03-29 03:30:00"',
    );
    writeFileSync(path, 'No,Zeit,"Kühler, oben (°C)",n\n1,22.11.2026 14:03:07,20.5,900\n');
    await expect(open({ ...own, zone: null }).latest()).rejects.toThrow(
      /line 2: zeit is not a date with a zone: "22\./,
    );
  });

  it("is read anew when somebody says something else of its columns", async () => {
    writeFileSync(path, "t,a,b\n1795000000,1,2\n1795000060,3,4\n");
    let own: OwnColumns = { time: "t", fields: ["a"], zone: null };
    const source = createFileSource({
      path,
      columns: () => own,
      now: () => now,
      parse: async (csv, linesBefore, columns) => parseFeed(csv, linesBefore, columns),
    });
    expect([...(await source.read(all)).values]).toEqual([1, 3]);
    own = { ...own, fields: ["b"] };
    expect([...(await source.read(all)).values]).toEqual([2, 4]);
  });
});
