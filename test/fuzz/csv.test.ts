import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UpstreamError } from "../../src/lib/errors.ts";
import type { FeedPage } from "../../src/thingspeak/feed-page.ts";
import { parseFeed } from "../../src/thingspeak/feed.ts";
import { bytesOf, check, expectCleanPrototypes, inTime, repeated, text } from "./cases.ts";

const HEADER = "created_at,entry_id,field1,field2";
const cell = fc.oneof(
  fc.constantFrom("1", "-1.5", '"3,5"', "nan", "inf", "", "()", "1e999", '"', '"a""b"', '"a\nb"', "<html>", "2021-07-27 12:04:13 UTC", "-1"),
  text,
); // prettier-ignore
const row = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(4e6), cell, cell)
      .map(([id, ...cells]) => `2021-07-27T12:04:13Z,${id},${cells.join(",")}`),
  },
  fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(",")),
  text,
);
const header = fc.oneof(
  { weight: 4, arbitrary: fc.constant(HEADER) },
  fc.constantFrom(
    "created_at,entry_id",
    "\uFEFFCreated_At,Entry_Id,FIELD8",
    "created_at,entry_id,field1,field1",
    "__proto__,constructor",
    "-1",
  ),
  text,
);
const feed = fc
  .record({ header, rows: fc.array(row, { maxLength: 12 }), lineEnd: fc.constantFrom("\n", "\r\n", "\r") })
  .map(({ header, rows, lineEnd }) => [header, ...rows].join(lineEnd));

/** The columns; `null` if it was refused in the one way that there is. */
function read(csv: string | Uint8Array): FeedPage | null {
  try {
    return inTime(() => parseFeed(csv));
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    expect(["malformed", "forbidden"]).toContain(error.reason);
    // It reaches the log and, as a sentence, a person.
    expect(error.message.length).toBeLessThan(400);
    return null;
  }
}

describe("whatever ThingSpeak answers", () => {
  it("is columns of one length, or is refused in one short line", () => {
    check(fc.oneof(feed, bytesOf(feed)), (csv) => {
      const page = read(csv);
      if (page === null) return;
      const { times, entryIds, fields } = page;
      expect(entryIds.length).toBe(times.length);
      expect(Object.keys(fields).filter((name) => !/^[1-8]$/.test(name))).toEqual([]);
      for (const column of Object.values(fields)) {
        expect(column.length).toBe(times.length);
        expect(column.filter((value) => !Number.isNaN(value) && !Number.isFinite(value))).toHaveLength(0);
      }
      expect(times.filter((at) => !Number.isSafeInteger(at))).toHaveLength(0);
      expect(entryIds.filter((id) => !Number.isSafeInteger(id) || id < 0)).toHaveLength(0);
      expect(times.length).toBeLessThanOrEqual(csv.length);
    });
    expectCleanPrototypes();
  });

  it("of 64 KiB of one pattern is read in the time that its length needs", () => {
    const withHeader = repeated(65_536).map((long) => `${HEADER}\n2021-07-27T12:04:13Z,1,${long}`);
    check(fc.oneof(repeated(65_536), withHeader), (csv) => void read(csv));
  });
});
