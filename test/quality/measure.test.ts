import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UNTIL_CLEARED } from "../../src/alarms/handling-parts.ts";
import { QualityMeasure } from "../../src/quality/measure.ts";
import { judged, TARGETS } from "../../src/quality/targets.ts";
import type { HistoryLine, KnownAlarm } from "../../src/quality/types.ts";
import { verdictOf } from "../../src/quality/verdict.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const [WARNING, ERROR, CRITICAL] = [1, 2, 3];

const known = (id: number, more: Partial<KnownAlarm> = {}): KnownAlarm => ({
  id,
  name: `alarm ${id}`,
  severity: "warning",
  isDrill: false,
  activeSince: null,
  endedAt: null,
  hasTakenSecondPath: false,
  ...more,
});
/** Ten days from the epoch, in UTC, with shifts from 06:00, 14:00 and 22:00. */
const over = (...alarms: readonly KnownAlarm[]): QualityMeasure =>
  new QualityMeasure({
    startAt: 0,
    endAt: 10 * DAY,
    timeZone: "UTC",
    shiftStarts: [360, 840, 1_320],
    returnAfterMs: 15 * MINUTE,
    alarms,
  });
const ring = (alarm: number | null, at: number, reason: "first" | "passedOn" = "first", chat = 1): HistoryLine => ({
  kind: "ring",
  at,
  alarm,
  chat,
  reason: alarm === null ? null : reason,
});
const act = (
  alarm: number,
  at: number,
  action: string,
  words: string | null = null,
  untilAt: number | null = null,
): HistoryLine => ({
  kind: "act",
  at,
  alarm,
  action,
  by: "Anna",
  words,
  untilAt,
});

describe("the quality of alarms", () => {
  it("tells how those who rang were answered, by severity and the shift in which they rang", () => {
    const measure = over(known(1), known(2));
    measure.event(1, 5 * HOUR, CRITICAL, "active");
    measure.line(ring(1, 5 * HOUR + SECOND));
    measure.line(act(1, 5 * HOUR + 3 * MINUTE + SECOND, "acknowledge"));
    measure.event(1, 5 * HOUR + 13 * MINUTE + SECOND, CRITICAL, "cleared");
    measure.event(2, 15 * HOUR, ERROR, "active");
    measure.line(ring(2, 15 * HOUR));
    measure.line(ring(2, 15 * HOUR + 10 * MINUTE, "passedOn", 2));
    expect(measure.finish()).toMatchObject({
      response: [
        // Before the first shift of a day runs the last of the day before.
        { severity: "critical", shiftStart: 1_320, rung: 1, unacknowledged: 0, toAcknowledge: { p50: 3 * MINUTE } },
        { severity: "error", shiftStart: 840, rung: 1, unacknowledged: 1, toAcknowledge: { p50: null } },
      ],
      unacknowledged: 1,
      escalated: 1,
      ringsPerChange: 1,
    });
  });

  it("tells who shelved what, why, and for how long: as its time ran out, it was taken back, it was over or got worse", () => {
    const measure = over(known(1), known(2), known(3), known(4));
    for (const alarm of [1, 2, 3, 4]) measure.event(alarm, HOUR, WARNING, "active");
    measure.line(act(1, 2 * HOUR, "shelve", "pump away"));
    measure.line(act(2, 2 * HOUR, "shelve", null, 5 * HOUR));
    measure.line(act(3, 2 * HOUR, "shelve", null, UNTIL_CLEARED));
    measure.line(act(1, 3 * HOUR, "unshelve"));
    measure.line(act(1, 4 * HOUR, "shelve"));
    // What is over stays aside for its time, and until it clears for no longer.
    for (const alarm of [2, 3]) measure.event(alarm, 4 * HOUR, WARNING, "cleared");
    measure.line(act(2, 6 * HOUR, "unshelve"));
    for (const at of [7, 8]) measure.line(act(4, at * HOUR, "shelve", null, 11 * HOUR));
    measure.line({ kind: "ring", at: 9 * HOUR, alarm: 4, chat: 1, reason: "escalated" });
    measure.line(act(4, 10 * HOUR, "shelve", null, 99 * HOUR));
    const one = { name: "alarm 1", by: "Anna", isTakenBack: false, why: null };
    expect(measure.finish().shelved).toEqual([
      { ...one, at: 2 * HOUR, untilAt: 3 * HOUR, isTakenBack: true, why: "pump away" },
      { ...one, name: "alarm 2", at: 2 * HOUR, untilAt: 5 * HOUR },
      { ...one, name: "alarm 3", at: 2 * HOUR, untilAt: 4 * HOUR },
      // By an older Valvomo, which noted no end.
      { ...one, at: 4 * HOUR, untilAt: null },
      { ...one, name: "alarm 4", at: 7 * HOUR, untilAt: 8 * HOUR },
      { ...one, name: "alarm 4", at: 8 * HOUR, untilAt: 9 * HOUR },
      { ...one, name: "alarm 4", at: 10 * HOUR, untilAt: 99 * HOUR },
    ]);
  });

  it("counts a drill once, whatever ways it took, and as no alarm", () => {
    const measure = over(known(1, { isDrill: true }), known(2, { isDrill: true }), known(3));
    for (const at of [HOUR, 2 * HOUR]) {
      measure.event(1, at, CRITICAL, "active");
      measure.event(2, at + 5, 0, "active");
      measure.event(1, at + SECOND, CRITICAL, "cleared");
    }
    measure.line({ kind: "unreached", at: HOUR, chat: 9 });
    expect(measure.finish()).toMatchObject({
      load: { total: 0 },
      delivery: { drills: 2, unreached: [{ chat: 9, count: 1 }] },
    });
  });

  it("takes what tells no end for new after its silence, and information for no alarm", () => {
    const measure = over(known(1, { endedAt: 2 * HOUR }), known(2));
    for (const at of [0, 10 * MINUTE, 26 * MINUTE]) measure.event(1, HOUR + at, WARNING, null);
    measure.event(2, 5 * HOUR, 0, null);
    measure.line(ring(2, 5 * HOUR));
    expect(measure.finish()).toMatchObject({ load: { total: 2 }, rung: [], stale: [] });
  });

  it("knows what stood before, and what was closed by hand", () => {
    const stood = known(1, { activeSince: -DAY - HOUR, endedAt: 3 * DAY });
    const closed = known(2, { endedAt: 9 * DAY });
    const measure = over(stood, closed);
    measure.event(2, DAY, WARNING, "active");
    measure.line(act(2, DAY + HOUR, "close"));
    const { stale, staleAtMost, load } = measure.finish();
    expect(stale).toEqual([{ name: "alarm 1", startAt: -DAY - HOUR, endAt: 3 * DAY }]);
    expect([staleAtMost, load.total]).toEqual([1, 1]);
  });

  it("counts a board as one ring, and says in a line how all of it stands", () => {
    const measure = over(known(1));
    for (let i = 0; i < 3_001; i++) measure.line(ring(null, i * 4 * MINUTE));
    const quality = measure.finish();
    const bad = judged(quality).filter(({ verdict }) => verdict !== "good");
    expect(bad.map(({ name, verdict }) => `${name}: ${verdict}`)).toEqual([
      "rung a day: beyond the limit",
      "rung an hour: beyond the limit",
      "rung in ten minutes: beyond the limit",
      "share of the ten most frequent: too few alarms to say",
      "medium priority: too few alarms to say",
      "high priority: too few alarms to say",
    ]);
    expect(verdictOf({ quality, former: quality })).toBe(
      "5 of 8 figures are within their targets, 5 in the period before; 3 are beyond the limit. 3 shares are not judged: too few alarms came.",
    );
  });

  it.each([
    ["high priority", 19, "too few alarms to say"],
    ["high priority", 20, "beyond the limit"],
    ["share of the ten most frequent", 199, "too few alarms to say"],
    ["share of the ten most frequent", 200, "beyond the limit"],
  ])("judges the %s where so many alarms came that the target could be met: of %i: %s", (figure, count, verdict) => {
    const measure = over(known(1));
    for (let i = 0; i < count; i++) {
      measure.event(1, i * HOUR, CRITICAL, "active");
      measure.event(1, i * HOUR + 10 * MINUTE, CRITICAL, "cleared");
    }
    expect(judged(measure.finish()).find(({ name }) => name === figure)?.verdict).toBe(verdict);
  });

  it("is held against the targets that docs/quality.md tells", () => {
    const page = readFileSync(new URL("../../docs/quality.md", import.meta.url), "utf8");
    const rows = page.split("\n").map((line) => line.split(" | ").map((part) => part.replaceAll("|", "").trim()));
    const rung = TARGETS.filter(({ name }) => name.startsWith("rung"));
    const told = (of: typeof TARGETS, by: (figure: (typeof TARGETS)[number]) => number | null) => of.map(by).join(", ");
    expect(rows).toContainEqual([
      "rung a day, an hour, in ten minutes",
      expect.any(String),
      told(rung, ({ target }) => target),
      told(rung, ({ limit }) => limit),
    ]);
    for (const { name, target, unit } of TARGETS.filter((figure) => !rung.includes(figure))) {
      expect(rows).toContainEqual([name, expect.any(String), `${target}${unit === "" ? "" : ` ${unit}`}`, ""]);
    }
  });
});
