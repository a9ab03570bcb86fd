import { inOneLine, shorten } from "../../alarms/text.ts";
import { formatTimeOfDay } from "../../alarms/time-of-day.ts";
import { formatPeriodAsTyped } from "../../queries/period.ts";
import { formatDuration, formatWithin } from "../../lib/time/time.ts";
import { formatCount } from "../../lib/text/number.ts";
import { LATE_MS } from "../../quality/limits.ts";
import { judged, type JudgedFigure } from "../../quality/targets.ts";
import type { Lengths, Nuisance } from "../../quality/types.ts";
import { verdictOf, type QualityReport } from "../../quality/verdict.ts";
import { fit, html, lines, MAX_CAPTION, type Html } from "../api/render.ts";

/** The pages below the picture, by what their buttons say. */
export const QUALITY_PAGES = {
  verdict: "Verdict",
  load: "Load",
  floods: "Floods",
  worst: "Ten worst",
  nuisances: "Nuisance",
  priorities: "Priorities",
  shelved: "Shelved",
  response: "Response",
  delivery: "Delivery",
  definitions: "Definitions",
} as const;
export type QualityPage = keyof typeof QUALITY_PAGES;

/** What the words need besides the report. */
interface PageContext extends QualityReport {
  readonly nameOfChat: (chatId: number) => string;
}

/** Names are long on a phone. */
const MAX_LISTED = 8;
/** Of what somebody gave as their reason; the file has all of it. */
const MAX_REASON = 80;

/** One page, as the caption of the picture. */
export function qualityPage(page: QualityPage, context: PageContext): Html {
  const { quality } = context;
  const { startAt, endAt, timeZone } = quality;
  const head = html`<b>Alarm quality · ${QUALITY_PAGES[page]}</b>\n${formatPeriodAsTyped({ startAt, endAt }, timeZone)}`;
  return fit(head, WRITERS[page](context), undefined, MAX_CAPTION);
}

const WRITERS: Readonly<Record<QualityPage, (context: PageContext) => readonly Html[]>> = {
  verdict: verdictLines,
  load: loadLines,
  floods: ({ quality }) =>
    orNone(
      quality.floods
        .toSorted((a, b) => b.size - a.size)
        .map(
          ({ startAt, endAt, size, firstOut }) =>
            html`· ${formatWithin(startAt, quality, quality.timeZone)}, ${formatDuration(endAt - startAt)}: ${formatCount(size)} alarms, first ${firstOut}`,
        ),
      "No flood.",
    ),
  worst: worstLines,
  nuisances: nuisanceLines,
  priorities: ({ quality: { priorities } }) => {
    const { low, medium, high } = priorities;
    const all = low + medium + high;
    const line = (name: string, count: number, aim: number): Html =>
      html`${name}: ${formatCount(count)}, ${percent(all === 0 ? 0 : count / all)} (aim ${aim} %)`;
    return [line("Low, warnings", low, 80), line("Medium, errors", medium, 15), line("High, critical", high, 5)];
  },
  shelved: ({ quality }) =>
    orNone(
      quality.shelved.map(({ name, by, at, untilAt, isTakenBack, why }) => {
        const long =
          untilAt === null
            ? "for its time"
            : `${isTakenBack ? "taken back after" : "for"} ${formatDuration(untilAt - at)}`;
        const reason = why === null ? "no reason given" : shorten(inOneLine(why), MAX_REASON);
        return html`· ${formatWithin(at, quality, quality.timeZone)} ${name}, by ${by}, ${long}: ${reason}`;
      }),
      "Nothing was shelved.",
    ),
  response: responseLines,
  delivery: deliveryLines,
  definitions: ({ quality }) => judged(quality).map(({ name, definition }) => html`<b>${name}</b>: ${definition}`),
};

function verdictLines({ quality, former }: PageContext): readonly Html[] {
  const before = former === null ? [] : judged(former);
  const bad = judged(quality).flatMap((figure, i) => {
    if (figure.verdict === "good" || figure.verdict === "too few alarms to say") return [];
    const was = before[i];
    const compared = was ? `, ${valueOf(was)} before` : "";
    const mark = figure.verdict === "beyond the limit" ? "🔴" : "🟡";
    return [html`${mark} ${figure.name}: <b>${valueOf(figure)}</b> (${boundsOf(figure)}${compared})`];
  });
  const { useful, nothingToDo } = quality.worth;
  const told = useful + nothingToDo;
  const worth =
    told === 0 ? [] : [html`Of use, say those who acknowledged: ${useful} of ${told} (${percent(useful / told)}).`];
  return [html`${verdictOf({ quality, former })}`, ...worth, ...bad];
}

function loadLines({ quality: { load, rung }, nameOfChat }: PageContext): readonly Html[] {
  const rate = (
    words: string,
    { perDay, perHour, perTenMinutes, peakDay, peakHour, peakTenMinutes }: typeof load,
  ): Html =>
    lines(
      html`<b>${words}</b>`,
      html`a day ${rounded(perDay)}, at most ${formatCount(peakDay)}`,
      html`an hour ${rounded(perHour)}, at most ${formatCount(peakHour)}`,
      html`ten minutes ${rounded(perTenMinutes)}, at most ${formatCount(peakTenMinutes)}`,
    );
  return [
    rate("Alarms that came", load),
    ...rung.map(({ chat, rate: one }) => rate(`Rung in ${nameOfChat(chat)}`, one)),
  ];
}

function worstLines({ quality: { worst } }: PageContext): readonly Html[] {
  if (worst.length === 0) return [html`No alarm came.`];
  return [
    html`Press a number: what would a rule have done?`,
    ...worst.map(
      ({ name, count, share, proposal }, i) =>
        html`${i + 1}. ${formatCount(count)} (${percent(share)}) <b>${name}</b>: ${proposal}`,
    ),
  ];
}

function nuisanceLines({ quality }: PageContext): readonly Html[] {
  const { chattering, fleeting, stale, staleAtMost, timeZone } = quality;
  const list = (words: string, all: readonly Nuisance[]): readonly Html[] => [
    html`<b>${words}</b>: ${all.length === 0 ? "none" : `${all.length} alarms`}`,
    ...all.slice(0, MAX_LISTED).map(({ name, count }) => html`· ${formatCount(count)} times ${name}`),
  ];
  return [
    ...list("Chattering", chattering),
    ...list("Fleeting", fleeting),
    html`<b>Stale</b>: at most ${staleAtMost} on one day`,
    ...stale
      .slice(0, MAX_LISTED)
      .map(
        ({ name, startAt, endAt }) =>
          html`· ${formatDuration(endAt - startAt)} since ${formatWithin(startAt, quality, timeZone)}: ${name}`,
      ),
  ];
}

function responseLines({ quality: { response, unacknowledged, escalated } }: PageContext): readonly Html[] {
  return [
    html`Never acknowledged: ${formatCount(unacknowledged)}. Passed on, since nobody had: ${formatCount(escalated)}.`,
    ...response.map(({ severity, shiftStart, rung, toAcknowledge, toClear }) =>
      lines(
        html`<b>${severity}, shift from ${formatTimeOfDay(shiftStart)}</b>: ${formatCount(rung)} rung`,
        html`${afterWords("acknowledged after ", toAcknowledge, "none acknowledged")}, ${afterWords("over after another ", toClear, "none over since")}`,
      ),
    ),
  ];
}

function deliveryLines({ quality: { delivery, ringsPerChange }, nameOfChat }: PageContext): readonly Html[] {
  const { told, received, late, secondPath, unreached, drills } = delivery;
  return [
    html`${formatCount(told)} alarms told, 99 % of them within ${lengthOf(received.p99)}, half within ${lengthOf(received.p50)}.`,
    html`Later than ${formatDuration(LATE_MS)}: ${formatCount(late)}.`,
    html`By the second path: ${formatCount(secondPath)}. Drills: ${formatCount(drills)}.`,
    html`Rings in the busiest chat for each alarm that came or got worse: ${ringsPerChange === null ? "none came" : rounded(ringsPerChange)}.`,
    ...unreached.map(
      ({ chat, count }) => html`· could not be reached ${formatCount(count)} times: ${nameOfChat(chat)}`,
    ),
  ];
}

const orNone = (items: readonly Html[], none: string): readonly Html[] =>
  items.length === 0 ? [html`${none}`] : items;
/** Nobody reads more of a rate than two digits, nor how little less than a hundredth is. */
const rounded = (value: number): string =>
  value > 0 && value < 0.01 ? "< 0.01" : String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
const percent = (share: number): string => `${rounded(share * 100)} %`;
const valueOf = ({ value, unit }: JudgedFigure): string => (unit === "%" ? `${rounded(value)} %` : rounded(value));
const boundsOf = ({ target, limit }: JudgedFigure): string =>
  limit === null ? `target ${target}` : `target ${target}, limit ${limit}`;
const lengthOf = (ms: number | null): string =>
  ms === null ? "–" : ms < 10_000 ? `${rounded(ms / 1_000)} s` : formatDuration(ms);
const afterWords = (words: string, { p50, p95 }: Lengths, none: string): string =>
  p50 === null ? none : `${words}${lengthOf(p50)} (95 % within ${lengthOf(p95)})`;
