import { InputFile, type Context } from "grammy";
import { shorten } from "../../alarms/text.ts";
import { isFailed, unlessAllFailed } from "../../lib/text/partial.ts";
import type { Logger } from "../../lib/log.ts";
import { csvChunks, leftOut, toDocument } from "../../plots/csv-export.ts";
import { explain, notesOf } from "../../measurements/explain.ts";
import type { FeedRequest } from "../../queries/feed-request.ts";
import type { FailedField, ReadField } from "../../queries/field-summary.ts";
import { formatPeriodAsTyped } from "../../queries/period.ts";
import type { PlotLine } from "../../plots/chart-request.ts";
import { html } from "../api/render.ts";
import { reply } from "../access/reply.ts";

/** In all fields together: packed, far below the 50 MB that a bot may send (FACTS: C1). */
const MAX_EXPORT = 2_000_000;
/** With room to spare in a caption. */
const MAX_WORDS = 900;

/** Sends the numbers of a request as a file, or says why there is none. */
export async function sendExport(
  ctx: Context,
  request: FeedRequest,
  { read, timeZone, log }: { readonly read: ReadField; readonly timeZone: string; readonly log: Logger },
): Promise<void> {
  const { startAt, endAt } = request;
  const found: (PlotLine | FailedField)[] = [];
  let entries = 0;
  for (const measurement of request.measurements) {
    try {
      // A period ends before its end; ThingSpeak counts the last second in.
      const series = await read({ field: measurement.number, startAt, endAt: endAt - 1 });
      found.push({ measurement, series });
      entries += series.times.length;
    } catch (error) {
      log.warn({ err: error, field: measurement.number }, "an export lacks a field");
      found.push({ measurement, error });
    }
    if (entries > MAX_EXPORT) {
      return reply(ctx, html`Too many entries for one file. Ask for a shorter period or for one field.`);
    }
  }
  const lines = unlessAllFailed(found).filter((one): one is PlotLine => !isFailed(one));
  const notes = notesOf(lines.map(({ series }) => series));
  const missing = found
    .filter(isFailed)
    .map(({ measurement, error }) => `${measurement.label} is missing: ${explain(error)}`);
  if (entries === 0) {
    const more = missing.map((sentence) => ` ${sentence}`).join("");
    return reply(ctx, html`No data in this period. Ask for another one; /latest shows the newest.${more}`);
  }
  const file = await toDocument(csvChunks(lines), `valvomo-${stampOf(startAt)}-to-${stampOf(endAt)}`);
  await ctx.replyWithDocument(new InputFile(file.bytes, file.name), {
    caption: shorten(
      [
        `${formatPeriodAsTyped(request, timeZone)}. Times in the file are UTC.`,
        ...notes,
        ...lines.flatMap(leftOut),
        ...missing,
      ].join("\n"),
      MAX_WORDS,
    ),
    disable_notification: true,
  });
}

/** An instant for the name of a file, in UTC as in the file: `2026-11-22-1403`. */
const stampOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", "-").replace(":", "");
