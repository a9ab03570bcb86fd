import type { Alarm } from "../../alarms/types.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { html, type Html } from "../api/render.ts";

/** What a card says of the plant's clock, and of what came late. */

interface Moment {
  /** IANA name. */
  readonly timeZone: string;
  readonly now: number;
}

/** That its newest event took long to come. @param context `lateAfterMs`: what takes longer is late */
export function lateLine(alarm: Alarm, context: Moment & { readonly lateAfterMs: number }): Html | null {
  const { timeZone, now, lateAfterMs } = context;
  const { lastAt, lastReceivedAt, course } = alarm;
  if (course.setBack !== null || lastReceivedAt - lastAt <= lateAfterMs) return null;
  return html`🐌 Late: it came only at ${formatInstant(lastReceivedAt, timeZone, now)}.`;
}

/** What came after newer ones, so that it changed nothing; `null`: nothing did. */
export function overtakenLine({ course: { late, lagging } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (late === null) return null;
  const at = formatInstant(late.at, timeZone, now);
  const receivedAt = formatInstant(late.receivedAt, timeZone, now);
  const what = late.state === "cleared" ? "A clear" : `A report (${late.severity})`;
  const doubt = lagging?.doubt == null ? "" : " If the plant's clock was set back, it is so now.";
  return html`🐌 ${what} of ${at} came only at ${receivedAt}: what is newer counts.${doubt}`;
}

/** That the plant's clock is believed as it goes now. */
export function setBackLine({ course: { setBack } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (setBack === null) return null;
  const at = formatInstant(setBack.at, timeZone, now);
  const receivedAt = formatInstant(setBack.receivedAt, timeZone, now);
  return html`🕰 The plant's clock was set back: it showed ${at} when it was ${receivedAt}.`;
}
