import type { Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { DAY_MS } from "../../quality/limits.ts";
import type { MeasuredSpan } from "../../quality/types.ts";
import type { QualityReport } from "../../quality/verdict.ts";
import { toast } from "../access/card-buttons.ts";
import type { Done } from "../access/outcome.ts";
import type { QualityPage } from "./pages.ts";

/** Works out a report, and shows it; says why, where that fails. Whoever asked can go on pressing meanwhile. */
export type WorkOut = (ctx: Context, span: MeasuredSpan, show: (report: QualityReport) => Promise<unknown>) => void;

/** Longer ones are no picture on a phone, and shorter ones no measure. */
const MAX_MS = 92 * DAY_MS;
const MIN_MS = DAY_MS;
const SECOND_MS = 1_000;

/** The kind of a button that leads to a page. */
export const PAGE_PRESS = "quality";

/** Buttons name a span in seconds, as they hold few letters. */
export const inSeconds = ({ startAt, endAt }: MeasuredSpan): MeasuredSpan => ({
  startAt: Math.floor(startAt / SECOND_MS) * SECOND_MS,
  endAt: Math.ceil(endAt / SECOND_MS) * SECOND_MS,
});

/** Whether a report can be made of it. */
export const isFit = ({ startAt, endAt }: MeasuredSpan): boolean =>
  endAt - startAt >= MIN_MS && endAt - startAt <= MAX_MS + DAY_MS;

/** The span that a button names; `null`: none that we ever wrote. */
export function spanIn(start = "", end = ""): MeasuredSpan | null {
  const span = { startAt: Number(start) * SECOND_MS, endAt: Number(end) * SECOND_MS };
  return isFit(span) ? span : null;
}

/** A button that names none. */
export const tooOld = (ctx: Context): Done => ({
  result: "not done",
  tell: () => toast(ctx, "This report is too old. Ask again: /quality"),
});

/** A span in the data of a button. */
export const spanCode = ({ startAt, endAt }: MeasuredSpan): string => `${startAt / SECOND_MS}:${endAt / SECOND_MS}`;

/** Leads to a page. */
export const qualityButton = (page: QualityPage, text: string, span: MeasuredSpan): InlineKeyboardButton => ({
  text,
  callback_data: `${PAGE_PRESS}:${page}:${spanCode(span)}`,
});
