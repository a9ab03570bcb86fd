import { describe, expect, it } from "vitest";
import { acknowledge, shelve } from "../../../src/alarms/lifecycle/handling.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { OWN_TOPIC } from "../../../src/alarms/payloads/own.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { handoverView } from "../../../src/telegram/duty/handover-view.ts";
import { gapsOf } from "../../../src/duty/turn.ts";
import { dutyView, spanWords } from "../../../src/telegram/duty/duty-views.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600_000;
const moment = { timeZone: "UTC", now: NOW + HOUR };
const ANNA = { userId: 1, name: "Anna", chatId: 1 };
const raised = (id: number, message: string): Alarm => ({
  ...advance(null, eventOf({ id: `${id}`, message, severity: "error", state: "active" }, { at: NOW }), id, RULES),
  id,
});
const NOTHING = { since: NOW, notes: [], open: [], total: 0, gone: [] };

describe("what whoever comes on duty is told", () => {
  it("is what is open and who has it, what is shelved, silent and gone, and what people wrote", () => {
    const open = [
      acknowledge(raised(1, "Coil hot"), ANNA, NOW),
      raised(2, "Pump leaks"),
      shelve(raised(3, "Fan loud"), ANNA, NOW, { untilAt: NOW + 2 * HOUR, reason: "bearing ordered" }),
      { ...raised(4, "Nothing comes from the pump"), topic: OWN_TOPIC },
    ];
    const gone = [raised(5, "Door open")];
    const notes = [{ userId: 1, by: "Anna", text: "Pump 3 is noisy", at: NOW }];
    const text = toPlain(handoverView({ since: NOW, notes, open, total: 4, gone }, moment, "anna → ben"));
    expect(text).toMatch(/^🔁 Handover · anna → ben\n.*4 open\./);
    expect(text).toMatch(/Notes\nAnna · .*: Pump 3 is noisy\nOpen\nerror \/alarm_1 Coil hot .*👤 Anna/);
    expect(text).toMatch(
      /alarm_2 Pump leaks .*not acknowledged\n🗄 Shelved\n\/alarm_3 Fan loud .*by Anna until .*: bearing ordered/,
    );
    expect(text).toMatch(/Silent.*\nerror \/alarm_4 Nothing comes.*\nCame and went\n✅ \/alarm_5 Door open/);
    expect(toPlain(handoverView(NOTHING, moment))).toContain("Nothing is open.");
  });

  it("has the zone once, no date that the shift makes plain, and no machine twice", () => {
    const day = 24 * HOUR;
    const leak = { ...raised(2, "Pump 3: leaks"), source: "Pump 3", startedAt: NOW - 3 * day };
    const loud = shelve(raised(3, "Fan loud"), ANNA, NOW, { untilAt: NOW + day, reason: null });
    const notes = [{ userId: 1, by: "Anna", text: "Noisy", at: NOW }];
    const view = handoverView({ since: NOW - 7 * HOUR, notes, open: [leak, loud], total: 2, gone: [] }, moment);
    expect(toPlain(view).split("\n").slice(1)).toEqual([
      "Since 17:00 UTC. 2 open. A reply to this is a note for whoever comes next.",
      "💬 Notes",
      "Anna · 00:00: Noisy",
      "Open",
      "error /alarm_2 leaks · Pump 3 · since 11-20 00:00 · not acknowledged",
      "🗄 Shelved",
      "/alarm_3 Fan loud · AMBsystem · by Anna until 11-24 00:00",
    ]);
  });

  it("is one message of Telegram's, however much there is: the last line that fits is there, and what does not is counted", () => {
    const noteOf = (length: number) => ({ userId: 1, by: "A", text: "x".repeat(length), at: NOW });
    const withNotes = (...lengths: readonly number[]) =>
      handoverView({ ...NOTHING, notes: lengths.map(noteOf) }, moment).html;
    // As long as it can be with one more line, and by one sign too long.
    const rest = 4_096 - 20 - withNotes(1_000, 1_000, 1_000, 1).length;
    const fits = withNotes(1_000, 1_000, 1_000, 1 + rest);
    expect(fits).not.toContain("more");
    expect(fits.length).toBe(4_096 - 20);
    const over = withNotes(1_000, 1_000, 1_000, 2 + rest);
    expect(over).toContain("+1 more");
    expect(over.length).toBeLessThanOrEqual(4_096);
    const many = Array.from({ length: 200 }, (_, i) => raised(i + 1, `Alarm ${i} ${"<&>".repeat(30)}`));
    const long = handoverView({ ...NOTHING, open: many, total: 900 }, moment).html;
    expect(long.length).toBeLessThanOrEqual(4_096);
    expect(long).toMatch(/\+8\d\d more$/);
  });

  it("has alarms beside long notes, and the newest notes beside many alarms; what does not fit is counted", () => {
    const open = Array.from({ length: 60 }, (_, i) => raised(i + 1, `Alarm ${i} of the cooling water`));
    const noteOf = (text: string) => ({ userId: 1, by: "A", text, at: NOW });
    const many = Array.from({ length: 50 }, (_, i) => noteOf(`note ${i} ${"&".repeat(100)}`));
    for (const notes of [[noteOf("x".repeat(4_090))], [noteOf("&".repeat(4_090))], many]) {
      const view = handoverView({ ...NOTHING, notes, open, total: 100 }, moment);
      const text = toPlain(view);
      expect(view.html.length).toBeLessThanOrEqual(4_096);
      expect(text).toContain("/alarm_15 ");
      const shown = (text.match(/^A · /gm) ?? []).length + (text.match(/^error /gm) ?? []).length;
      expect(text.split("\n").at(-1)).toBe(`+${notes.length + 100 - shown} more`);
    }
    expect(toPlain(handoverView({ ...NOTHING, notes: many, open, total: 100 }, moment))).toContain("note 49 ");
    // Notes alone have all of it.
    const alone = toPlain(
      handoverView({ ...NOTHING, notes: many.map(({ text }) => noteOf(text.slice(0, 60))) }, moment),
    );
    expect(alone.match(/^A · /gm)?.length).toBeGreaterThan(12);
  });
});

describe("/duty", () => {
  const person = (name: string) => ({ chatId: name.length, threadId: null, name });
  const monday = Date.UTC(2026, 10, 2);

  it("names who is on duty, until when, who is next, and when nobody is", () => {
    const turns = [
      { startAt: monday, endAt: monday + 14 * HOUR, who: person("anna") },
      { startAt: monday + 14 * HOUR, endAt: monday + 22 * HOUR, who: person("ben") },
      { startAt: monday + 30 * HOUR, endAt: monday + 38 * HOUR, who: person("anna") },
    ];
    const gaps = gapsOf(turns, monday, monday + 38 * HOUR).map((gap) => ({ ...gap, removed: null }));
    const duty = { turns: () => turns, gaps: () => gaps };
    const text = toPlain(dutyView(duty, { timeZone: "UTC", now: monday + 12 * HOUR }));
    expect(text.split("\n")).toEqual([
      "👷 On duty: anna until Mon 11-02 14:00, for 2 h",
      "Next (UTC)",
      "Mon 11-02 14:00 to 22:00: ben",
      "Mon 11-02 22:00 to Tue 11-03 06:00: nobody",
      "Tue 11-03 06:00 to 14:00: anna",
    ]);
    expect(toPlain(dutyView({ turns: () => [], gaps: () => [] }, moment))).toContain("Nobody is on duty.");
  });

  it("tells times by the clock of the chat", () => {
    expect(spanWords({ startAt: monday + 21 * HOUR, endAt: monday + 22 * HOUR }, "Europe/Helsinki")).toBe(
      "Mon 11-02 23:00 to Tue 11-03 00:00",
    );
  });
});
