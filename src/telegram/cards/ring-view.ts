import type { RingReason, FollowUp } from "../../alarms/card.ts";
import { isWorse } from "../../alarms/lifecycle/rise.ts";
import { inOneLine, shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import { formatDuration } from "../../lib/time/time.ts";
import { instantView } from "./instant-view.ts";
import { clearedAfter, originOf, type CardContext } from "./card-view.ts";
import { overtakenLine } from "./late-lines.ts";
import { html, lines, type Html } from "../api/render.ts";

/** Of what an alarm says, where it is only named. */
const MAX_MESSAGE = 200;

/** The words above a card that rings, if the card itself does not say why. */
export function ringView(
  alarm: Alarm,
  reason: RingReason,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
): Html | null {
  const unseen = () => `Nobody has acknowledged this for ${formatDuration(now - (alarm.toldAt || alarm.startedAt))}`;
  const since = () => html`Active since ${instantView(alarm.startedAt, timeZone, now)}.`;
  switch (reason) {
    case "reminder":
      return html`⏰ ${unseen()}. ${since()}`;
    case "passedOn":
      return html`⏰ ${unseen()}: it is passed on to you. ${since()}`;
    case "owner": {
      const name = alarm.acknowledgedBy ?? "";
      const { owner } = alarm.handling;
      const person =
        owner === null || owner.userId === 0 ? html`${name}` : html`<a href="tg://user?id=${owner.userId}">${name}</a>`;
      return html`⏰ ${person}, this is still active.`;
    }
    case "unshelved":
      return html`🗄 No longer shelved, and still active.`;
    case "wentUnseen":
      return html`⏰ It came and went, and nobody has acknowledged it.`;
    case "first":
    case "returned":
    case "escalated":
      return inLines(riseView(alarm), wentView(alarm));
    case "found":
      return null;
  }
}

const inLines = (first: Html | null, second: Html | null): Html | null =>
  first && second ? lines(first, second) : (first ?? second);

/** That it was over before it could be told. */
function wentView(alarm: Alarm): Html | null {
  if (alarm.handling.returned === null || alarm.clearedAt === null) return null;
  return html`↩️ It came and went, ${formatDuration(Math.max(1_000, alarm.clearedAt - alarm.startedAt))}.`;
}

/** That it got worse, and than what; `null`: it did not, or came anew. */
function riseView({ handling: { rise } }: Alarm): Html | null {
  if (rise === null) return null;
  const { from, to, former } = rise;
  const step = `${from.toUpperCase()} → ${to.toUpperCase()}`;
  if (former === null) return html`⬆️ It got worse: ${step}.`;
  const { did, by, severity } = former;
  if (!isWorse(to, severity)) return html`⬆️ Worse again since ${by} ${did} it: ${step}.`;
  const so = did === "shelved" ? ", so it is not shelved any more" : "";
  return html`⬆️ Worse than when ${by} ${did} it: ${severity.toUpperCase()} → ${to.toUpperCase()}${so}.`;
}

const chatterCount = ({ handling: { chatter } }: Alarm): string =>
  chatter === null ? "" : `, came and went ${chatter.count}×`;

/** The words of a short reply to a card. */
export function followUpView(
  alarm: Alarm,
  followUp: FollowUp,
  { timeZone, now }: Pick<CardContext, "timeZone" | "now">,
): Html {
  if (followUp === "cleared") return html`✅ Cleared${clearedAfter(alarm)}${chatterCount(alarm)}.`;
  if (followUp === "late") {
    const name = html`<b>${shorten(inOneLine(alarm.message), MAX_MESSAGE)}</b> · ${originOf(alarm)} · #${alarm.id}`;
    return lines(name, overtakenLine(alarm, { timeZone, now }), html`Please check whether it is active now.`);
  }
  const untilAt = alarm.handling.shelf?.untilAt ?? now;
  return html`🗄 Shelving ends at ${instantView(untilAt, timeZone, now)}. Shelve again if it is to stay quiet.`;
}
