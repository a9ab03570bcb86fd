import type { InlineKeyboardButton } from "grammy/types";
import { isClosable } from "../../alarms/lifecycle/handling.ts";
import type { Alarm } from "../../alarms/types.ts";
import { alarmLines, zoneView } from "./alarm-lines.ts";
import { inRows } from "./buttons.ts";
import { seenOf } from "../access/card-buttons.ts";
import { backButton, type CardMenu } from "./card-menus.ts";
import { fit, html, lines, toPlain, type Html } from "../api/render.ts";
import type { Moment } from "../../lib/time/time.ts";

const REASONS = ["repaired", "false", "test", "other"] as const;

/** Why an alarm is over, as the buttons and their data name it. */
export type ClosingReason = (typeof REASONS)[number];

/** The reasons in words; empty: somebody will say so in words. */
export const CLOSING_REASONS: Readonly<Record<ClosingReason, string>> = {
  repaired: "Repaired",
  false: "False alarm",
  test: "It was a test",
  other: "",
};

/** A reason in a button's data. */
export const REASON = `(${REASONS.join("|")})`;

/** Reads what `REASON` matched. */
export const readReason = (word: string | undefined): ClosingReason =>
  REASONS.find((reason) => reason === word) ?? "other";

/** What became of alarms that were to be closed. */
export interface Closed {
  /** Those that somebody has closed by hand, now or before. */
  readonly alarms: readonly Alarm[];
  /** Why the others are not closed. */
  readonly refusals: readonly string[];
}

const BUTTONS_PER_ROW = 2;
/** With room to spare for the head in the 4096 characters of a message. */
const MAX_LIST = 3_900;
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

/** Asks which of the alarms of a page are over: one button for each that is shown, and one for all that the others name. */
export function whichScreen(
  alarms: readonly Alarm[],
  { offset, reason, moment }: { readonly offset: number; readonly reason: ClosingReason; readonly moment: Moment },
): { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] } {
  const back = [button("Back", `alarms:${offset}`)];
  if (alarms.length === 0) {
    const text = html`Nothing on this page can be closed by hand: the plant says itself when it is over.`;
    return { text, keyboard: [back] };
  }
  const shown = fitting(alarms, moment);
  const each = shown.map((alarm) => button(`Close #${alarm.id}`, `closes:${offset}:${reason}:${seenOf(alarm)}`));
  const all = each.length > 1 ? [[button(`Close all ${each.length} of these`, `closes:${offset}:${reason}:all`)]] : [];
  const head = html`<b>Which are over?</b> Reason: ${labelOf(reason)}${zoneView(moment)}`;
  return {
    text: lines(head, ...shown.map((alarm) => alarmLines(alarm, moment))),
    keyboard: [...inRows(each, BUTTONS_PER_ROW), ...all, back],
  };
}

/** As many as one message can show: what a button names must have been seen. */
function fitting(alarms: readonly Alarm[], moment: Moment): readonly Alarm[] {
  let length = 0;
  const isShown = (alarm: Alarm): boolean => (length += toPlain(alarmLines(alarm, moment)).length + 1) <= MAX_LIST;
  return alarms.filter(isShown);
}

/** What was closed, and what was not, and why; with buttons that take it back, one by one or all. */
export function closedScreen(
  { alarms, refusals }: Closed,
  { offset, reason, moment }: { readonly offset: number; readonly reason: ClosingReason; readonly moment: Moment },
): { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] } {
  const each = alarms.map((alarm) => button(`Reopen #${alarm.id}`, `reopens:${offset}:${seenOf(alarm)}`));
  const all = each.length > 1 ? [[button(`Reopen all ${each.length}`, `reopens:${offset}:all`)]] : [];
  const hint = reason === "other" && alarms.length > 0 ? html`Reply to their cards with the reason.` : null;
  const text = fit(lines(html`<b>Closed: ${alarms.length}.</b> ${labelOf(reason)}${zoneView(moment)}`, hint), [
    ...refusals.map((refusal) => html`⚠️ Not closed: ${refusal}`),
    ...alarms.map((alarm) => alarmLines(alarm, moment)),
  ]);
  return {
    text,
    keyboard: [...inRows(each, BUTTONS_PER_ROW), ...all, [button("Back to the list", `alarms:${offset}`)]],
  };
}

const button = (text: string, data: string): InlineKeyboardButton => ({ text, callback_data: data });
