import type { InlineKeyboardButton } from "grammy/types";
import { formatPeriod, PRESETS } from "../plots/period.ts";
import type { Period } from "../plots/period.ts";
import type { Field } from "../plots/plot-command.ts";
import type { Anchors } from "../plots/typed-time.ts";
import { formatMinute } from "../time.ts";
import { calendarRows } from "./calendar.ts";
import type { Screen } from "./question.ts";

/** What a dialogue is about. */
export interface PlotSubject {
  /** What there is to draw; at least one. */
  readonly fields: readonly Field[];
  /** IANA name. */
  readonly zone: string;
  /** Epoch ms. */
  readonly now: number;
  readonly anchors: Anchors;
}

/** Begins the callback data of all buttons of this dialogue. */
export const PLOT_PREFIX = "plot:";

/** What the buttons say, after the prefix. Those of the calendar say `d:…`, `m:…` and `-`. */
export const PRESS = {
  field: "field:",
  preset: "last:",
  days: "days",
  now: "now",
  back: "back",
  cancel: "cancel",
} as const;

/** Asks for the field. */
export function fieldScreen({ fields }: PlotSubject): Screen {
  const rows = fields.map(({ number, label }) => [button(label, `${PRESS.field}${number}`)]);
  return { text: "What shall I draw?", buttons: [...rows, [button("✖ Cancel", PRESS.cancel)]] };
}

/** Asks for the start, by presets. */
export function startScreen({ zone }: PlotSubject, field: Field): Screen {
  const presets = PRESETS.map(({ id, label }) => button(label, `${PRESS.preset}${id}`));
  return {
    text: `${field.label}: from when?\nPress, or reply with 24h, 2018-08-20 or 2018-08-20 14:30 (${zone}).`,
    buttons: [
      ...[0, 2, 4, 6].map((i) => presets.slice(i, i + 2)),
      [button("📅 Choose days", PRESS.days), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Asks for the start, by calendar. */
export function startDayScreen({ zone, now }: PlotSubject, field: Field, month: string): Screen {
  const today = dayAt(now, zone);
  return {
    text: `${field.label}: from which day?\nPress, or reply with 2018-08-20 or 2018-08-20 14:30 (${zone}).`,
    buttons: [
      ...calendarRows({ month, today, earliest: null, chosen: null, prefix: PLOT_PREFIX }),
      [button("‹ Back", PRESS.back), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Asks for the end, by calendar. */
export function endScreen({ zone, now }: PlotSubject, field: Field, startAt: number, month: string): Screen {
  const today = dayAt(now, zone);
  const earliest = dayAt(startAt, zone);
  return {
    text: `${field.label} from ${formatMinute(startAt, zone)}: until when?\nA day counts to its end. Press, or reply with 2018-08-21, 2018-08-21 08:00 or 24h (${zone}).`,
    buttons: [
      ...calendarRows({ month, today, earliest, chosen: earliest, prefix: PLOT_PREFIX }),
      [button("Until now", PRESS.now)],
      [button("‹ Back", PRESS.back), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Says what was asked for, when all is. */
export function summaryOf(field: Field, period: Period, zone: string): string {
  return `${field.label}, ${formatPeriod(period, zone)}`;
}

/** The same question, after a sentence about the answer that it got. */
export function withProblem(problem: string, screen: Screen): Screen {
  return { ...screen, text: `${problem}\n\n${screen.text}` };
}

/** The day, `2018-08-20`, on which `at` falls. */
export function dayAt(at: number, zone: string): string {
  return formatMinute(at, zone).slice(0, 10);
}

function button(text: string, data: string): InlineKeyboardButton.CallbackButton {
  return { text, callback_data: `${PLOT_PREFIX}${data}` };
}
