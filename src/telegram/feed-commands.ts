import { InputFile, type Context } from "grammy";
import { shorten } from "../alarms/text.ts";
import { createQueue } from "../lib/queue.ts";
import { isFailed, unlessAllFailed, type Failed } from "../lib/partial.ts";
import type { Logger } from "../log.ts";
import { LOOK, PLOT_COST } from "../people/right.ts";
import { csvChunks, toDocument } from "../plots/csv-export.ts";
import { explain, notesOf } from "../plots/explain.ts";
import { parseFeedRequest, type FeedRequest } from "../plots/feed-request.ts";
import { summarizeFields, type FailedField, type ReadField } from "../plots/field-summary.ts";
import type { Measurement } from "../plots/measurement.ts";
import { formatPeriod, prepareFor, type Period } from "../plots/period.ts";
import type { PlotLine } from "../plots/plotter.ts";
import { exampleDay, type Anchors } from "../plots/typed-time.ts";
import { sparklineOf } from "../plots/sparkline.ts";
import type { FailedEntry, LatestEntry } from "../sources/source.ts";
import { WorkerError } from "../worker/worker-error.ts";
import type { Command } from "./commands.ts";
import { latestView, statisticsView } from "./feed-views.ts";
import { html } from "./render.ts";
import { reply } from "./reply.ts";

/** What the commands about numbers need. */
export interface FeedCommandOptions {
  /** The channel's fields with all that is known about them. */
  readonly measurements: () => Promise<readonly Measurement[]>;
  readonly read: ReadField;
  /** The newest entry of each field that has one. */
  readonly latest: () => Promise<readonly (Omit<LatestEntry, "label"> | Omit<FailedEntry, "label">)[]>;
  readonly timeZoneOf: (chatId: number) => string;
  readonly anchorsOf: (chatId: number) => Promise<Anchors>;
  readonly now: () => number;
  readonly log: Logger;
}

type Action = "typing" | "upload_document";

/** Telegram shows a chat action for five seconds. */
const ACTION_MS = 4_000;
/** What the curves of /latest show. */
const LATELY_MS = 6 * 3_600_000;
/** In all fields together: packed, far below the 50 MB that a bot may send (FACTS: C1). */
const MAX_EXPORT = 2_000_000;

/** With room to spare in a caption. */
const MAX_WORDS = 900;

/** An export takes 32 MB, and its text as much. */
const AT_ONCE = 2;
const MAX_WAITING = 40;

/** They take as long as a plot. */
const NUMBERS = { ...LOOK, cost: PLOT_COST };

/** The commands that tell numbers. Each answers when it can, and what is written meanwhile does not wait for it. */
export function createFeedCommands(options: FeedCommandOptions): readonly Command[] {
  const { measurements, read, latest, timeZoneOf, anchorsOf, now, log } = options;

  const inQueue = createQueue({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    full: () => new WorkerError("full", `${MAX_WAITING} questions about numbers are waiting already`),
  });

  async function tellLatest(ctx: Context): Promise<void> {
    const [fields, entries] = await Promise.all([measurements(), latest()]);
    const period = { startAt: now() - LATELY_MS, endAt: now() };
    const values = await Promise.all(
      fields.map(async (measurement) => {
        const entry = entries.find(({ field }) => field === measurement.number) ?? null;
        return { measurement, entry, sparkline: await curveOf(measurement, entry, period) };
      }),
    );
    await reply(ctx, latestView(values, now()));
  }

  /** A value without its curve says more than none: what is wrong is told where the numbers themselves are asked for. */
  async function curveOf(
    { number }: Measurement,
    entry: { readonly at: number } | Failed | null,
    period: Period,
  ): Promise<string> {
    // What is older than the curve has none.
    if (entry === null || isFailed(entry) || entry.at < period.startAt) return "";
    try {
      return sparklineOf(await read({ field: number, ...period }), period);
    } catch (error) {
      log.warn({ err: error, field: number }, "a newest value has no curve");
      return "";
    }
  }

  async function tellStatistics(ctx: Context, request: FeedRequest): Promise<void> {
    const summaries = await summarizeFields(read, request, now());
    await reply(ctx, statisticsView(summaries, request, timeZoneOf(ctx.chatId ?? 0)));
  }

  async function sendExport(ctx: Context, request: FeedRequest): Promise<void> {
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
        return reply(
          ctx,
          html`That are more entries than one file can hold. Ask for a shorter period or for one field.`,
        );
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
          `${formatPeriod(request, timeZoneOf(ctx.chatId ?? 0))}. Times in the file are UTC.`,
          ...notes,
          ...missing,
        ].join("\n"),
        MAX_WORDS,
      ),
      disable_notification: true,
    });
  }

  /** Reads what was asked for, and does it; or says what to type instead. */
  async function understand(ctx: Context, args: string, work: (request: FeedRequest) => Promise<void>): Promise<void> {
    await prepareFor(args);
    const parsed = parseFeedRequest(
      args,
      await measurements(),
      timeZoneOf(ctx.chatId ?? 0),
      now(),
      await anchorsOf(ctx.chatId ?? 0),
    );
    await (parsed.ok ? work(parsed) : reply(ctx, html`${parsed.problem}`));
  }

  /** Does what takes a while, says so meanwhile, and explains what goes wrong. Never throws, since nobody waits for it. */
  async function answer(ctx: Context, action: Action, work: () => Promise<void>): Promise<void> {
    // Only a decoration: whether it is shown or not, the answer comes.
    const show = (): void => void ctx.replyWithChatAction(action).catch(() => undefined);
    show();
    const timer = setInterval(show, ACTION_MS).unref();
    try {
      await inQueue(work);
    } catch (error) {
      log.warn({ err: error, chatId: ctx.chatId }, "numbers could not be told");
      await reply(ctx, html`${explain(error)}`).catch((failure: unknown) => {
        log.warn({ reason: String(failure) }, "could not tell why there are no numbers");
      });
    } finally {
      clearInterval(timer);
    }
  }

  return [
    {
      name: "latest",
      description: "The newest value of each measurement",
      usage: ["/latest"],
      right: LOOK,
      run: async (ctx) => void answer(ctx, "typing", () => tellLatest(ctx)),
    },
    {
      name: "stats",
      description: "What the measurements did: extremes, averages, and what is missing",
      usage: ["/stats", "/stats 7d", "/stats Temperature yesterday"],
      right: NUMBERS,
      run: async (ctx, args) =>
        void answer(ctx, "typing", () => understand(ctx, args, (request) => tellStatistics(ctx, request))),
    },
    {
      name: "export",
      description: "The numbers as a file (CSV)",
      get usage() {
        const [start, end] = [exampleDay("UTC", now(), 2), exampleDay("UTC", now())];
        return ["/export", "/export 30d", `/export Temperature ${start} ${end}`];
      },
      right: NUMBERS,
      run: async (ctx, args) =>
        void answer(ctx, "upload_document", () => understand(ctx, args, (request) => sendExport(ctx, request))),
    },
  ];
}

/** An instant for the name of a file, in UTC as in the file: `2026-11-22-1403`. */
const stampOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", "-").replace(":", "");
