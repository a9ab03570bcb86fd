import type { Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { MAX_LINES } from "../../charts/request.ts";
import { shortLabels } from "../../measurements/label.ts";
import type { Measurement } from "../../measurements/measurement.ts";
import type { Period } from "../../queries/period.ts";
import {
  encodeView,
  moved,
  nextCompared,
  nextLimits,
  nextTheme,
  spanned,
  SPANS,
  toggled,
  viewOf,
  zoomed,
  type PlotView,
} from "../../plots/view.ts";
import { fit, html, lines, MAX_CAPTION, type Html } from "../api/render.ts";
import type { Field } from "../../measurements/source.ts";

/** How a plot looks in a chat: what is said below the picture, and the buttons to move in it. */

/**
 * Begins the data of a button that leads to another view, that sends it as files, that keeps it up to date, that asks for it as a new
 * message, and that would switch on one field too many.
 */
export const PLOT_PRESS = { go: "v", file: "vf", live: "vl", draw: "vd", full: "vn" } as const;

/** What stands below a plot: two rows, so that the picture is taller; all else is behind them, in their place. */
export const PLOT_MENUS = ["main", "period", "fields", "more"] as const;
export type PlotMenu = (typeof PLOT_MENUS)[number];
/** Begins the data of a button that shows another menu, which stands behind it, before the view. */
export const MENU_PRESS = "vm";

const MAX_LABEL = 18;
/** On a narrow phone three buttons in a row have room for so many letters each. */
const MAX_LABEL_OF_THREE = 8;
/** More are better told apart by typing. */
const MAX_CHOICES = 20;

/** A button for each of the few fields that somebody may have meant: each asks for its plot. */
export function choiceButtons(fields: readonly Field[], period: Period): InlineKeyboardButton[][] {
  return fields
    .slice(0, MAX_CHOICES)
    .map(({ number, label }) => [
      { text: `${number} ${label}`, callback_data: `${PLOT_PRESS.draw}:${encodeView(viewOf([number], period))}` },
    ]);
}

/** The button of a plot that is kept up to date, which ends that. */
const STOP_LIVE = "⏹ Live";

/** Whether a press on *Live* ends it. What the person saw counts, also when the press is handled a second time. */
export const endsLive = ({ callbackQuery }: Context): boolean =>
  (callbackQuery?.message?.reply_markup?.inline_keyboard ?? [])
    .flat()
    .some(
      (button) =>
        button.text === STOP_LIVE && "callback_data" in button && button.callback_data === callbackQuery?.data,
    );

/** A title, whose first line stands out: in bold letters, a period below it would wrap. */
export function titleView(title: string): Html {
  const [first = "", ...rest] = title.split("\n");
  return lines(html`<b>${first}</b>`, ...rest.map((line) => html`${line}`));
}

/** A plot's caption: it begins with what it shows. */
export function captionView(caption: readonly string[]): Html {
  const [title = "", ...facts] = caption;
  return fit(
    titleView(title),
    facts.map((fact) => html`${fact}`),
    facts.length,
    MAX_CAPTION,
  );
}

/** What the buttons of a view depend on besides it. */
export interface PlotMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly isLive: boolean;
  /** Left out: `main`, as after any press that leads to another view. */
  readonly menu?: PlotMenu;
}

/**
 * The buttons of a view. Each carries the view that it leads to, so that it works after any downtime.
 * @param fields those that can be switched on and off
 */
export function plotButtons(
  view: PlotView,
  fields: readonly Measurement[],
  { now, timeZone, isLive, menu = "main" }: PlotMoment,
): InlineKeyboardButton[][] {
  const live = buttonOf(isLive ? STOP_LIVE : "Live", PLOT_PRESS.live, view);
  switch (menu) {
    case "period":
      return [Object.entries(SPANS).map(([name, spanMs]) => go(name, spanned(view, spanMs))), backTo(view)];
    case "fields":
      return [...switchesOf(view, fields), backTo(view)];
    case "more":
      return [
        [
          go(view.compared === "none" ? "Compare" : `vs ${view.compared}`, nextCompared(view)),
          go(view.limits === "near" ? "Limits" : `Limits: ${view.limits}`, nextLimits(view)),
          go(view.theme === "light" ? "🌙" : "☀️", nextTheme(view)),
        ],
        [live, buttonOf("File", PLOT_PRESS.file, view)],
        backTo(view),
      ];
    case "main":
      return [
        // What ends now has nothing ahead: the press draws it anew.
        [
          go("◀", moved(view, -1, now, timeZone)),
          go("−", zoomed(view, 2, now)),
          go("+", zoomed(view, 0.5, now)),
          go("▶", moved(view, 1, now, timeZone)),
        ],
        [
          menuButton("Period…", "period", view),
          ...(fields.length > 1 ? [menuButton("Fields…", "fields", view)] : []),
          // What goes on by itself is ended without looking for how.
          ...(isLive ? [live] : []),
          menuButton("More…", "more", view),
        ],
      ];
  }
}

function switchesOf(view: PlotView, fields: readonly Measurement[]): InlineKeyboardButton[][] {
  const labels = shortLabels(fields, MAX_LABEL);
  const perRow = labels.every((label) => label.length <= MAX_LABEL_OF_THREE) ? 3 : 2;
  const switches = fields.map(({ number, label }, i) => {
    const isOn = view.fields.includes(number);
    const text = `${isOn ? "☑" : "☐"} ${labels[i] ?? label}`;
    const isFull = !isOn && view.fields.length >= MAX_LINES;
    return isFull ? { text, callback_data: PLOT_PRESS.full } : go(text, toggled(view, number));
  });
  return Array.from({ length: Math.ceil(switches.length / perRow) }, (_, row) =>
    switches.slice(row * perRow, (row + 1) * perRow),
  );
}

const buttonOf = (text: string, press: string, view: PlotView) => ({
  text,
  callback_data: `${press}:${encodeView(view)}`,
});
const go = (text: string, to: PlotView) => buttonOf(text, PLOT_PRESS.go, to);
const menuButton = (text: string, menu: PlotMenu, view: PlotView) => buttonOf(text, `${MENU_PRESS}:${menu}`, view);
const backTo = (view: PlotView) => [menuButton("‹ Back", "main", view)];
