import { shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import { type Moment } from "../../lib/time/time.ts";
import { instantView } from "./instant-view.ts";
import { html, type Html } from "../api/render.ts";

/** What a card says of what became of its alarm: what people did with it, and how it behaves. Each is a line, or `null`. */

const MAX_WORDS = 300;

/** The line that says that the alarm is held although it is normal again; `null`: it is not held. */
export function latchLine({ handling: { latchedAt } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (latchedAt === null) return null;
  return html`🔒 Back to normal since ${instantView(latchedAt, timeZone, now)}: press Reset to end it.`;
}

/** The line that says who acknowledged the alarm, and when; `null`: nobody was to. */
export function acknowledgedLine(alarm: Alarm, { timeZone, now }: Moment): Html | null {
  const { acknowledgedBy, acknowledgedAt, handling } = alarm;
  if (handling.returned !== null) return html`👤 Not acknowledged`;
  if (acknowledgedBy === null || acknowledgedAt === null) return null;
  return html`👤 Acknowledged by ${acknowledgedBy} · ${instantView(acknowledgedAt, timeZone, now)}`;
}

/** The line that says who has seen the alarm, where another person has to acknowledge it, too; `null`: nobody has, or that is done. */
export function seenLine({ acknowledgedAt, handling }: Alarm, { timeZone, now }: Moment): Html | null {
  const [first] = handling.seenBy;
  if (first === undefined || acknowledgedAt !== null) return null;
  return html`👁 Seen by ${first.name} · ${instantView(first.at, timeZone, now)}. Another person has to acknowledge it, too.`;
}

/** The line that says who shelved the alarm, until when, and why; `null`: it is on no shelf. */
export function shelfLine({ handling: { shelf } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (shelf === null) return null;
  const until = shelf.untilAt === null ? "it clears" : instantView(shelf.untilAt, timeZone, now);
  const reason = shelf.reason === null ? "Reply to this message with the reason." : shorten(shelf.reason, MAX_WORDS);
  return html`🗄 Shelved by ${shelf.by} until ${until}. ${reason}`;
}

/** The line that says who closed the alarm, and why, or asks for the reason; `null`: nobody closed it. */
export function closingLine({ handling: { closing } }: Alarm, { timeZone, now }: Moment, unknown = ""): Html | null {
  if (closing === null) return null;
  const reason = closing.reason === null ? unknown : shorten(closing.reason, MAX_WORDS);
  return html`👤 Closed by ${closing.by} · ${instantView(closing.at, timeZone, now)}. ${reason}`;
}

/** The line that says who reopened the alarm; `null`: nobody did. */
export function reopeningLine({ handling: { reopening } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (reopening === null) return null;
  return html`↩️ Reopened by ${reopening.by} · ${instantView(reopening.at, timeZone, now)}`;
}

/** The line with the newest words of a person; `null`: there are none, or another line has them. */
export function noteLine({ handling: { note, shelf, closing } }: Alarm): Html | null {
  if (note === null || (shelf ?? closing)?.reason === note.text) return null;
  const text = note.text === "" ? "" : ` ${shorten(note.text, MAX_WORDS)}`;
  const photo = note.photoBy ? `${text} · 📷 ${note.photoBy.by}` : `${note.hasPhoto ? " 📷" : ""}${text}`;
  return html`💬 ${note.by}:${photo}`;
}

/** The line that says what of the message was not understood; `null`: all of it was. */
export function remarkLine({ handling: { remark } }: Alarm): Html | null {
  return remark === null ? null : html`❓ ${shorten(remark, MAX_WORDS)}`;
}

/** The line that says that the alarm chatters; `null`: it does not. */
export function chatterLine({ handling: { chatter } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (chatter === null) return null;
  const { count, since, clearedAt, endedAt, isByRule = false } = chatter;
  const whose = isByRule ? " by its own rule" : "";
  const from = instantView(since, timeZone, now);
  if (endedAt === null && clearedAt !== null)
    return html`〰️ Chattering${whose}, over for now: came ${count}× since ${from}, held open until it calms down.`;
  if (endedAt === null) return html`〰️ Chatters${whose}: came ${count}× since ${from}, held open until it calms down.`;
  return html`〰️ Chattered: came ${count}× from ${from} to ${instantView(endedAt, timeZone, now)}.`;
}

/** The line that says that the alarm repeats, and when it rings again; `null`: it does not. */
export function repeatingLine({ handling: { repeats } }: Alarm, { timeZone, now }: Moment): Html | null {
  const { times, quietUntil } = repeats;
  const [since] = times;
  if (quietUntil === null || since === undefined) return null;
  const [from, until] = [instantView(since, timeZone, now), instantView(quietUntil, timeZone, now)];
  return html`🔁 Repeating: ${times.length} times since ${from}. It rings again from ${until} on, or if it gets worse.`;
}

const WHY_HELD = {
  delay: "it comes once it has stood for long enough",
  limit: "its value does not pass the rule's limit",
} as const;

/** The line that says that the plant reports an alarm which its rule holds back; `null`: it is not held back. */
export function heldBackLine({ handling: { heldBack } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (heldBack === null) return null;
  const since = instantView(heldBack.startedAt, timeZone, now);
  return html`⏳ Active at the plant since ${since}, held back by its rule: ${WHY_HELD[heldBack.by]}.`;
}

/** The line that says that an active alarm is over by the plant's word, and not by its rule; `null`: it is not. */
export function heldEndLine({ handling: { heldEnd } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (heldEnd === null) return null;
  const since = instantView(heldEnd.at, timeZone, now);
  return html`⏳ Over by the plant's word since ${since}: held by its rule until the value has come back far enough.`;
}

/** The line that says how often a rule kept an alarm from coming, and why; `null`: none did. */
export function untoldLine({ handling: { untold } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (untold === null) return null;
  const { brief, within, hovering, since, lastAt } = untold;
  const whys = [
    brief > 0 ? `${brief}× it was over before its delay` : null,
    within > 0 ? `${within}× its value did not pass the rule's limit` : null,
    hovering > 0 ? `${hovering}× it came again before its value had come back` : null,
  ].filter((why) => why !== null);
  const last = lastAt > since ? html`, last at ${instantView(lastAt, timeZone, now)}` : html``;
  return html`🤫 Not told by its rule: ${whys.join(", ")}, since ${instantView(since, timeZone, now)}${last}.`;
}
