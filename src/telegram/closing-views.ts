import type { InlineKeyboardButton } from "grammy/types";
import { isClosable, type Seen } from "../alarms/handling.ts";
import type { Alarm } from "../alarms/types.ts";
import { alarmLines, type Moment } from "./board-view.ts";
import { seenOf } from "./card-buttons.ts";
import { backButton, type CardMenu } from "./card-menus.ts";
import { fit, html, lines, type Html } from "./render.ts";

/** Why an alarm is over, as the buttons and their data name it; empty: somebody will say so in words. */
export const CLOSING_REASONS = {
  repaired: "Repaired",
  false: "False alarm",
  test: "It was a test",
  other: "",
} as const;

/** A name of one of them. */
export type ClosingReason = keyof typeof CLOSING_REASONS;

/** What became of an alarm that was to be closed; `refusal`: why it is not. */
export interface Ended {
  readonly seen: Seen & { readonly alarmId: number };
  readonly alarm: Alarm | null;
  readonly refusal: string | null;
}

const REASONS = Object.keys(CLOSING_REASONS) as readonly ClosingReason[];
const BUTTONS_PER_ROW = 2;
const labelOf = (reason: ClosingReason): string => CLOSING_REASONS[reason] || "Another reason";

/** The reasons to choose from below a card. */
export const closingMenu: CardMenu = (alarm) => {
  if (!isClosable(alarm)) return null;
  const rows = inRows(
    REASONS.map((reason) => button(labelOf(reason), `close:${seenOf(alarm)}:${reason}`)),
    2,
  );
  return [...rows, [backButton(alarm)]];
};

/** Takes back that an alarm is over. */
export const reopenButton = (alarm: Alarm): InlineKeyboardButton => button("Reopen", `reopen:${seenOf(alarm)}`);

/** The reasons to choose from below a page of /alarms. */
export const reasonButtons = (offset: number): InlineKeyboardButton[][] => [
  ...inRows(
    REASONS.map((reason) => button(labelOf(reason), `closes:${offset}:${reason}`)),
    2,
  ),
  [button("Back", `alarms:${offset}`)],
];

/** Asks which of the alarms of a page are over. */
export function whichView(alarms: readonly Alarm[], reason: ClosingReason, moment: Moment): Html {
  if (alarms.length === 0)
    return html`Nothing on this page can be closed by hand: the plant says itself when it is over.`;
  return fit(
    html`<b>Which are over?</b> Reason: ${labelOf(reason)}`,
    alarms.map((alarm) => alarmLines(alarm, moment)),
  );
}

/** One button for each, and one for all that the others name. */
export function whichButtons(
  alarms: readonly Alarm[],
  offset: number,
  reason: ClosingReason,
): InlineKeyboardButton[][] {
  const each = alarms.map((alarm) => button(`Close #${alarm.id}`, `closes:${offset}:${reason}:${seenOf(alarm)}`));
  const all = each.length > 1 ? [[button(`Close all ${each.length} of these`, `closes:${offset}:${reason}:all`)]] : [];
  return [...inRows(each, BUTTONS_PER_ROW), ...all, [button("Back", `alarms:${offset}`)]];
}

/** What was closed, and what was not, and why. */
export function closedView(ended: readonly Ended[], reason: ClosingReason, moment: Moment): Html {
  const closed = ended.flatMap(({ alarm, refusal }) => (alarm !== null && refusal === null ? [alarm] : []));
  const hint = reason === "other" ? html`Reply to their cards with the reason.` : null;
  return fit(lines(html`<b>${closed.length} closed.</b> ${labelOf(reason)}`, hint), [
    ...closed.map((alarm) => alarmLines(alarm, moment)),
    ...ended.flatMap(({ refusal }) => (refusal === null ? [] : [html`⚠️ Not closed: ${refusal}`])),
  ]);
}

/** Takes back what was closed, one by one or all; and leads back to the list. */
export function closedButtons(ended: readonly Ended[], offset: number): InlineKeyboardButton[][] {
  const closed = ended.flatMap(({ alarm, refusal }) => (alarm !== null && refusal === null ? [alarm] : []));
  const each = closed.map((alarm) => button(`Reopen #${alarm.id}`, `reopens:${offset}:${seenOf(alarm)}`));
  const all = each.length > 1 ? [[button(`Reopen all ${each.length}`, `reopens:${offset}:all`)]] : [];
  return [...inRows(each, 2), ...all, [button("Back to the list", `alarms:${offset}`)]];
}

const button = (text: string, data: string): InlineKeyboardButton => ({ text, callback_data: data });

const inRows = (buttons: readonly InlineKeyboardButton[], perRow: number): InlineKeyboardButton[][] =>
  Array.from({ length: Math.ceil(buttons.length / perRow) }, (_, row) =>
    buttons.slice(row * perRow, (row + 1) * perRow),
  );
