import { describe, expect, it } from "vitest";
import { QualityMeasure } from "../../../src/quality/measure.ts";
import { QUALITY_PAGES, qualityPage, type QualityPage } from "../../../src/telegram/quality/pages.ts";
import { MAX_CAPTION, toPlain } from "../../../src/telegram/api/render.ts";

const HOUR = 3_600_000;
const SPAN = { startAt: 0, endAt: 30 * 24 * HOUR };

/** So many alarms with long names, each at another hour, critical and for two days. */
function qualityOf(count: number) {
  const alarms = Array.from({ length: count }, (_, id) => ({
    id,
    name: `${"<&".repeat(25)} ${id}`,
    severity: "critical" as const,
    isDrill: false,
    activeSince: null,
    endedAt: null,
    hasTakenSecondPath: false,
  }));
  const measure = new QualityMeasure({ ...SPAN, timeZone: "UTC", shiftStarts: [0], returnAfterMs: HOUR, alarms });
  for (const { id } of alarms) {
    measure.event(id, id * HOUR, 3, "active");
    measure.line({ kind: "ring", at: id * HOUR + 5, alarm: id, chat: -id, reason: "first" });
    measure.line({
      kind: "act",
      at: id * HOUR + 9,
      alarm: id,
      action: "shelve",
      by: "Anna",
      words: "a pump is away",
      untilAt: null,
    });
  }
  for (const { id } of alarms) measure.event(id, (id + 48) * HOUR, 3, "cleared");
  return measure.finish();
}

describe("a page on the quality of alarms", () => {
  it.each(Object.keys(QUALITY_PAGES) as QualityPage[])(
    "%s fits below a picture, however much there is to say",
    (page) => {
      for (const count of [0, 1, 10, 100]) {
        const quality = qualityOf(count);
        const said = qualityPage(page, { quality, former: quality, nameOfChat: (chat) => `group ${chat}` });
        expect(toPlain(said).length).toBeLessThanOrEqual(MAX_CAPTION);
        expect(said.html.length).toBeLessThanOrEqual(MAX_CAPTION + 20);
      }
    },
  );

  it("says that nobody acknowledged, and that nothing is over, and not after how long", () => {
    const [first] = qualityOf(1).response;
    const none = { p50: null, p95: null, p99: null };
    const response = [{ ...first!, toAcknowledge: none, toClear: none }];
    const said = toPlain(
      qualityPage("response", { quality: { ...qualityOf(1), response }, former: null, nameOfChat: String }),
    );
    expect(said).toContain("none acknowledged, none over since");
  });

  it("says of a rate that hardly is one no more than that", () => {
    const said = toPlain(qualityPage("load", { quality: qualityOf(1), former: null, nameOfChat: String }));
    expect(said).toContain("ten minutes < 0.01, at most 1");
  });

  it("lists what was shelved, however long the reason is that somebody gave", () => {
    const quality = qualityOf(3);
    const why = 'the pump\nis "away" & '.repeat(50);
    const shelved = quality.shelved.map((one, i) => ({ ...one, name: `pump ${i}`, why }));
    const said = toPlain(
      qualityPage("shelved", { quality: { ...quality, shelved }, former: null, nameOfChat: String }),
    );
    expect(said.match(/^· .* pump \d, by Anna, .*: the pump is "away" & the pump/gm)).toHaveLength(3);
  });

  it("defines each figure that the verdict names", () => {
    const quality = qualityOf(3);
    const context = { quality, former: null, nameOfChat: String };
    const names = toPlain(qualityPage("verdict", context)).matchAll(/^🔴 (.*?):/gm);
    const definitions = toPlain(qualityPage("definitions", context));
    const missing = [...names].filter(([, name = ""]) => !definitions.includes(name));
    expect(missing).toEqual([]);
    expect(definitions).not.toMatch(/\+\d+ more/);
  });
});
