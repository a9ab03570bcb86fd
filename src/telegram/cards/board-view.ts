import type { InlineKeyboardButton } from "grammy/types";
import { inOneLine, shorten } from "../../alarms/text.ts";
import { BOARD_PAGE, type BoardContent } from "../../store/alarms/board-content.ts";
import type { Board } from "../../store/alarms/board-rows.ts";
import { formatInstant, formatShort, type Moment } from "../../lib/time/time.ts";
import { alarmLines, zoneView } from "./alarm-lines.ts";
import { ICONS, originOf } from "./card-view.ts";
import { fit, html, lines, type Html } from "../api/render.ts";

const MAX_MESSAGE = 120;
const MAX_SOURCE = 40;

/** What a board's message says: the overview, or a page of the list. */
export function boardView(board: Board, content: BoardContent, moment: Moment): Html {
  const head =
    board.page === 0
      ? lines(
          titleOf(board, content, moment),
          html`<b>${content.total} alarms</b>: ${content.active} active, ${content.total - content.active} came and went`,
          severityLine(content),
          sourceLine(content),
          firstOutLine(content, moment),
          newestLine(board, content, moment),
        )
      : html`<b>${content.offset + 1}–${content.offset + content.alarms.length}</b> of ${content.total} alarms${zoneView(moment)}`;
  return fit(
    head,
    content.alarms.map((alarm) => alarmLines(alarm, moment)),
  );
}

/** The buttons below it. Each names what it leads to, so that they work after any downtime. */
export function boardButtons({ id, page }: Board, content: BoardContent): InlineKeyboardButton[][] {
  const pages = Math.ceil(content.total / BOARD_PAGE);
  const turn = (text: string, to: number) => ({ text, callback_data: `board:${id}:${to}` });
  const paging =
    page === 0
      ? [turn("List", 1)]
      : [
          ...(page > 1 ? [turn("◀", page - 1)] : []),
          turn("Overview", 0),
          ...(page < pages ? [turn("▶", page + 1)] : []),
        ];
  const take =
    content.open === 0
      ? []
      : [[{ text: "I'm on it", callback_data: `take:${id}:${content.mark.event}:${content.mark.change}` }]];
  return [...take, paging];
}

function titleOf(board: Board, { active }: BoardContent, { timeZone, now }: Moment): Html {
  const from = formatInstant(board.openedAt, timeZone, now);
  const to = board.closedAt === null ? "" : ` to ${formatInstant(board.closedAt, timeZone, now)}`;
  switch (board.kind) {
    case "flood":
      return board.closedAt === null
        ? html`🌊 <b>Alarm flood</b> since ${from}. New alarms are added here; critical ones ring by themselves.`
        : html`🌊 <b>The alarm flood is over</b>, ${from}${to}. New alarms have cards again.`;
    case "quietHours":
      return html`🌅 <b>While it was quiet</b>, ${from}${to}${active === 0 ? ": nothing is left to do" : ""}`;
    case "found":
      return html`📬 <b>What stood at the broker</b> when Valvomo listened for the first time`;
    case "together":
      return html`🔗 <b>Came within seconds</b>, told together`;
    case "reminders":
      return html`⏰ <b>Still waiting for somebody</b>: reminders, told together`;
    case "catchUp":
      return html`📬 <b>While this chat could not be reached</b>, told at ${formatInstant(board.closedAt ?? now, timeZone, now)}`;
  }
}

const severityLine = ({ bySeverity }: BoardContent): Html =>
  html`${bySeverity.map(({ severity, count }) => `${ICONS[severity]} ${count} ${severity}`).join(" · ")}`;

function sourceLine({ bySource, sources }: BoardContent): Html {
  const named = bySource.map(({ source, count }) => `${shorten(inOneLine(source), MAX_SOURCE)} ${count}`).join(" · ");
  const rest = sources > bySource.length ? ` · +${sources - bySource.length} more sources` : "";
  return html`${named}${rest}`;
}

function firstOutLine({ firstOut }: BoardContent, { timeZone, now }: Moment): Html | null {
  if (firstOut === null) return null;
  const at = formatInstant(firstOut.startedAt, timeZone, now);
  return html`🥇 First: ${originOf(firstOut)}: ${shorten(inOneLine(firstOut.message), MAX_MESSAGE)} · ${at}`;
}

/** While a flood goes on: what came last must not be lost among all others. */
function newestLine({ kind, closedAt }: Board, { newest, firstOut }: BoardContent, moment: Moment): Html | null {
  if (kind !== "flood" || closedAt !== null || newest === null || newest.id === firstOut?.id) return null;
  const at = formatShort(newest.startedAt, moment.timeZone, moment.now);
  const words = shorten(inOneLine(newest.message), MAX_MESSAGE);
  return html`🆕 Newest: ${ICONS[newest.severity]} ${originOf(newest)}: ${words} · ${at}`;
}
