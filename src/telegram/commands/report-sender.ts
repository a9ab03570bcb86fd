import { InputFile, InputMediaBuilder, type Api } from "grammy";
import { SEVERITIES } from "../../alarms/types.ts";
import { MAX_PLACES } from "../../pace/rate-limits.ts";
import type { Outcome, Place } from "../../dispatch/types.ts";
import type { Logger } from "../../lib/log.ts";
import { formatPeriodAsTyped } from "../../queries/period.ts";
import type { Picture, Report } from "../../reports/report.ts";
import { formatMinute } from "../../lib/time/time.ts";
import { outcomeOf } from "../api/failure.ts";
import { summaryLine } from "./feed-views.ts";
import { titleOf } from "../../plots/caption.ts";
import { captionView, titleView } from "../plots/plot-view.ts";
import { fit, html, lines, type Html } from "../api/render.ts";

/** Creates what shows reports in Telegram: a message, and then the pictures. */
export function createReportSender({ api, log }: { readonly api: Api; readonly log: Logger }) {
  return async (place: Place, report: Report): Promise<Outcome> => {
    try {
      const mode = { parse_mode: "HTML", ...threadOf(place) } as const;
      const { message_id: messageId } = await api.sendMessage(place.chatId, reportView(report).html, mode);
      // The words are the report: it is not sent again for want of a picture.
      await sendPictures(place, report.pictures).catch((error: unknown) =>
        log.warn({ chatId: place.chatId, outcome: outcomeOf(error, null) }, "a report has no pictures"),
      );
      return { kind: "done", messageId };
    } catch (error) {
      return outcomeOf(error, null);
    }
  };

  async function sendPictures(place: Place, pictures: readonly Picture[]): Promise<void> {
    const shown = pictures.map(({ png, caption }) => ({
      file: new InputFile(png, "plot.png"),
      more: { caption: captionView(caption).html, parse_mode: "HTML" } as const,
    }));
    const albums = Math.ceil(shown.length / MAX_PLACES);
    for (let i = 0; i < albums; i++) {
      const items = shown.slice((i * shown.length) / albums, ((i + 1) * shown.length) / albums);
      const [first] = items;
      // An album has two at least.
      if (first && items.length === 1) {
        await api.sendPhoto(place.chatId, first.file, { ...first.more, ...threadOf(place) });
      } else {
        const album = items.map(({ file, more }) => InputMediaBuilder.photo(file, more));
        await api.sendMediaGroup(place.chatId, album, threadOf(place));
      }
    }
  }
}

/** Silently: only alarms ring. */
const threadOf = ({ threadId }: Place) => ({
  disable_notification: true,
  ...(threadId === null ? {} : { message_thread_id: threadId }),
});

function reportView(report: Report): Html {
  const { timeZone, fields, problem } = report;
  return fit(
    lines(
      titleView(titleOf("Report", formatPeriodAsTyped(report, timeZone))),
      html`${alarmWords(report)}`,
      html`${uptimeWords(report)}`,
      problem === null ? null : html`No measurements: ${problem}`,
    ),
    fields.map(summaryLine),
  );
}

function alarmWords({ alarms: { came, active, returned } }: Report): string {
  const counts = SEVERITIES.toReversed().flatMap((severity) =>
    came[severity] > 0 ? [`${came[severity]} ${severity}`] : [],
  );
  const words = counts.length === 0 ? "No alarms came" : `Alarms: ${counts.join(", ")}`;
  const unseen = returned === 0 ? "" : `, ${returned} came and went, not acknowledged`;
  return `${words}; ${active === 0 ? "none is" : active === 1 ? "1 is" : `${active} are`} active now${unseen}.`;
}

function uptimeWords({ startAt, startedAt, timeZone }: Report): string {
  return startedAt <= startAt
    ? "Valvomo was up all the time."
    : `Valvomo was restarted at ${formatMinute(startedAt, timeZone)}.`;
}
