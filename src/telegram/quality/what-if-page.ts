import type { InlineKeyboardButton } from "grammy/types";
import { remedyWords } from "../../quality/candidates.ts";
import type { MeasuredSpan } from "../../quality/types.ts";
import type { Foretold, NotOffered, WhatIf } from "../../quality/what-if.ts";
import { formatCount } from "../../lib/text/number.ts";
import { formatDuration } from "../../lib/time/time.ts";
import { formatPeriodAsTyped } from "../../queries/period.ts";
import { remedyCode } from "./remedy-code.ts";
import { fit, html, lines, MAX_CAPTION, type Html } from "../api/render.ts";

/** Which alarm is shown, and when. */
interface WhatIfContext extends MeasuredSpan {
  readonly name: string;
  readonly timeZone: string;
}

/** What each remedy would have done for one alarm, as the caption of the picture. */
export function whatIfPage(whatIf: WhatIf, { name, startAt, endAt, timeZone }: WhatIfContext): Html {
  const { rings, trueAlarms, remedies } = whatIf;
  const head = lines(
    html`<b>Alarm quality · What if</b>`,
    html`${formatPeriodAsTyped({ startAt, endAt }, timeZone)}`,
    html`<b>${name}</b>: ${counted(rings, "ring", "rings")}, ${counted(trueAlarms, "true alarm", "true alarms")}`,
  );
  const last = html`An admin can make one of them a rule of the plants file.`;
  const foretold = remedies.flatMap((one) => ("why" in one ? [] : [effect(one, whatIf)]));
  const items = [...foretold, ...refusals(remedies.filter((one) => "why" in one))];
  return fit(head, remedies.some(isUseful(rings)) ? [...items, last] : items, undefined, MAX_CAPTION);
}

/** Those that save a ring, each with a button for who may make a rule of it. */
export const remedyButtons = (alarmId: number, { rings, remedies }: WhatIf): InlineKeyboardButton[][] =>
  remedies
    .filter(isUseful(rings))
    .map(({ remedy }) => [
      { text: `Make a rule: ${remedyWords(remedy)}…`, callback_data: `rule:${alarmId}:${remedyCode(remedy)}` },
    ]);

const isUseful =
  (rings: number) =>
  (one: Foretold | NotOffered): one is Foretold =>
    !("why" in one) && one.rings < rings;

/** Those that have the same reason in one line. */
const refusals = (all: readonly NotOffered[]): readonly Html[] =>
  [...Map.groupBy(all, ({ why }) => why)].map(
    ([why, same]) => html`· ${capital(same.map(({ kind }) => NAMES[kind]).join(", "))}: not offered, ${why}`,
  );
const NAMES = { delay: "delay", hysteresis: "hysteresis", limit: "another limit", chatter: "rule of chatter" } as const;

function effect({ remedy, rings, missed, later }: Foretold, before: WhatIf): Html {
  const words = capital(remedyWords(remedy));
  if (rings >= before.rings) return html`· <b>${words}</b>: no ring fewer`;
  const saved = html`${formatCount(before.rings - rings)} of ${formatCount(before.rings)} rings fewer`;
  const lost =
    missed === 0 ? html`no true alarm missed` : html`<b>${counted(missed, "true alarm", "true alarms")} missed</b>`;
  return html`· <b>${words}</b>: ${saved}; ${lost}${lateness(later)}`;
}

function lateness({ p50, worst }: Foretold["later"]): string {
  if (p50 === null || worst === null) return "";
  if (worst === 0) return ", none told later";
  if (p50 === worst) return `, told ${formatDuration(worst)} later`;
  return p50 === 0
    ? `, told up to ${formatDuration(worst)} later`
    : `, told ${formatDuration(p50)} later, ${formatDuration(worst)} at most`;
}

const counted = (count: number, one: string, many: string): string =>
  count === 0 ? `no ${one}` : `${formatCount(count)} ${count === 1 ? one : many}`;
const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
