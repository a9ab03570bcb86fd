import { Composer, InputFile, type Api, type Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { cell, toDocument } from "../../plots/csv-export.ts";
import type { Logger } from "../../lib/log.ts";
import { explain } from "../../measurements/explain.ts";
import { parsePeriod } from "../../queries/period.ts";
import type { Outcome, Place } from "../../dispatch/types.ts";
import { PLOT_COST } from "../../people/right.ts";
import { qualityRows } from "../../quality/csv.ts";
import type { MeasuredSpan, Quality } from "../../quality/types.ts";
import type { QualityReport } from "../../quality/verdict.ts";
import type { QualityReports } from "../../reports/quality-reports.ts";
import { toast } from "../access/card-buttons.ts";
import { SETTING, type Command } from "../access/command.ts";
import { handled } from "../access/outcome.ts";
import { servedIn } from "../access/person.ts";
import { decline, reply, turnCaption } from "../access/reply.ts";
import { answering } from "../api/answering.ts";
import { outcomeOf } from "../api/failure.ts";
import { html, ours } from "../api/render.ts";
import { qualityPage, QUALITY_PAGES, type QualityPage } from "./pages.ts";
import { inSeconds, isFit, PAGE_PRESS, qualityButton, spanIn, tooOld, spanCode, type WorkOut } from "./quality-span.ts";
import { createRuleButtons } from "./rule-buttons.ts";
import type { RuleButtonOptions } from "./rule-screens.ts";
import { createWhatIfButtons, whatIfButtons, whatIfsOf } from "./what-if-buttons.ts";

/** What the quality of alarms is shown with. */
interface QualityOptions {
  readonly reports: Pick<QualityReports, "of" | "picture" | "whatIf">;
  /** By what rules are written; see rule-buttons.ts. */
  readonly rules: RuleButtonOptions;
  readonly api: Api;
  readonly timeZoneOf: (chatId: number) => string;
  readonly nameOfChat: (chatId: number) => string;
  readonly now: () => number;
  readonly log: Logger;
}

const IN_ROW = 3;
const USUAL = "30d";
const FILE = "qualityfile";
const PAGES = Object.keys(QUALITY_PAGES).join("|");

/** `/quality`: whether the alarms are worth ringing for. */
export function createQualityCommand(options: QualityOptions) {
  const { reports, api, timeZoneOf, nameOfChat, now, log } = options;
  async function answer(...[ctx, span, tell]: Parameters<WorkOut>): Promise<void> {
    try {
      await tell(await reports.of(span, servedIn(ctx).chatId));
    } catch (error) {
      log.error({ err: error }, "the quality of alarms could not be shown");
      await reply(ctx, html`${explain(error)}`).catch((failure: unknown) =>
        log.warn({ reason: String(failure) }, "could not tell why there is no report on the quality of alarms"),
      );
    }
  }
  const work: WorkOut = (...asked) => answering(answer(...asked));

  /**
   * Sends a picture with its verdict; silently, as only alarms ring.
   * @throws WorkerError if it cannot be drawn
   */
  async function show({ chatId, threadId }: Place, report: QualityReport): Promise<Outcome> {
    const picture = await reports.picture(report.quality);
    try {
      const caption = qualityPage("verdict", { ...report, nameOfChat }).html;
      const { message_id: messageId } = await api.sendPhoto(chatId, new InputFile(picture, "alarm-quality.png"), {
        caption,
        parse_mode: "HTML",
        disable_notification: true,
        reply_markup: { inline_keyboard: keyboardOf(report.quality, "verdict") },
        ...(threadId === null ? {} : { message_thread_id: threadId }),
      });
      return { kind: "done", messageId };
    } catch (error) {
      return outcomeOf(error, null);
    }
  }

  async function send(place: Place, span: MeasuredSpan): Promise<Outcome> {
    return show(place, await reports.of(span, place.chatId));
  }

  const command: Command = {
    name: "quality",
    description: "Whether the alarms are worth ringing for",
    topic: "alarms",
    usage: ["/quality", "/quality 7d"],
    right: { ...SETTING, cost: PLOT_COST },
    async run(ctx, args) {
      const { chatId, threadId } = servedIn(ctx);
      const parsed = parsePeriod(args.trim() === "" ? USUAL : args, timeZoneOf(chatId), now());
      if ("problem" in parsed) return decline(ctx, ours(parsed.problem));
      const span = inSeconds(parsed.value);
      if (!isFit(span))
        return decline(ctx, html`Ask for a day at least, and for 92 days at most: ${ours("/quality 30d")}`);
      return {
        result: "done",
        tell: async () =>
          work(ctx, span, async (report) => {
            const outcome = await show({ chatId, threadId }, report);
            if (outcome.kind !== "done") throw new Error(`the quality of alarms was not shown: ${outcome.kind}`);
          }),
      };
    },
  };
  const buttons = new Composer<Context>(
    createQualityButtons({ work, reports, nameOfChat }),
    createWhatIfButtons({ work, reports, timeZoneOf }),
    createRuleButtons(options.rules),
  );
  return { command, buttons, send };
}

/** Leads to the other pages, and to all of it as a file. */
function createQualityButtons({
  work,
  reports,
  nameOfChat,
}: Pick<QualityOptions, "nameOfChat"> & {
  readonly reports: Pick<QualityReports, "whatIf">;
  readonly work: WorkOut;
}): Composer<Context> {
  const buttons = new Composer<Context>();
  buttons.callbackQuery(
    new RegExp(`^${PAGE_PRESS}:(${PAGES}):(\\d{1,11}):(\\d{1,11})$`),
    handled(async (ctx) => {
      const page = Object.keys(QUALITY_PAGES).find((one): one is QualityPage => one === ctx.match[1]);
      const span = spanIn(ctx.match[2], ctx.match[3]);
      if (page === undefined || span === null) return tooOld(ctx);
      return {
        result: "done",
        async tell() {
          await toast(ctx, "");
          work(ctx, span, (report) =>
            turnCaption(ctx, qualityPage(page, { ...report, nameOfChat }), keyboardOf(report.quality, page)),
          );
        },
      };
    }),
  );
  buttons.callbackQuery(
    new RegExp(`^${FILE}:(\\d{1,11}):(\\d{1,11})$`),
    handled(async (ctx) => {
      const span = spanIn(ctx.match[1], ctx.match[2]);
      if (span === null) return tooOld(ctx);
      return {
        result: "done",
        async tell() {
          await toast(ctx, "");
          work(ctx, span, async (report) => {
            const name = `alarm-quality-${new Date(span.startAt).toISOString().slice(0, 10)}`;
            const whatIfs = await whatIfsOf(reports, span, servedIn(ctx).chatId, report.quality);
            const file = await toDocument(csvOf(qualityRows(report, whatIfs)), name);
            await ctx.replyWithDocument(new InputFile(file.bytes, file.name), { disable_notification: true });
          });
        },
      };
    }),
  );
  return buttons;
}

/** The other pages, and all of it as a file; below the ten worst, what could be done about each. */
function keyboardOf(quality: Quality, shown: QualityPage): InlineKeyboardButton[][] {
  const { startAt, endAt } = quality;
  const span = { startAt, endAt };
  const pages = Object.keys(QUALITY_PAGES).filter((page): page is QualityPage => page !== shown);
  const keys = [
    ...pages.map((page) => qualityButton(page, QUALITY_PAGES[page], span)),
    { text: "CSV", callback_data: `${FILE}:${spanCode(span)}` },
  ];
  const rows = Array.from({ length: Math.ceil(keys.length / IN_ROW) }, (_, row) =>
    keys.slice(row * IN_ROW, (row + 1) * IN_ROW),
  );
  return shown === "worst" ? [...whatIfButtons(quality, span), ...rows] : rows;
}

function* csvOf(rows: Iterable<readonly string[]>): Generator<string> {
  yield "page,of,figure,value\n";
  for (const row of rows) yield `${row.map(cell).join(",")}\n`;
}
