import { inOneLine, shorten } from "../../alarms/text.ts";
import { OWN_TOPIC } from "../../alarms/payloads/own.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { HandoverNote } from "../../duty/handover.ts";
import { formatInstant, type Moment } from "../../lib/time/time.ts";
import { originOf } from "../cards/card-view.ts";
import { fit, html, lines, type Html } from "../api/render.ts";

/** What whoever comes on has to know. */
export interface HandoverContent {
  readonly since: number;
  readonly notes: readonly HandoverNote[];
  /** What is active, or over and not acknowledged, and how many that are in all. */
  readonly open: readonly Alarm[];
  readonly total: number;
  /** What came in the time, and is over. */
  readonly gone: readonly Alarm[];
}

/** How each message about a change of shift begins: a reply to one is a note. */
export const HANDOVER_TITLE = "🔁 Handover";
const MAX_WORDS = 120;

/** What is open, who has it in hand, what is shelved, what is silent, what came and went, and what people wrote; in one message. */
export function handoverView(content: HandoverContent, moment: Moment, title = ""): Html {
  const { since, notes, open, total, gone } = content;
  const own = open.filter(({ topic }) => topic.startsWith(OWN_TOPIC));
  const ofPlant = open.filter((alarm) => !own.includes(alarm));
  const isShelved = ({ handling }: Alarm): boolean => handling.shelf !== null;
  const at = (instant: number): string => formatInstant(instant, moment.timeZone, moment.now);
  const items = [
    ...section(
      "💬 Notes",
      notes.map((note) => html`${note.by} · ${at(note.at)}: ${note.text}`),
    ),
    ...section(
      "Open",
      ofPlant.filter((one) => !isShelved(one)).map((one) => openLine(one, moment)),
    ),
    ...section(
      "🗄 Shelved",
      ofPlant.filter(isShelved).map((one) => shelvedLine(one, moment)),
    ),
    ...section(
      "🔇 Silent, and other troubles of Valvomo",
      own.map((one) => openLine(one, moment)),
    ),
    ...section(
      "Came and went",
      gone.map((one) => html`✅ ${nameOf(one)} · ${at(one.startedAt)}`),
    ),
  ];
  const head = lines(
    html`<b>${HANDOVER_TITLE}</b>${title === "" ? "" : ` · ${title}`}`,
    html`Since ${at(since)}. ${total === 0 ? "Nothing is open." : `${total} open.`} A reply to this is a note for whoever comes next.`,
  );
  return fit(head, items, items.length + Math.max(0, total - open.length));
}

/** Its first line stands behind the name of the section, so that none is there without a line. */
const section = (name: string, rows: readonly Html[]): readonly Html[] =>
  rows.map((row, index) => (index === 0 ? lines(html`<b>${name}</b>`, row) : row));

const nameOf = (alarm: Alarm): Html =>
  html`/alarm_${alarm.id} ${shorten(inOneLine(alarm.message), MAX_WORDS)} · ${originOf(alarm)}`;

function openLine(alarm: Alarm, { timeZone, now }: Moment): Html {
  const { acknowledgedBy, acknowledgedAt, handling, severity } = alarm;
  const since = formatInstant(alarm.startedAt, timeZone, now);
  const [first] = handling.seenBy;
  const seen =
    acknowledgedBy !== null && acknowledgedAt !== null
      ? `👤 ${acknowledgedBy} ${formatInstant(acknowledgedAt, timeZone, now)}`
      : first === undefined
        ? "not acknowledged"
        : `seen by ${first.name} alone`;
  const over = handling.returned === null ? "" : ", over";
  return html`${severity} ${nameOf(alarm)} · since ${since}${over} · ${seen}`;
}

function shelvedLine(alarm: Alarm, { timeZone, now }: Moment): Html {
  const { shelf } = alarm.handling;
  const until = shelf?.untilAt == null ? "it clears" : formatInstant(shelf.untilAt, timeZone, now);
  const reason = shelf?.reason == null ? "" : `: ${shorten(inOneLine(shelf.reason), MAX_WORDS)}`;
  return html`${nameOf(alarm)} · by ${shelf?.by ?? ""} until ${until}${reason}`;
}
