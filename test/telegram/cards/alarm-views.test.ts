import { describe, expect, it } from "vitest";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { alarmView, historyView } from "../../../src/telegram/cards/alarm-views.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { OneAlarm } from "../../support/one-alarm.ts";
import { RULES } from "../../support/rules.ts";

const MOMENT = { timeZone: "Europe/Helsinki", now: NOW };
const CONTEXT = { ...MOMENT, next: null, orphaned: null, lateAfterMs: 60_000 };
const alarmAfter = (event: ReturnType<typeof eventOf>): Alarm => advance(null, event, 7, RULES);
const END = alarmAfter(eventOf({ id: "oil", state: "cleared" }));

describe("an alarm's history", () => {
  it("says of an end neither a severity, which its message seldom tells, nor that it came", () => {
    const events = [{ at: NOW, state: "cleared", value: null, severity: "warning" }] as const;
    const rows = toPlain(alarmView(END, { events, actions: [] }, CONTEXT)).split("\n");
    expect(rows.slice(-2)).toEqual(["Newest first · EET", "02:00:00: cleared"]);
  });

  it("says of what is in no known state that it is not known", () => {
    const alarm = alarmAfter(eventOf({ id: "oil", message: "Oil low", severity: "error", state: "latched" }));
    const events = [{ at: NOW, state: "unclear", value: 3, severity: "error" }] as const;
    const rows = toPlain(alarmView(alarm, { events, actions: [] }, CONTEXT)).split("\n");
    expect(rows.at(-1)).toBe("02:00:00: error, with a state that is not known, 3");
  });

  it("says how often it came where that is more than once", () => {
    const view = (occurrence: number): string =>
      toPlain(alarmView({ ...alarmAfter(eventOf("Hot")), occurrence }, { events: [], actions: [] }, CONTEXT));
    expect(view(2)).toContain("(came 2× in all)");
    expect(view(1)).not.toContain("in all");
  });

  it("counts how often it was reported, if it was", () => {
    const view = (reports: number): string =>
      toPlain(historyView({ total: 1, active: 0, records: [{ alarm: END, reports }] }, 24 * 3_600_000 + 3, MOMENT));
    expect(view(2)).toMatch(/^1 alarm in the last 24 h, 0 active now · EET\n[^]*reported 2×/);
    // That says nothing.
    expect(view(1)).not.toContain("reported");
    expect(view(0)).not.toContain("reported");
  });

  it("says of what its rule holds back that it is, and of what that kept from coming that it was not told", () => {
    const seconds = { ...MOMENT, now: NOW + 60_000 };
    const view = ({ kept }: OneAlarm) =>
      toPlain(alarmView(kept, { events: [], actions: [] }, { ...CONTEXT, ...seconds })).split("\n");
    const line = ({ kept }: OneAlarm) =>
      toPlain(historyView({ total: 1, active: 0, records: [{ alarm: kept, reports: 1 }] }, 24 * 3_600_000, seconds));
    const one = new OneAlarm({ delayMs: 10_000 }).say("active", 0);
    expect(view(one)[0]).toMatch(/^⏳ HELD BACK · WARNING/);
    expect(view(one).join("\n")).toContain("held back by its rule");
    expect(line(one)).toContain("held back");
    one.say("cleared", 5);
    expect(view(one).join("\n")).toContain("🤫 Not told by its rule: 1× it was over before its delay");
    expect(line(one)).toContain("not told");
    const held = new OneAlarm({ hysteresis: { by: 5 } }).say("active", 0, { value: 81, limit: 80 });
    expect(view(held.say("cleared", 5, { value: 79 })).join("\n")).toContain("⏳ Over by the plant's word since");
  });
});
