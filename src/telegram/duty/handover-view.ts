import { inOneLine, shorten } from "../../alarms/text.ts";
import { OWN_TOPIC } from "../../alarms/payloads/own.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { HandoverNote } from "../../duty/handover.ts";
import type { Period } from "../../queries/period.ts";
import { formatShort, formatWithin, zoneNameAt, type Moment } from "../../lib/time/time.ts";
import { wordsBesideOrigin } from "../cards/alarm-lines.ts";
import { originOf } from "../cards/card-view.ts";
import { fit, html, lines, MAX_TEXT, type Html } from "../api/render.ts";

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
/** What notes have of a message at least, whatever else there is. */
const ROOM_FOR_NOTES = 1_300;

/** What is open, who has it in hand, what is shelved, what is silent, what came and went, and what people wrote; in one message. */
export function handoverView(content: HandoverContent, moment: Moment, title = ""): Html {
  const { since, notes, open, total, gone } = content;
  const own = open.filter(({ topic }) => topic.startsWith(OWN_TOPIC));
  const ofPlant = open.filter((alarm) => !own.includes(alarm));
  const isShelved = ({ handling }: Alarm): boolean => handling.shelf !== null;
  const at: TimeOf = (instant) => timeIn({ startAt: since, endAt: moment.now }, instant, moment);
  const alarms = [
    ...section(
      "Open",
      ofPlant.filter((one) => !isShelved(one)).map((one) => openLine(one, at)),
    ),
    ...section(
      "🗄 Shelved",
      ofPlant.filter(isShelved).map((one) => shelvedLine(one, at)),
    ),
    ...section(
      "🔇 Silent, and other troubles of Valvomo",
      own.map((one) => openLine(one, at)),
    ),
    ...section(
      "Came and went",
      gone.map((one) => html`✅ ${nameOf(one)} · ${at(one.startedAt)}`),
    ),
  ];
  const head = lines(
    html`<b>${HANDOVER_TITLE}</b>${title === "" ? "" : ` · ${title}`}`,
    html`Since ${at(since)} ${zoneNameAt(since, moment.timeZone)}. ${total === 0 ? "Nothing is open." : `${total} open.`} A reply to this is a note for whoever comes next.`,
  );
  const written = newestNotes(notes, MAX_TEXT - alarms.reduce((sum, line) => sum + line.html.length + 1, 0), at);
  const items = [...section("💬 Notes", written), ...alarms];
  const left = notes.length - written.length + Math.max(0, total - open.length);
  return fit(head, items, items.length + left);
}

/** The newest notes, in their order, that fit into the room which the alarms leave; of many there are some all the same. */
function newestNotes(notes: readonly HandoverNote[], room: number, at: TimeOf): Html[] {
  const shown: Html[] = [];
  let length = 0;
  for (const note of notes.toReversed()) {
    const line = noteLine(note, at);
    length += line.html.length + 1;
    if (shown.length > 0 && length > Math.max(room, ROOM_FOR_NOTES)) break;
    shown.unshift(line);
  }
  return shown;
}

/** One note takes no more than what is kept for all of them: what is an entity in HTML is several characters. */
function noteLine({ by, at: writtenAt, text }: HandoverNote, at: TimeOf): Html {
  for (let most = text.length; ; most = Math.floor(most / 2)) {
    const line = html`${by} · ${at(writtenAt)}: ${shorten(text, most)}`;
    if (line.html.length <= ROOM_FOR_NOTES || most <= 1) return line;
  }
}

/** Its first line stands behind the name of the section, so that none is there without a line. */
const section = (name: string, rows: readonly Html[]): readonly Html[] =>
  rows.map((row, index) => (index === 0 ? lines(html`<b>${name}</b>`, row) : row));

/** An instant in the words of this list, whose head says the zone. */
type TimeOf = (at: number) => string;

/** What lies outside of the time that it is about says its day, too. */
const timeIn = (period: Period, at: number, { timeZone, now }: Moment): string =>
  at < period.startAt || at > period.endAt ? formatShort(at, timeZone, now) : formatWithin(at, period, timeZone);

function nameOf(alarm: Alarm): Html {
  const words = shorten(wordsBesideOrigin(alarm), MAX_WORDS);
  return html`/alarm_${alarm.id} ${words} · ${originOf(alarm)}`;
}

function openLine(alarm: Alarm, at: TimeOf): Html {
  const { acknowledgedBy, acknowledgedAt, handling, severity } = alarm;
  const [first] = handling.seenBy;
  const seen =
    acknowledgedBy !== null && acknowledgedAt !== null
      ? `👤 ${acknowledgedBy} ${at(acknowledgedAt)}`
      : first === undefined
        ? "not acknowledged"
        : `seen by ${first.name} alone`;
  const over = handling.returned === null ? "" : ", over";
  return html`${severity} ${nameOf(alarm)} · since ${at(alarm.startedAt)}${over} · ${seen}`;
}

function shelvedLine(alarm: Alarm, at: TimeOf): Html {
  const { shelf } = alarm.handling;
  const until = shelf?.untilAt == null ? "it clears" : at(shelf.untilAt);
  const reason = shelf?.reason == null ? "" : `: ${shorten(inOneLine(shelf.reason), MAX_WORDS)}`;
  return html`${nameOf(alarm)} · by ${shelf?.by ?? ""} until ${until}${reason}`;
}
