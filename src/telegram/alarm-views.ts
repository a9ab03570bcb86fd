import { shorten } from "../alarms/text.ts";
import type { Alarm } from "../alarms/types.ts";
import { formatQuantity } from "../number.ts";
import type { ActionRecord } from "../store/actions.ts";
import type { DecisionRecord } from "../store/decisions.ts";
import type { EventRecord } from "../store/events.ts";
import { formatDuration, formatInstant } from "../time.ts";
import { cardView, ICONS, sourceOf } from "./card-view.ts";
import { html, lines, type Html } from "./render.ts";

/** Alarms on one page of /alarms: a screen of a phone, and far below 4096 characters. */
export const ALARMS_PER_PAGE = 8;
const MAX_MESSAGE = 120;

/** Times are in `timeZone`; `now` decides whether a date is shown. */
export interface Moment {
  readonly timeZone: string;
  readonly now: number;
}

/** One page of what is active. */
export function alarmsView(
  page: { readonly alarms: readonly Alarm[]; readonly total: number },
  offset: number,
  { now }: Moment,
): Html {
  if (page.total === 0) return html`✅ No alarm is active.`;
  const last = offset + page.alarms.length;
  const range = page.total > page.alarms.length ? ` · ${offset + 1}–${last}` : "";
  return lines(html`<b>${page.total} active</b>${range}`, ...page.alarms.map((alarm) => alarmLines(alarm, now)));
}

function alarmLines(alarm: Alarm, now: number): Html {
  const value = alarm.value === null ? "" : ` · ${formatQuantity(alarm.value, alarm.unit)}`;
  const seen = alarm.acknowledgedBy === null ? "" : ` · 👤 ${alarm.acknowledgedBy}`;
  return lines(
    html`${ICONS[alarm.severity]} <b>#${alarm.id}</b> ${shorten(alarm.message, MAX_MESSAGE)}`,
    html`     ${sourceOf(alarm)}${value} · for ${formatDuration(now - alarm.startedAt)}${seen}`,
  );
}

/** An alarm as its card shows it, and what happened before. */
export function alarmView(
  alarm: Alarm,
  history: { readonly events: readonly EventRecord[]; readonly actions: readonly ActionRecord[] },
  { timeZone, now }: Moment,
): Html {
  const rows = [
    ...history.events.map(({ at, state, value, severity }) => ({
      at,
      text: `${state ?? "reported"} as ${severity}${value === null ? "" : `, ${formatQuantity(value, alarm.unit)}`}`,
    })),
    ...history.actions.map(({ actedAt, by }) => ({ at: actedAt, text: `acknowledged by ${by.name}` })),
  ].sort((a, b) => b.at - a.at);
  return lines(
    cardView(alarm, timeZone, now),
    html``,
    html`<b>Newest first</b> (came ${alarm.occurrence}× in all)`,
    ...rows.map(({ at, text }) => html`${formatInstant(at, timeZone, now)}: ${text}`),
  );
}

const REASONS: Readonly<Record<DecisionRecord["reason"], string>> = {
  first: "it was new here",
  returned: "it came back",
  escalated: "it became worse",
  cleared: "it was cleared",
  acknowledged: "somebody acknowledged it",
  repeated: "it was repeated",
  outdated: "the alarm went on in a newer message",
  upToDate: "the card was up to date",
};
const ACTIONS: Readonly<Record<DecisionRecord["action"], string>> = {
  send: "sent a card",
  edit: "edited the card",
  retire: "edited the old card",
  none: "did nothing",
};

/** Each call for one chat's card: when, what, why, and what came of it. */
export function whyView(alarm: Alarm, decisions: readonly DecisionRecord[], { timeZone, now }: Moment): Html {
  if (decisions.length === 0) return html`Nothing was shown of #${alarm.id} in this chat.`;
  return lines(
    html`<b>#${alarm.id}</b> ${shorten(alarm.message, MAX_MESSAGE)}, newest first:`,
    ...decisions.map(({ decidedAt, action, reason, result }) => {
      const outcome = result === "ok" ? "" : ` → ${shorten(result, MAX_MESSAGE)}`;
      return html`${formatInstant(decidedAt, timeZone, now)}: ${ACTIONS[action]}, as ${REASONS[reason]}${outcome}`;
    }),
  );
}
