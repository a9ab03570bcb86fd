import { describe, expect, it } from "vitest";
import type { AlarmRules } from "../../../src/alarms/lifecycle/escalation-plan.ts";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { alarmLines } from "../../../src/telegram/cards/alarm-lines.ts";
import { cardButtons, copyButtons } from "../../../src/telegram/access/card-buttons.ts";
import { cardView } from "../../../src/telegram/cards/card-view.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { eventOf } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 3, 7);

const context = { timeZone: "Europe/Helsinki", now: NOW, next: null, orphaned: null, lateAfterMs: 300_000 };

const cardOf = (...payloads: (object | string)[]): string => cardBy(RULES, ...payloads);

function cardBy(rules: AlarmRules, ...payloads: (object | string)[]): string {
  const alarm = payloads.reduce<Alarm | null>(
    (before, payload, i) => advance(before, eventOf(payload, { at: NOW + i * 60_000 }), 42, rules),
    null,
  );
  if (!alarm) throw new Error("no payload");
  return withoutTimes(cardView(alarm, { ...context, now: NOW + 3_600_000 }).html);
}
/** As a client shows it that knows no times. */
const withoutTimes = (markup: string): string => markup.replace(/<\/?tg-time[^>]*>/g, "");

const hot = {
  id: "a",
  message: "Coil too hot",
  severity: "critical",
  source: "AMB 1",
  value: 82.1,
  unit: "°C",
  limit: 80,
  state: "active",
};

describe("card", () => {
  it("says severity, source, value, limit and time in the chat's zone", () => {
    expect(cardOf(hot)).toBe(
      "🔴 <b>CRITICAL</b> · AMB 1\nCoil too hot\n<b>82.1 °C</b> (limit 80 °C)\n🕒 14:03:07 EET · #42",
    );
  });
  it("has times that each reader sees by their own clock", () => {
    const alarm = advance(null, eventOf(hot, { at: NOW }), 42, RULES);
    const unix = Math.floor(NOW / 1_000);
    expect(cardView(alarm, context).html).toContain(`🕒 <tg-time unix="${unix}" format="T">14:03:07 EET</tg-time>`);
    expect(cardView(alarm, { ...context, now: NOW + 86_400_000 }).html).toContain(
      `unix="${unix}" format="dT">2026-11-22`,
    );
    expect(alarmLines(alarm, context).html).toContain(`<tg-time unix="${unix}" format="r">since 14:03:07</tg-time>`);
  });
  it("shows all digits that were sent", () => {
    expect(cardOf({ ...hot, value: 1_234_567.8, unit: null, limit: 1_000_000.25 })).toContain(
      "<b>1,234,567.8</b> (limit 1,000,000.25)",
    );
    expect(cardOf({ ...hot, value: 101_325.004, unit: "Pa", limit: null })).toContain("<b>101,325.004 Pa</b>");
  });
  it("counts repeats, with the newest value and time", () => {
    expect(cardOf(hot, { ...hot, value: 83.25 }, { ...hot, value: 84 })).toBe(
      "🔴 <b>CRITICAL</b> · AMB 1\nCoil too hot\n<b>84 °C</b> ↗ (limit 80 °C)\n🕒 14:05:07 EET · 3× since 14:03:07 EET · #42",
    );
  });
  it("says when it was cleared, and after how long", () => {
    expect(cardOf(hot, { ...hot, value: 79, state: "cleared" })).toBe(
      "✅ <b>CLEARED</b> after 1 min · was CRITICAL · AMB 1\nCoil too hot\n<b>79 °C</b> (limit 80 °C)\n👤 Not acknowledged\n🕒 14:04:07 EET · #42",
    );
  });
  it("says that it chatters, over for now or not, and that it repeats", () => {
    const times = (count: number) => Array.from({ length: count }, () => [hot, { ...hot, state: "cleared" }]).flat();
    expect(cardOf(...times(2))).not.toContain("🔁");
    expect(cardOf(...times(3))).toContain(
      "🔁 Repeating: 3 times since 14:03:07 EET. It rings again from 15:05:07 EET on, or",
    );
    const quick = { ...RULES, chatter: { count: 2, withinMs: 3_600_000 } };
    const [chatters, overForNow] = [[...times(2), hot], times(3)].map((all) => cardBy(quick, ...all));
    expect(chatters).toContain("〰️ Chatters: came 3× since 14:03:07 EET, held open until it calms down.");
    expect(overForNow).toContain(
      "〰️ Chattering, over for now: came 3× since 14:03:07 EET, held open until it calms down.",
    );
  });
  it("heads plain text with the telling part of its topic, and shows no value twice", () => {
    expect(cardOf("Coil 82.1 °C <hot> & rising")).toBe(
      "⚠️ <b>WARNING</b> · AMBsystem\nCoil 82.1 °C &lt;hot&gt; &amp; rising\n🕒 14:03:07 EET · #42",
    );
  });
  it("gives the date when it was another day", () => {
    expect(cardOf({ message: "x", timestamp: "2026-03-29T00:59:59Z" })).toContain("🕒 2026-03-29 02:59:59 EET");
    expect(cardOf({ message: "x", timestamp: "2026-03-29T01:00:00Z" })).toContain("🕒 2026-03-29 04:00:00 EEST");
  });
  it("stays far below Telegram's 4096 characters, whatever the plant sends", () => {
    const long = "<&>".repeat(20_000);
    const text = cardOf({
      message: long.slice(0, 40_000),
      source: long.slice(0, 9_000),
      unit: long.slice(0, 500),
      value: 1,
      limit: 2,
    });
    expect(text.replaceAll(/&\w+;/g, "x").length).toBeLessThan(2_000);
    expect(text).toContain("(+38500 characters)");
  });
});

describe("buttons", () => {
  const labels = (payload: object) => {
    const alarm = advance(null, eventOf(payload, { at: NOW }), 42, RULES);
    return cardButtons(alarm, { now: NOW, timeZone: "Europe/Helsinki" })
      .flat()
      .map(({ text }) => text);
  };
  it("offer to acknowledge what is open, and to ask why", () => {
    expect(labels(hot)).toEqual(["Acknowledge", "Shelve…", "Why?"]);
    expect(labels({ ...hot, field: 1 })).toEqual(["Acknowledge", "Shelve…", "Trend", "Why?"]);
    expect(labels({ ...hot, state: "cleared" })).toEqual(["Why?"]);
    expect(labels({ ...hot, severity: "info" })).toEqual(["Why?"]);
  });
  it("are red for what is critical, and give way to who has seen it, once somebody has", () => {
    const buttonsOf = (alarm: Alarm) => cardButtons(alarm, { now: NOW + 3_600_000, timeZone: "Europe/Helsinki" });
    const open = advance(null, eventOf(hot, { at: NOW }), 42, RULES);
    expect(buttonsOf(open)[0]?.[0]).toMatchObject({ text: "Acknowledge", style: "danger" });
    const mild = advance(null, eventOf({ ...hot, severity: "error" }, { at: NOW }), 42, RULES);
    expect(buttonsOf(mild)[0]?.[0]).not.toHaveProperty("style");
    const seen = { ...open, acknowledgedBy: "Boris", acknowledgedAt: NOW + 120_000 };
    expect(buttonsOf(seen)[0]).toEqual([{ text: "✓ Boris 14:05", disabled: {}, style: "success" }]);
    expect(copyButtons(open).flat()).toEqual([
      { text: "Copy #42", copy_text: { text: "#42" } },
      { text: "Copy tag", copy_text: { text: "AMB 1" } },
    ]);
    const long = { ...open, source: null, topic: "t".repeat(1_000) };
    expect(copyButtons(long).flat()[1]).toEqual({ text: "Copy topic", copy_text: { text: "t".repeat(256) } });
    const cut = { ...long, topic: `${"t".repeat(255)}😀` };
    expect(JSON.stringify(copyButtons(cut))).not.toMatch(/\\ud/);
  });
  it("stay within Telegram's 64 bytes", () => {
    const alarm = { ...advance(null, eventOf(hot), 2 ** 31, RULES), occurrence: 2 ** 31 };
    const data = cardButtons(alarm, { now: NOW, timeZone: "Europe/Helsinki" })
      .flat()
      .map((button) => ("callback_data" in button ? button.callback_data : ""));
    expect(Math.max(...data.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(64);
  });
});

describe("an alarm in a list", () => {
  it("is three lines that fit a phone, whatever its text and source are made of, so that it cannot look like another one", () => {
    const bait = "Pump ok\n\u2028🔴 /alarm_7 Reactor overheats\n     Reactor · since 03:00 · 👤 Aino";
    const alarm = advance(
      null,
      eventOf({ message: bait, source: bait, severity: "warning", state: "active" }),
      42,
      RULES,
    );
    const shown = toPlain(alarmLines(alarm, { timeZone: "UTC", now: NOW }));
    const rows = shown.split(/[\n\u2028\u2029\v\f\r\u0085]/);
    expect(rows).toHaveLength(3);
    expect(rows.map((row) => Array.from(row.trim().replaceAll("\u2060", "")).length <= 30)).toEqual([true, true, true]);
    expect(rows[0]).toMatch(/^⚠️ \/alarm_42 · /);
  });
  it("says when it came, for how long, and who has seen it", () => {
    const moment = { timeZone: "Europe/Helsinki", now: NOW + 86_400_000 };
    const over = advance(
      advance(null, eventOf(hot, { at: NOW }), 42, RULES),
      eventOf({ ...hot, state: "cleared" }, { at: NOW + 300_000 }),
      42,
      RULES,
    );
    expect(toPlain(alarmLines(over, moment))).toBe(
      "✅ /alarm_42 · AMB 1\n     Coil too hot\n     11-22 14:03, 5 min · unseen",
    );
    const seen = { ...advance(null, eventOf(hot, { at: NOW }), 42, RULES), acknowledgedBy: "Maximiliane Schmidt" };
    expect(toPlain(alarmLines(seen, { ...moment, now: NOW })).split("\n")[2]).toBe("     since 14:03:07 · 👤 Maximi…");
  });
});
