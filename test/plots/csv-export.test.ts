import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import * as fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { cell, csvChunks, leftOut, toDocument } from "../../src/plots/csv-export.ts";
import type { PlotLine } from "../../src/plots/chart-request.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";

const AT = Date.UTC(2026, 10, 23, 12);

function lineOf(
  label: string,
  unit: string | null,
  entries: readonly (readonly [number, number])[],
  number = 1,
): PlotLine {
  return {
    measurement: { number, label, unit, decimals: null, limits: [] },
    series: {
      times: Float64Array.from(entries, ([second]) => AT + second * 1_000),
      values: Float64Array.from(entries, ([, value]) => value),
    },
  };
}
const textOf = (...lines: PlotLine[]): string => [...csvChunks(lines)].join("");
const many = (rows: number): PlotLine =>
  lineOf(
    "Coil",
    "°C",
    Array.from({ length: rows }, (_, i) => [i, 60 + Math.sin(i / 1e3)] as const),
  );

describe("csvChunks", () => {
  it("writes beside the mean of a minute its lowest, highest and count, and says what they are", () => {
    const coil = lineOf("Coil", "°C", [
      [0, 20.5],
      [60, 30],
    ]);
    const lows = Float64Array.of(19, 30);
    const spread = { lows, highs: Float64Array.of(95, 30), counts: Float64Array.of(60, 1) };
    expect(textOf({ ...coil, series: { ...coil.series, spread } }, lineOf("Speed", null, [[60, 3_000]], 2))).toBe(
      [
        'created_at,field1: Coil (°C),"Coil (°C), lowest of the minute","Coil (°C), highest of the minute","Coil (°C), entries in the minute",field2: Speed',
        "2026-11-23T12:00:00Z,20.5,19,95,60,",
        "2026-11-23T12:01:00Z,30,,,,3000",
        "",
      ].join("\n"),
    );
  });

  it("writes one row an instant, blank where a field has none", () => {
    const coil = lineOf("Coil temperature", "°C", [
      [0, 60.5],
      [15, Number.NaN],
      [30, -1e-7],
    ]);
    const speed = lineOf(
      "Speed",
      null,
      [
        [15, 3_000],
        [30, 3_001],
        [45, 3_002],
      ],
      2,
    );
    expect(textOf(coil, speed)).toBe(
      [
        "created_at,field1: Coil temperature (°C),field2: Speed",
        "2026-11-23T12:00:00Z,60.5,",
        "2026-11-23T12:00:15Z,,3000",
        "2026-11-23T12:00:30Z,-1e-7,3001",
        "2026-11-23T12:00:45Z,,3002",
        "",
      ].join("\n"),
    );
  });

  it("has a header also without entries", () => {
    expect(textOf(lineOf("Coil", null, []))).toBe("created_at,field1: Coil\n");
  });

  it("comes back as it went, whatever was measured and when", () => {
    const entries = fc
      .uniqueArray(fc.tuple(fc.nat(50), fc.double({ noNaN: true, noDefaultInfinity: true })), {
        selector: ([at]) => at,
      })
      .map((all) => all.toSorted(([a], [b]) => a - b));
    fc.assert(
      fc.property(fc.array(entries, { minLength: 1, maxLength: 4 }), (fields) => {
        const [, ...rows] = Papa.parse<string[]>(
          textOf(...fields.map((some) => lineOf("x", null, some))).trimEnd(),
        ).data;
        const instants = new Set(fields.flat().map(([second]) => second));
        expect(rows.map(([at]) => (Date.parse(at ?? "") - AT) / 1_000)).toEqual([...instants].sort((a, b) => a - b));
        const back = fields.map((_, i) =>
          rows.flatMap((row) => (row[i + 1] === "" ? [] : [[(Date.parse(row[0]!) - AT) / 1_000, Number(row[i + 1])]])),
        );
        // A zero that is negative is a zero.
        expect(back).toEqual(fields.map((some) => some.map(([second, value]) => [second, value + 0])));
      }),
    );
  });
});

describe("an export", () => {
  it("is read back as FEED_FILE as it went, wherever a piece of it begins", () => {
    const entries = fc.uniqueArray(fc.tuple(fc.nat(50), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      selector: ([at]) => at,
    });
    const label = fc.constantFrom("Coil", "Coil, upper", 'a "b"', "=1+1", "field2: x");
    fc.assert(
      fc.property(entries, entries, label, (one, other, name) => {
        const inOrder = [one, other].map((some) => some.toSorted(([a], [b]) => a - b));
        const page = parseFeed(textOf(lineOf(name, "°C", inOrder[0]!, 3), lineOf("Speed", null, inOrder[1]!, 8)), 100);
        const back = [3, 8].map((field) =>
          [...page.times].flatMap((at, i) => {
            const value = page.fields[field]![i]!;
            return Number.isNaN(value) ? [] : [[(at - AT) / 1_000, value]];
          }),
        );
        expect(back).toEqual(inOrder.map((some) => some.map(([second, value]) => [second, value + 0])));
        expect(new Set(page.entryIds).size).toBe(page.times.length);
      }),
    );
  });

  it("of devices' members is read back, too: each as the lowest field that no other is", () => {
    const [speed, cooling, power] = [
      lineOf("Speed", null, [[0, 1]], 2),
      lineOf("AMB cooling", "%", [[0, 2]], 101),
      lineOf("field2: power", "W", [[0, 3]], 117),
    ];
    const text = textOf(cooling, speed, power);
    expect(text.split("\n")[0]).toBe("created_at,field1: AMB cooling (%),field2: Speed,field3: field2: power (W)");
    expect(parseFeed(new TextEncoder().encode(text), 0).fields).toEqual({
      1: Float64Array.of(2),
      2: Float64Array.of(1),
      3: Float64Array.of(3),
    });
  });

  it("says what it leaves out", () => {
    const coil = lineOf("Coil", "°C", [
      [0, 60.5],
      [15, Number.NaN],
    ]);
    expect(leftOut(coil)).toEqual(["Coil: 1 of 2 entries hold no number (text, or nothing); their cells are empty."]);
    expect(leftOut(lineOf("Coil", null, [[0, 1]]))).toEqual([]);
  });
});

describe("cell", () => {
  it.each([
    ["Coil", "Coil"],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t'=1"],
    [" =1", "' =1"],
    ["\tname", "'\tname"],
    ["\r=1", "\"'\r'=1\""],
    ['=HYPERLINK("http://x";"y")', '"\'=HYPERLINK(""http://x"";""y"")"'],
    ["a, b", '"a, b"'],
    ["a\nb", '"a\nb"'],
    // Behind what separates cells in other countries and programs.
    ["hot;=cmd|' /C calc'!A0", "hot;'=cmd|' /C calc'!A0"],
    ["hot; +1;-1", "hot;' +1;'-1"],
    ["hot\t@SUM(A1)", "hot\t'@SUM(A1)"],
    ["hot\n=1\r\n-2", `"hot\n'=1\r\n'-2"`],
    ['hot;"=1"', `"hot;'""=1"""`],
    // As keyboards of East Asia write them.
    ["＝1+1", "'＝1+1"],
    ["＋1;－1", "'＋1;'－1"],
    ["＠SUM(A1)", "'＠SUM(A1)"],
    ["−1", "'−1"],
    ["Coil; speed 3 - 4", "Coil; speed 3 - 4"],
  ])("writes %j as %j", (text, expected) => {
    expect(cell(text)).toBe(expected);
  });

  it("takes time in proportion to its length", () => {
    const beganAt = process.cpuUsage().user;
    for (const pattern of [" ", ";", '"', "\t", "= ", ' "']) cell(pattern.repeat(50_000 / pattern.length));
    expect(process.cpuUsage().user - beganAt).toBeLessThan(400_000);
  });
});

describe("toDocument", () => {
  it("leaves what is small as it is", async () => {
    const { name, bytes } = await toDocument(csvChunks([many(3)]), "coil");
    expect(name).toBe("coil.csv");
    expect(new TextDecoder().decode(bytes)).toBe(textOf(many(3)));
  });

  it("zips what is large, and what is in it is the same", async () => {
    const { name, bytes } = await toDocument(csvChunks([many(20_000)]), "coil", 100_000);
    expect(name).toBe("coil.zip");
    const files = unzipSync(bytes);
    expect(Object.keys(files)).toEqual(["coil.csv"]);
    expect(new TextDecoder().decode(files["coil.csv"])).toBe(textOf(many(20_000)));
  });

  it("zips 600,000 rows and leaves others their turn", async () => {
    const line = many(600_000);
    let turns = 0;
    const takeTurns = (): void => {
      turns += 1;
      if (turns < 100_000) setImmediate(takeTurns);
    };
    takeTurns();
    const { name, bytes } = await toDocument(csvChunks([line]), "coil");
    // One while each part is written, and one while it is packed.
    const parts = 600_000 / 2_000;
    expect(turns).toBeGreaterThan(2 * parts);
    turns = 100_000;
    expect(name).toBe("coil.zip");
    expect(bytes.length).toBeLessThan(20_000_000);
  }, 30_000);
});

describe("docs/csv.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/csv.md"), "utf8");
  /** The columns that the table of a section names. */
  const columnsIn = (heading: string): readonly string[] => {
    const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
    return [...section.matchAll(/^\| `([^`]+)`(?: … `(field8)`)? \|/gm)].flatMap(([, one = "", last]) =>
      last === undefined ? [one] : [one, last],
    );
  };

  it("names the columns that an export has, in their order", () => {
    const coil = lineOf("Coil temperature", "°C", [[0, 20.5]]);
    const one = Float64Array.of(1);
    const minutes = { ...coil, series: { ...coil.series, spread: { lows: one, highs: one, counts: one } } };
    const [header = []] = Papa.parse<string[]>(textOf(minutes)).data;
    expect(columnsIn("What `/export` writes")).toEqual(header);
  });

  it("names the columns that are read", () => {
    const columns = columnsIn("What Valvomo reads");
    expect(columns).toEqual(["created_at", "entry_id", "field1", "field8"]);
    const [time = ""] = /`(\d{4}-[^`]+)`/.exec(page)?.slice(1) ?? [];
    expect(parseFeed(`${columns.join(",")},status\n${time},1,20.5,,calm\n`).fields[1]?.[0]).toBe(20.5);
    const forms = [...page.matchAll(/`(\d{4}-\d\d-\d\d[ T][^`]+)`/g)].map(([, form]) => form);
    expect(forms).not.toEqual([]);
    const read = forms.map((form) => [...parseFeed(`created_at,entry_id,field1\n${form},1,2\n`).times]);
    expect(read).toEqual(forms.map(() => [Date.UTC(2026, 10, 22, 14, 3, 7)]));
  });
});
