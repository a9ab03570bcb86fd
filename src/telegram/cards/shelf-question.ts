import type { InlineKeyboardButton } from "grammy/types";
import type { Alarm } from "../../alarms/types.ts";
import { html, lines, type Html } from "../api/render.ts";
import { SEEN, seenOf } from "../access/card-buttons.ts";

/** What is critical is put aside only after a question: a thumb that slips must not silence it. */

/** Whether it is asked about. */
export const asksFirst = ({ severity }: Alarm): boolean => severity === "critical";

/** The press of an answer to `questionOf`: the alarm as it was seen, and until when in epoch seconds, until it clears, or not at all. */
export const ANSWER = `^shelves:${SEEN}:(\\d{1,12}|clears|no)$`;

const REASON = "Reason: ";

/** The question after `/shelve`; it carries the reason, which a button has no room for. */
export function questionOf(
  alarm: Alarm,
  until: { readonly untilAt: number | null; readonly reason: string | null; readonly words: string },
): { readonly text: Html; readonly keyboard: InlineKeyboardButton[][] } {
  const { untilAt, reason, words } = until;
  const answer = (text: string, data: string) => ({ text, callback_data: `shelves:${seenOf(alarm)}:${data}` });
  const end = untilAt === null ? "clears" : String(Math.floor(untilAt / 1_000));
  return {
    text: lines(
      html`🔴 #${alarm.id} is critical. Silence it until ${words}?`,
      reason === null ? null : html`${REASON}${reason}`,
    ),
    keyboard: [[answer("Yes, silence it", end), answer("No", "no")]],
  };
}

/** The reason in the text of a question; `null`: there is none. */
export const reasonIn = (text: string): string | null => {
  const at = text.indexOf(`\n${REASON}`);
  return at < 0 ? null : text.slice(at + 1 + REASON.length).replaceAll("\u2060", "");
};
