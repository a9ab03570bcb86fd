import { inOneLine, shorten } from "../../alarms/text.ts";
import type { Alarm, Severity } from "../../alarms/types.ts";
import { formatQuantity } from "../../lib/text/number.ts";
import type { ActionRecord } from "../../store/alarms/actions.ts";
import type { AlarmPage, OpenPage } from "../../store/alarms/alarm-lists.ts";
import type { EventRecord } from "../../store/alarms/events.ts";
import type { RecentAlarms } from "../../store/recent-alarms.ts";
import { formatDuration, formatInstant, formatShort, type Moment } from "../../lib/time/time.ts";
import { alarmLines, zoneView } from "./alarm-lines.ts";
import { heldBackLine, untoldLine } from "./handling-lines.ts";
import { cardView, topicView, type CardContext } from "./card-view.ts";
import { fit, folded, html, lines, type Html } from "../api/render.ts";

/** Alarms on one page of /alarms: a screen of a phone, and far below 4096 characters. */
export const ALARMS_PER_PAGE = 8;
const MAX_MESSAGE = 120;

/** One page of what is active, and of what came and went and nobody has acknowledged. */
export function openView({ alarms, active, returned }: OpenPage, offset: number, moment: Moment): Html {
  if (active + returned === 0) return html`✅ No alarm is active.`;
  const unseen = returned === 0 ? "" : `, ${returned} came and went, not acknowledged`;
  return fit(
    html`<b>${active === 0 ? "None" : active} active${unseen}</b>${rangeOf(alarms, offset, active + returned)}${zoneView(moment)}`,
    alarms.map((alarm) => alarmLines(alarm, moment)),
  );
}

/** One page of what is shelved. */
export function shelvedView({ alarms, total }: AlarmPage, offset: number, moment: Moment): Html {
  if (total === 0) return html`Nothing is shelved.`;
  return fit(
    html`<b>${total} shelved</b>${rangeOf(alarms, offset, total)}${zoneView(moment)}`,
    alarms.map((alarm) => lines(alarmLines(alarm, moment), shelfLine(alarm, moment))),
  );
}

const rangeOf = ({ length }: readonly Alarm[], offset: number, total: number): string =>
  total > length ? ` · ${offset + 1}–${offset + length}` : "";

function shelfLine({ handling: { shelf } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (shelf === null) return null;
  const until = shelf.untilAt === null ? "it clears" : formatShort(shelf.untilAt, timeZone, now);
  const reason = shelf.reason === null ? "" : `: ${shorten(inOneLine(shelf.reason), MAX_MESSAGE)}`;
  return html`     🗄 by ${shelf.by} until ${until}${reason}`;
}

/** What came in the last so many milliseconds, the newest first. */
export function historyView({ total, active, records }: RecentAlarms, lengthMs: number, moment: Moment): Html {
  const length = formatDuration(lengthMs);
  // As people ask for it.
  const words = length === "1 d" ? "24 h" : length;
  if (total === 0) return html`No alarm in the last ${words}.`;
  const items = records.map(({ alarm, reports }) =>
    lines(alarmLines(alarm, moment), reports <= 1 ? null : html`     reported ${reports}×`),
  );
  return fit(
    html`<b>${total} ${total === 1 ? "alarm" : "alarms"} in the last ${words}</b>, ${active} active now${zoneView(moment)}`,
    items,
    total,
  );
}

/** An alarm as its card shows it, and what happened before. */
export function alarmView(
  alarm: Alarm,
  history: { readonly events: readonly EventRecord[]; readonly actions: readonly ActionRecord[] },
  context: CardContext,
): Html {
  const { timeZone, now } = context;
  const rows = [
    ...history.events.map(({ at, state, value, severity }) => ({
      at,
      text: `${stateWords(state, severity)}${value === null ? "" : `, ${formatQuantity(value, alarm.unit)}`}`,
    })),
    ...history.actions.map((record) => ({ at: record.actedAt, text: actionWords(record) })),
  ].sort((a, b) => b.at - a.at);
  return folded(
    lines(
      cardView(alarm, context),
      heldBackLine(alarm, context),
      untoldLine(alarm, context),
      html`📡 ${topicView(alarm)}`,
      html``,
      html`<b>Newest first</b>${zoneView(context)}${alarm.occurrence <= 1 ? "" : ` (came ${alarm.occurrence}× in all)`}`,
    ),
    rows.map(({ at, text }) => html`${formatShort(at, timeZone, now)}: ${text}`),
  );
}

/** An end has no severity of its own: mostly the message does not say one. */
function stateWords(state: EventRecord["state"], severity: Severity): string {
  if (state === "cleared") return "cleared";
  return state === "unclear" ? `${severity}, with a state that is not known` : `${state ?? "reported"} as ${severity}`;
}

const ACTIONS_DONE: Readonly<Record<ActionRecord["action"], string>> = {
  acknowledge: "acknowledged by",
  takeBack: "acknowledgement taken back by",
  useful: "said to have been useful by",
  nothingToDo: "said to have needed nothing by",
  reset: "reset by",
  shelve: "shelved by",
  unshelve: "unshelved by",
  close: "closed by",
  reopen: "reopened by",
  note: "note by",
};

function actionWords({ action, by, words, photo }: ActionRecord): string {
  const said = words === null || words === "" ? "" : `: ${shorten(inOneLine(words), MAX_MESSAGE)}`;
  return `${ACTIONS_DONE[action]} ${by.name}${photo === null ? "" : " 📷"}${said}`;
}

/** What somebody did, and when, in words that fit below a photo. */
export const actionCaption = (record: ActionRecord, { timeZone, now }: Moment): string =>
  `${formatInstant(record.actedAt, timeZone, now)}: ${actionWords(record)}`;
