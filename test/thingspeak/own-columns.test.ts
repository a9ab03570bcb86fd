import { describe, expect, it } from "vitest";
import { timesIn } from "../../src/thingspeak/own-columns.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";

const HELSINKI = "Europe/Helsinki";
const read = (texts: readonly string[], zone: string | null = HELSINKI): readonly (string | null)[] => {
  const time = timesIn(zone);
  return texts.map(time).map((at) => (Number.isNaN(at) ? null : new Date(at).toISOString()));
};

describe("times of a file of one's own", () => {
  it.each([
    ["2026-11-22 14:03:07", "2026-11-22T12:03:07.000Z"],
    ["2026-07-22T14:03", "2026-07-22T11:03:00.000Z"],
    ["22.11.2026 14:03:07", "2026-11-22T12:03:07.000Z"],
    ["2.7.2026, 9:03", "2026-07-02T06:03:00.000Z"],
    ["2026-11-22 14:03:07.25", "2026-11-22T12:03:07.250Z"],
    ["2026-11-22 14:03:07 UTC", "2026-11-22T14:03:07.000Z"],
    ["2026-11-22T14:03:07+01:00", "2026-11-22T13:03:07.000Z"],
    ["1795356187", "2026-11-22T14:03:07.000Z"],
    ["1795356187.5", "2026-11-22T14:03:07.500Z"],
    ["1795356187000", "2026-11-22T14:03:07.000Z"],
    ["11/22/2026 14:03", null],
    ["30.02.2026 14:03", null],
    ["2026-03-29 03:30:00", null],
    ["14:03:07", null],
    ["", null],
  ])("%j is %s", (text, at) => expect(read([text])).toEqual([at]));

  it("need a zone where they name none", () => expect(read(["2026-11-22 14:03:07"], null)).toEqual([null]));

  it("go on through the hour that the clock shows twice", () => {
    const texts = ["02:30", "03:10", "03:50", "03:10", "03:50", "04:10"].map((clock) => `25.10.2026 ${clock}`);
    const at = (clock: string) => `2026-10-${clock}:00.000Z`;
    expect(read(texts)).toEqual(["24T23:30", "25T00:10", "25T00:50", "25T01:10", "25T01:50", "25T02:10"].map(at));
  });

  it("are the same whether the rows are read from bytes or as text", () => {
    const own = { time: "t", fields: ["v"], zone: HELSINKI };
    const rows = ["03:10:00", "03:50:00", "03:10:30", "04:00:00"].map((clock, i) => `2026-10-25 ${clock},${i}`);
    const csv = `t,v\n${rows.join("\n")}\n`;
    expect(parseFeed(new TextEncoder().encode(csv), 0, own)).toEqual(parseFeed(csv, 0, own));
  });
});
