import { instantOfTime, parseTimeOfDay } from "../../alarms/time-of-day.ts";
import { after, takeLength } from "../../lib/time/duration.ts";
import type { Moment } from "../../lib/time/time.ts";
import { dayOf, readingAt } from "../../lib/time/wall-clock.ts";

/** Until when alarms are put aside, as people press or type it. */

const HOUR = 3_600_000;
const CHOICES = ["30m", "4h", "clears", "shift"] as const;

/** For how long an alarm may be put aside, as the buttons' data names it. */
export type ShelfChoice = (typeof CHOICES)[number];

/** A choice in a button's data. */
export const CHOICE = `(${CHOICES.join("|")})`;

/** Reads what `CHOICE` matched. */
export const readChoice = (word: string | undefined): ShelfChoice => CHOICES.find((choice) => choice === word) ?? "30m";

/** By which clocks it is told. */
interface Clocks extends Moment {
  /** When the shift that works at `at` ends, by the clock of a time zone; epoch ms. */
  readonly shiftEndAfter: (timeZone: string, at: number) => number;
}

/** Until when an alarm is to be put aside (epoch ms; `null`: until it clears), and the reason behind that. */
interface ShelfEnd {
  readonly untilAt: number | null;
  readonly rest: string;
}

/** What the buttons say may be typed, too. */
const CHOICE_WORDS = /^(?:until )?((?:it )?clears|(?:the )?shift(?: ends)?)(?!\S)/i;
const UNTIL = /^(?:until |till )(\d{1,2}(?:[:.]\d{2})?(?: ?[ap]m)?)(?!\S)|^(?:\d{1,2}:\d{2})(?!\S)/i;

/** When what a button names ends; epoch ms. `null`: when the alarm clears. */
export function endOfChoice(choice: ShelfChoice, { now, timeZone, shiftEndAfter }: Clocks): number | null {
  if (choice === "clears") return null;
  if (choice === "shift") return shiftEndAfter(timeZone, now);
  return now + (choice === "30m" ? HOUR / 2 : 4 * HOUR);
}

/** Until when an alarm is to be put aside, and the reason behind that; `null`: not understood. */
export function parseShelfEnd(text: string, clocks: Clocks): ShelfEnd | null {
  const [named = "", choice] = CHOICE_WORDS.exec(text) ?? [];
  if (choice !== undefined) {
    const untilAt = endOfChoice(choice.toLowerCase().includes("shift") ? "shift" : "clears", clocks);
    return { untilAt, rest: text.slice(named.length).trim() };
  }
  const [before = "", clock = before] = UNTIL.exec(text) ?? [];
  const minute = clock === "" ? null : parseTimeOfDay(clock.replace(/\s/g, ""));
  if (minute !== null) return { untilAt: nextTime(minute, clocks), rest: text.slice(before.length).trim() };
  const taken = takeLength(text);
  return taken && { untilAt: after(clocks.now, taken.length, clocks.timeZone), rest: taken.rest };
}

/** When the clocks of a chat show a time of day next. */
function nextTime(minute: number, { now, timeZone }: Clocks): number {
  const today = readingAt(now, timeZone);
  const times = [0, 1, 2].map((days) => instantOfTime(dayOf(today, days), minute, timeZone));
  return times.find((at) => at > now) ?? now;
}
