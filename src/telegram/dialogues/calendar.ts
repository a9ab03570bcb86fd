import type { InlineKeyboardButton } from "grammy/types";

/** A month on buttons. Days are `2018-08-20` and months `2018-08`, so they compare as text. */
export interface CalendarView {
  readonly month: string;
  readonly today: string;
  /** The first day that may be chosen; `null` for no limit but 1970. */
  readonly earliest: string | null;
  /** The days to mark as chosen already, both ends included. */
  readonly chosen: { readonly first: string; readonly last: string } | null;
  /** The weekday that begins a row: 1 is Monday, 7 is Sunday. */
  readonly weekStart: number;
  /** Stands before all callback data, and tells the calendar of one dialogue from that of another; 32 bytes at most. */
  readonly prefix: string;
}

/** What a press on the calendar says. */
export type CalendarPress =
  | { readonly kind: "day"; readonly day: string }
  | { readonly kind: "month"; readonly month: string }
  /** On a weekday, a title or a day that cannot be chosen. */
  | { readonly kind: "nothing" };

type Button = InlineKeyboardButton.CallbackButton;
type Limits = Pick<CalendarView, "today" | "earliest">;

const FIRST_DAY = "1970-01-01";
const WEEKDAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NOTHING = "-";
const MAX_WEEKS = 5;

/**
 * Draws a month as six rows of buttons at most, so that it fits a phone: months and years to turn to, and the days, of which a sixth week
 * stands in the place that the first one leaves, as on paper. Weekdays stand where no day can be chosen; weeks without any are left out.
 * It keeps no state: each button says all that its press means.
 */
export function calendarRows(view: CalendarView): Button[][] {
  const { month, prefix, weekStart } = view;
  const nothing = (text: string): Button => ({ text, callback_data: `${prefix}${NOTHING}` });
  const turn = (text: string, months: number): Button => {
    const target = addMonths(month, months);
    // Telegram may refuse a button without a visible text.
    return isOpenMonth(target, view) ? { text, callback_data: `${prefix}m:${target}` } : nothing("·");
  };
  const [year = 0, monthNumber = 0] = month.split("-").map(Number);
  const weekdays = [...WEEKDAYS.slice(weekStart - 1), ...WEEKDAYS.slice(0, weekStart - 1)].map(nothing);
  const blanksBefore = (new Date(Date.UTC(year, monthNumber - 1, 1)).getUTCDay() + 7 - weekStart) % 7;
  const weeks = Array.from({ length: MAX_WEEKS }, () => [...weekdays]);
  for (let date = 1; date <= daysInMonth(year, monthNumber); date++) {
    const day = `${month}-${pad(date, 2)}`;
    if (!isOpenDay(day, view)) continue;
    const cell = (blanksBefore + date - 1) % (7 * MAX_WEEKS);
    weeks[Math.floor(cell / 7)]?.splice(cell % 7, 1, { text: dayText(day, view), callback_data: `${prefix}d:${day}` });
  }
  const shown = weeks.filter((week) => week.some((button) => !weekdays.includes(button)));
  const isNamed = shown.some((week) => week.some((button) => weekdays.includes(button)));
  return [
    [
      turn("◀", -1),
      nothing(MONTHS[monthNumber - 1] ?? ""),
      turn("▶", 1),
      turn("«", -12),
      nothing(String(year)),
      turn("»", 12),
    ],
    ...(isNamed ? [] : [weekdays]),
    ...shown,
  ];
}

/** Reads the callback data of a press; `null` for what no button within `limits` can have sent, as anybody can forge data. */
export function parseCalendarPress(data: string, prefix: string, limits: Limits): CalendarPress | null {
  if (!data.startsWith(prefix)) return null;
  const press = data.slice(prefix.length);
  if (press === NOTHING) return { kind: "nothing" };
  const value = press.slice(2);
  if (/^m:\d{4}-(0[1-9]|1[0-2])$/.test(press))
    return isOpenMonth(value, limits) ? { kind: "month", month: value } : null;
  if (!/^d:\d{4}-(0[1-9]|1[0-2])-\d{2}$/.test(press)) return null;
  const [year = 0, month = 0, day = 0] = value.split("-").map(Number);
  const exists = day >= 1 && day <= daysInMonth(year, month);
  return exists && isOpenDay(value, limits) ? { kind: "day", day: value } : null;
}

/** One sign before the number at the most: more would wrap on a phone. */
function dayText(day: string, { today, chosen }: CalendarView): string {
  const isChosen = chosen !== null && day >= chosen.first && day <= chosen.last;
  const mark = isChosen ? (isEndOf(chosen, day) ? "✓" : "•") : day === today ? "*" : "";
  return `${mark}${Number(day.slice(8))}`;
}

function isEndOf({ first, last }: NonNullable<CalendarView["chosen"]>, day: string): boolean {
  return day === first || day === last;
}

function isOpenDay(day: string, { today, earliest }: Limits): boolean {
  return day >= (earliest ?? FIRST_DAY) && day <= today;
}

function isOpenMonth(month: string, { today, earliest }: Limits): boolean {
  return month >= (earliest ?? FIRST_DAY).slice(0, 7) && month <= today.slice(0, 7);
}

function addMonths(month: string, months: number): string {
  const [year = 0, monthNumber = 0] = month.split("-").map(Number);
  const count = year * 12 + monthNumber - 1 + months;
  return `${pad(Math.floor(count / 12), 4)}-${pad((count % 12) + 1, 2)}`;
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
