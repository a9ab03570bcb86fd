import { inOneLine, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import { formatInstant, formatShort, zoneNameAt, type Moment } from "../../lib/time/time.ts";
import { wasMade, type DecisionRecord } from "../../store/alarms/decisions.ts";
import { folded, html, lines, type Html } from "../api/render.ts";
import {
  chatterLine,
  closingLine,
  heldBackLine,
  heldEndLine,
  reopeningLine,
  repeatingLine,
  untoldLine,
} from "./handling-lines.ts";

const MAX_MESSAGE = 120;

const REASONS: Readonly<Record<DecisionRecord["reason"], string>> = {
  first: "it was new here",
  found: "it stood at the broker before Valvomo first listened there",
  returned: "it came back",
  escalated: "it became worse",
  cleared: "it was cleared",
  reminder: "nobody had acknowledged it",
  passedOn: "nobody had acknowledged it, and this chat was next",
  owner: "it was still active after its acknowledgement",
  unshelved: "it was not shelved any more",
  wentUnseen: "it was over, and nobody had acknowledged it",
  shelfEnding: "its shelving was about to end",
  late: "a critical report came late, and may be of now",
  shelved: "somebody shelved it",
  closed: "somebody closed it",
  reopened: "somebody reopened it",
  flood: "there was a flood of alarms",
  quietHours: "it was quiet hours",
  together: "it came within seconds of others, which are told together",
  reminders: "there were many reminders, which are told together",
  catchUp: "the chat could not be reached before",
  acknowledged: "somebody acknowledged it",
  repeated: "it was repeated",
  chattering: "it chatters, so it rings no more until it calms down",
  repeating: "it came back, but repeats, so it rings once in a while and when it gets worse",
  pictured: "its trend was drawn",
  outdated: "the alarm went on in a newer message",
  upToDate: "the card was up to date",
};
const ACTIONS: Readonly<Record<DecisionRecord["action"], string>> = {
  send: "sent a card",
  edit: "edited the card",
  retire: "edited the old card",
  say: "answered the card",
  board: "left it to the board",
  none: "did nothing",
};

/** Whether and why an alarm rang in a chat, and, folded away, each call for its card there: when, what, why, and what came of it. */
export function whyView(
  alarm: Alarm,
  decisions: readonly DecisionRecord[],
  { isForHere, moment }: { readonly isForHere: boolean; readonly moment: Moment },
): Html {
  if (decisions.length === 0) {
    return lines(
      html`#${alarm.id} was not shown in this chat: ${whyNothing(alarm, isForHere)}.`,
      heldBackLine(alarm, moment),
      untoldLine(alarm, moment),
    );
  }
  const { timeZone, now } = moment;
  return folded(
    lines(
      html`<b>#${alarm.id}</b> ${shorten(inOneLine(alarm.message), MAX_MESSAGE)}`,
      verdictLine(alarm, decisions, moment),
      closingLine(alarm, moment),
      reopeningLine(alarm, moment),
      chatterLine(alarm, moment),
      repeatingLine(alarm, moment),
      heldBackLine(alarm, moment),
      heldEndLine(alarm, moment),
      untoldLine(alarm, moment),
      html`What was shown here (${zoneNameAt(now, timeZone)}), newest first:`,
    ),
    decisions.map((decision) => {
      const { decidedAt, action, reason, result } = decision;
      const how = result === "silent" ? ", silently" : "";
      const outcome = wasMade(decision) ? "" : ` → ${shorten(result, MAX_MESSAGE)}`;
      return html`${formatShort(decidedAt, timeZone, now)}: ${ACTIONS[action]}${how}, because ${REASONS[reason]}${outcome}`;
    }),
  );
}

function whyNothing({ occurrence, handling }: Alarm, isForHere: boolean): Html {
  if (!isForHere) return html`no route sends it here. /routes shows them`;
  const isByRule = occurrence === 0 && (handling.heldBack ?? handling.untold) !== null;
  return isByRule ? html`its rule in the plants file has kept it from coming` : html`it waits for its turn`;
}

function verdictLine(alarm: Alarm, decisions: readonly DecisionRecord[], { timeZone, now }: Moment): Html {
  const made = decisions.filter(({ action }) => action === "send" || action === "say");
  // An older Valvomo did not note that information is silent.
  const rings = alarm.peakSeverity === "info" ? [] : made.filter(({ result }) => result === "ok");
  const [newest] = rings;
  if (newest !== undefined) {
    const at = formatInstant(newest.decidedAt, timeZone, now);
    const times = rings.length === 1 ? "" : `${rings.length} times, last `;
    return html`🔔 It rang here ${times}at ${at}, because ${REASONS[newest.reason]}.`;
  }
  return html`🔕 It has not rung here: ${whyNot(alarm, decisions, made)}.`;
}

/** The newest that kept it from ringing. */
function whyNot(alarm: Alarm, decisions: readonly DecisionRecord[], made: readonly DecisionRecord[]): string {
  if (alarm.peakSeverity === "info") return "it is information, which is shown silently";
  const silent = made.find(({ result }) => result === "silent");
  if (silent !== undefined) {
    return silent.reason === "found" ? REASONS.found : "it was over when it was shown";
  }
  const failed = made.find((decision) => !wasMade(decision));
  const board = decisions.find(({ action }) => action === "board");
  if (board !== undefined) return `${REASONS[board.reason]}, and the board shows it`;
  return failed === undefined ? REASONS[decisions[0]?.reason ?? "upToDate"] : "Telegram has not taken its card yet";
}
