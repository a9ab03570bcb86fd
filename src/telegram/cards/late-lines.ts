import { shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import { type Moment } from "../../lib/time/time.ts";
import { instantView } from "./instant-view.ts";
import { html, type Html } from "../api/render.ts";

/** What a card says of the plant's clock, and of what came late. */

const MAX_REMARK = 300;

/** The line that says that the newest event took long to come. @param context `lateAfterMs`: what takes longer is late */
export function lateLine(alarm: Alarm, context: Moment & { readonly lateAfterMs: number }): Html | null {
  const { timeZone, now, lateAfterMs } = context;
  const { lastAt, lastReceivedAt, handling } = alarm;
  if (handling.setBack !== null || lastReceivedAt - lastAt <= lateAfterMs) return null;
  return html`🐌 Late: it came only at ${instantView(lastReceivedAt, timeZone, now)}.`;
}

/** The line about an event that came after newer ones, and changed nothing; `null`: there is none. */
export function overtakenLine({ handling: { late, lagging } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (late === null) return null;
  const at = instantView(late.at, timeZone, now);
  const receivedAt = instantView(late.receivedAt, timeZone, now);
  const what = late.state === "cleared" ? "A clear" : `A report (${late.severity})`;
  const doubt = lagging?.doubt == null ? "" : " If the plant's clock was set back, it is so now.";
  const remark = late.remark === undefined ? "" : ` ${shorten(late.remark, MAX_REMARK)}`;
  return html`🐌 ${what} of ${at} came only at ${receivedAt}: what is newer counts.${doubt}${remark}`;
}

/** The line that says that the plant's clock was set back, and is believed as it goes now. */
export function setBackLine({ handling: { setBack } }: Alarm, { timeZone, now }: Moment): Html | null {
  if (setBack === null) return null;
  const at = instantView(setBack.at, timeZone, now);
  const receivedAt = instantView(setBack.receivedAt, timeZone, now);
  return html`🕰 The plant's clock was set back: it showed ${at} when it was ${receivedAt}.`;
}
