import type { InlineKeyboardButton } from "grammy/types";
import type { Destination } from "../../alarms/types.ts";
import type { Rota } from "../../duty/rota.ts";
import type { DutyTurn } from "../../duty/turn.ts";
import { dayOf, readingAt } from "../../lib/time/wall-clock.ts";
import { formatDuration, formatMinute, type Moment } from "../../lib/time/time.ts";
import { nameOfWeekday, weekdayOf } from "../../lib/time/weekday.ts";
import { html, lines, type Html } from "../api/render.ts";

/** What lasts longer has no end that anybody looks at. */
const SEEN_MS = 14 * 86_400_000;
/** So many turns are told ahead. */
const MAX_TURNS = 6;
/** The same, with times in which nobody is on duty. */
const MAX_ROWS = 2 * MAX_TURNS;

/** A time on duty: `Mon 11-02 06:00 to 14:00`; the second day only where it is another. */
export function spanWords({ startAt, endAt }: Pick<DutyTurn, "startAt" | "endAt">, timeZone: string): string {
  const [start, end] = [startAt, endAt].map((at) => readingAt(at, timeZone));
  const isOneDay = start !== undefined && end !== undefined && dayOf(start) === dayOf(end);
  return `${dayWords(startAt, timeZone)} to ${isOneDay ? formatMinute(endAt, timeZone).slice(-5) : dayWords(endAt, timeZone)}`;
}

const dayWords = (at: number, timeZone: string): string =>
  `${nameOfWeekday(weekdayOf(readingAt(at, timeZone))).slice(0, 3)} ${formatMinute(at, timeZone).slice("2026-".length)}`;

/** Who is on duty, until when, and who is next. */
export function dutyView(duty: Pick<Rota, "turns" | "gaps">, { timeZone, now }: Moment): Html {
  const [turns, gaps] = [duty.turns(), duty.gaps()];
  const current = turns.find(({ startAt }) => startAt <= now);
  const next = turns.filter((turn) => turn !== current).slice(0, MAX_TURNS);
  const last = next.length < MAX_TURNS ? Infinity : (next.at(-1)?.startAt ?? now);
  const rows = [
    ...next.map((turn) => ({ ...turn, words: html`${spanWords(turn, timeZone)}: ${turn.who.name}` })),
    ...gaps.flatMap(({ startAt, endAt, removed }) => {
      if (startAt === null || startAt <= now || startAt > last) return [];
      const span =
        endAt - now > SEEN_MS ? `${dayWords(startAt, timeZone)} on` : spanWords({ startAt, endAt }, timeZone);
      return [{ startAt, words: html`${span}: ${nobodyWords("nobody", removed)}` }];
    }),
  ]
    .sort((a, b) => a.startAt - b.startAt)
    .slice(0, MAX_ROWS);
  const removed = gaps.find(({ startAt }) => (startAt ?? 0) <= now)?.removed ?? null;
  return lines(
    current
      ? html`👷 On duty: <b>${current.who.name}</b> ${untilWords(current, { timeZone, now })}`
      : html`⚠️ <b>${nobodyWords("Nobody is on duty", removed)}.</b> The admins get what is for whoever is.`,
    rows.length > 0 ? html`<b>Next</b> (${timeZone})` : null,
    ...rows.map(({ words }) => words),
  );
}

const nobodyWords = (words: string, removed: Destination | null): string =>
  removed === null ? words : `${words}, as ${removed.name} was removed`;

function untilWords({ endAt }: DutyTurn, { timeZone, now }: Moment): string {
  if (endAt - now > SEEN_MS) return "for two weeks at least";
  return `until ${dayWords(endAt, timeZone)}, for ${formatDuration(endAt - now)}`;
}

/** Where nobody keeps a rota. */
export const NO_ROTA = html`There is no rota. An admin can write one in the plants file, under duty.`;

/** Below `/duty`. */
export const dutyKeyboard = (): InlineKeyboardButton[][] => [
  [
    { text: "Take over", callback_data: "duty:take" },
    { text: "Swap…", callback_data: "duty:swap" },
  ],
];
