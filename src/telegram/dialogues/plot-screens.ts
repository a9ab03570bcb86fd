import type { InlineKeyboardButton } from "grammy/types";
import { shortLabels } from "../../measurements/label.ts";
import { formatPeriodAsTyped, PRESETS } from "../../queries/period.ts";
import type { Period } from "../../queries/period.ts";
import { exampleDay } from "../../queries/problem.ts";
import type { Anchors } from "../../queries/time-words.ts";
import { formatMinute } from "../../lib/time/time.ts";
import { calendarRows } from "./calendar.ts";
import type { Screen } from "./question.ts";
import type { Field } from "../../measurements/source.ts";

/** What a dialogue is about. */
export interface PlotSubject {
  /** What there is to draw; at least one. */
  readonly fields: readonly Field[];
  /** IANA name. */
  readonly zone: string;
  /** Epoch ms. */
  readonly now: number;
  readonly anchors: Anchors;
  /** When the channel was made, in epoch ms; `null` if that is not known. Calendars begin there. */
  readonly createdAt: number | null;
  /** The weekday with which weeks begin for the person: 1 is Monday, 7 is Sunday. */
  readonly weekStart: number;
}

/** Begins the callback data of all buttons of this dialogue. */
export const PLOT_PREFIX = "plot:";

/** What the buttons say, after the prefix. Those of the calendar say `d:…`, `m:…` and `-`. */
export const PRESS = {
  field: "field:",
  preset: "last:",
  days: "days",
  now: "now",
  draw: "draw",
  back: "back",
  cancel: "cancel",
} as const;

/** As much as a button of a phone's width shows. */
const MAX_LABEL = 34;

/** Asks for the field. */
export function fieldScreen({ fields }: PlotSubject): Screen {
  const labels = shortLabels(fields, MAX_LABEL);
  const rows = fields.map(({ number, label }, i) => [button(labels[i] ?? label, `${PRESS.field}${number}`)]);
  return { text: "What shall I draw?", buttons: [...rows, [button("✖ Cancel", PRESS.cancel)]] };
}

/** Asks for the start, by presets. */
export function startScreen({ zone, now }: PlotSubject, field: Field): Screen {
  const day = exampleDay(zone, now);
  const presets = PRESETS.map(({ id, label }) => button(label, `${PRESS.preset}${id}`));
  return {
    text: `${field.label}: from when?\nPress, or reply with 24h, ${day} or ${day} 14:30 (${zone}).`,
    buttons: [
      ...[0, 2, 4, 6].map((i) => presets.slice(i, i + 2)),
      [button("📅 Choose days", PRESS.days), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Asks for the start, by calendar. */
export function startDayScreen(subject: PlotSubject, field: Field, month: string): Screen {
  const { zone, now } = subject;
  const day = exampleDay(zone, now);
  return {
    text: `${field.label}: from which day?\nPress, or reply with ${day} or ${day} 14:30 (${zone}).`,
    buttons: [
      ...calendarRows({ ...calendarOf(subject, null), month, chosen: null }),
      [button("‹ Back", PRESS.back), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Asks for the end, by calendar. */
export function endScreen(subject: PlotSubject, field: Field, startAt: number, month: string): Screen {
  const { zone, now } = subject;
  const first = dayAt(startAt, zone);
  return {
    text: `${field.label} from ${formatMinute(startAt, zone)}: until when?\nA day counts to its end. Press, or reply with ${dayAt(now, zone)}, 24h or now (${zone}).`,
    buttons: [
      ...calendarRows({ ...calendarOf(subject, startAt), month, chosen: { first, last: first } }),
      [button("Until now", PRESS.now)],
      [button("‹ Back", PRESS.back), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/** Shows the days from start to end, as a finger easily misses one; another end may still be pressed. */
export function rangeScreen(subject: PlotSubject, field: Field, period: Period, month: string): Screen {
  const { zone } = subject;
  const chosen = { first: dayAt(period.startAt, zone), last: dayAt(period.endAt - 1, zone) };
  return {
    text: `${summaryOf(field, period, zone)}: shall I draw it?\nPress Draw, or another end.`,
    buttons: [
      ...calendarRows({ ...calendarOf(subject, period.startAt), month, chosen }),
      [button("📈 Draw", PRESS.draw)],
      [button("‹ Back", PRESS.back), button("✖ Cancel", PRESS.cancel)],
    ],
  };
}

/**
 * What the calendar of a question offers: no day before the channel's first nor before the start, none to come.
 * @param startAt epoch ms; `null` if the start is what is asked for
 */
export function calendarOf({ zone, now, createdAt, weekStart }: PlotSubject, startAt: number | null) {
  // A clock of ThingSpeak that is ahead of ours must leave today.
  const earliestAt = Math.min(now, Math.max(createdAt ?? 0, startAt ?? 0));
  return { today: dayAt(now, zone), earliest: dayAt(earliestAt, zone), prefix: PLOT_PREFIX, weekStart };
}

/** Says what was asked for, when all is. */
export function summaryOf(field: Field, period: Period, zone: string): string {
  return `${field.label}, ${formatPeriodAsTyped(period, zone)}`;
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
