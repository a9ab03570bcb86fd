import type { Context } from "grammy";
import { expect, it } from "vitest";
import { measurementOf } from "../../../src/measurements/measurement.ts";
import { viewOf } from "../../../src/plots/view.ts";
import { endsLive, plotButtons, PLOT_PRESS, type PlotMenu } from "../../../src/telegram/plots/plot-view.ts";

const NOW = Date.parse("2026-11-23T13:00:00Z");
const FIELDS = [1, 2, 3, 4, 5].map((number) => measurementOf({ number, label: `Field ${number}` }, []));

/** What the button of a field leads to. */
function switchOf(label: string, shown: readonly number[]): string {
  const view = viewOf(shown, { startAt: NOW - 3_600_000, endAt: NOW, goesOn: "whole" });
  const button = plotButtons(view, FIELDS, { now: NOW, timeZone: "UTC", isLive: false, menu: "fields" })
    .flat()
    .find(({ text }) => text === label);
  return button && "callback_data" in button ? button.callback_data : "";
}

const labelsOf = (options: { readonly isLive: boolean; readonly menu?: PlotMenu }, fields = FIELDS): string[][] =>
  plotButtons(viewOf([1], { startAt: NOW - 3_600_000, endAt: NOW }), fields, {
    now: NOW,
    timeZone: "UTC",
    ...options,
  }).map((row) => row.map(({ text }) => text));

it("is two rows; all else is behind them, each with a way back", () => {
  const first = ["◀", "−", "+", "▶"];
  expect(labelsOf({ isLive: false })).toEqual([first, ["Period…", "Fields…", "More…"]]);
  expect(labelsOf({ isLive: false }, FIELDS.slice(0, 1))).toEqual([first, ["Period…", "More…"]]);
  expect(labelsOf({ isLive: true })).toEqual([first, ["Period…", "Fields…", "⏹ Live", "More…"]]);
  expect(labelsOf({ isLive: false, menu: "period" })).toEqual([["1 h", "24 h", "7 d", "30 d"], ["‹ Back"]]);
  expect(labelsOf({ isLive: false, menu: "more" })).toEqual([
    ["Compare", "Limits", "🌙"],
    ["Live", "File"],
    ["‹ Back"],
  ]);
  expect(labelsOf({ isLive: false, menu: "fields" }).at(-1)).toEqual(["‹ Back"]);
});

it("puts as many fields in a row as a narrow phone has room for", () => {
  const rowsOf = (label: string): number[] => {
    const fields = FIELDS.map((field, i) => ({ ...field, label: `${label} ${i}` }));
    const view = viewOf([1], { startAt: NOW - 3_600_000, endAt: NOW, goesOn: "whole" });
    const rows = plotButtons(view, fields, { now: NOW, timeZone: "UTC", isLive: false, menu: "fields" });
    return rows.filter(([first]) => /^[☐☑]/u.test(first?.text ?? "")).map(({ length }) => length);
  };
  expect(rowsOf("Coil")).toEqual([3, 2]);
  expect(rowsOf("Coil temperature")).toEqual([2, 2, 1]);
});

it("a fifth field says that four are all, and leads to no other view", () => {
  expect(switchOf("☐ Field 5", [1, 2, 3, 4])).toBe(PLOT_PRESS.full);
  expect(switchOf("☐ Field 5", [1, 2, 3])).toMatch(/^v:17\./);
  expect(switchOf("☑ Field 4", [1, 2, 3, 4])).toMatch(/^v:7\./);
});

it.each([true, false])(
  "a press on Live means what its button said, also when it is handled once more: %s",
  (isLive) => {
    const view = viewOf([1], { startAt: NOW - 3_600_000, endAt: NOW });
    const inline_keyboard = plotButtons(view, FIELDS, { now: NOW, timeZone: "UTC", isLive, menu: "more" });
    const button = inline_keyboard.flat().find(({ text }) => text.endsWith("Live"));
    const data = button && "callback_data" in button ? button.callback_data : "";
    const ctx = { callbackQuery: { data, message: { reply_markup: { inline_keyboard } } } };
    expect(endsLive(ctx as Context)).toBe(isLive);
  },
);
