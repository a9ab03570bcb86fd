import type { Context } from "grammy";
import { whileShown } from "../api/meanwhile.ts";
import { createQueue } from "../../lib/queue.ts";
import { isFailed, type Failed } from "../../lib/text/partial.ts";
import { FIRST_MEMBER } from "../../devices/member-book.ts";
import { membersFor, type MemberAccess } from "../../devices/member-access.ts";
import type { Logger } from "../../lib/log.ts";
import { LOOK, PLOT_COST } from "../../people/right.ts";
import { explain } from "../../measurements/explain.ts";
import { parseFeedRequest, type FeedRequest } from "../../queries/feed-request.ts";
import { summarizeFields, type DigestField, type ReadField } from "../../queries/field-summary.ts";
import type { Measurement } from "../../measurements/measurement.ts";
import { type Period } from "../../queries/period.ts";
import { readAmong } from "../../queries/read-among.ts";
import { exampleDay } from "../../queries/problem.ts";
import type { Anchors } from "../../queries/time-words.ts";
import { sparklineOf } from "../../queries/sparkline.ts";
import type { FailedEntry, LatestEntry, LatestValue } from "../../measurements/source.ts";
import { WorkerError } from "../../lib/worker-error.ts";
import { answering } from "../api/answering.ts";
import { callerOf, type AskerIn } from "../plots/asker.ts";
import type { Command } from "../access/command.ts";
import { sendExport } from "../plots/export-reply.ts";
import { latestView, statisticsView } from "./feed-views.ts";
import { html } from "../api/render.ts";
import { reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What the commands about numbers need. */
export interface FeedCommandOptions {
  /** The channel's fields with all that is known about them. */
  readonly measurements: () => Promise<readonly Measurement[]>;
  readonly read: ReadField;
  readonly digest: DigestField;
  /** The newest entry of each field that has one. */
  readonly latest: () => Promise<readonly (Omit<LatestEntry, "label"> | Omit<FailedEntry, "label">)[]>;
  /** The newest value of a device's member, by its number; `null`: there is none. */
  readonly latestOf: (number: number) => Promise<LatestValue | null>;
  readonly members: Pick<MemberAccess, "like" | "first">;
  readonly askerIn: AskerIn;
  readonly timeZoneOf: (chatId: number) => string;
  readonly anchorsOf: (chatId: number) => Promise<Anchors>;
  readonly now: () => number;
  readonly log: Logger;
}

type Action = "typing" | "upload_document";

/** What the curves of /latest show. */
const LATELY_MS = 6 * 3_600_000;
/** An export takes 32 MB, and its text as much. */
const AT_ONCE = 2;
const MAX_WAITING = 40;

/** They take as long as a plot. */
const NUMBERS = { ...LOOK, cost: PLOT_COST };

/** The commands that tell numbers. Each answers when it can, and what is written meanwhile does not wait for it. */
export class FeedCommands {
  readonly commands: readonly Command[];
  readonly #options: FeedCommandOptions;
  readonly #inQueue = createQueue({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    full: () => new WorkerError("full", `${MAX_WAITING} questions about numbers are waiting already`),
  });

  constructor(options: FeedCommandOptions) {
    this.#options = options;
    const { now } = options;
    this.commands = [
      {
        name: "latest",
        description: "The newest value of each measurement",
        topic: "plots",
        usage: ["/latest", "/latest Temperature"],
        right: LOOK,
        run: async (ctx, args) =>
          answering(
            this.#answer(ctx, "typing", () =>
              this.#understand(ctx, args, (request) => this.#tellLatest(ctx, request.measurements)),
            ),
          ),
      },
      {
        name: "stats",
        description: "What the measurements did: extremes, averages, and what is missing",
        topic: "plots",
        usage: ["/stats", "/stats 7d", "/stats Temperature yesterday"],
        right: NUMBERS,
        run: async (ctx, args) =>
          answering(
            this.#answer(ctx, "typing", () =>
              this.#understand(ctx, args, (request) => this.#tellStatistics(ctx, request)),
            ),
          ),
      },
      {
        name: "export",
        description: "The numbers as a file (CSV)",
        topic: "plots",
        get usage() {
          const [start, end] = [exampleDay("UTC", now(), 2), exampleDay("UTC", now())];
          return ["/export", "/export 30d", `/export Temperature ${start} ${end}`];
        },
        right: NUMBERS,
        run: async (ctx, args) =>
          answering(
            this.#answer(ctx, "upload_document", () =>
              this.#understand(ctx, args, (request) => this.#export(ctx, request)),
            ),
          ),
      },
    ];
  }

  async #tellLatest(ctx: Context, shown: readonly Measurement[]): Promise<void> {
    const { latest, latestOf, timeZoneOf, now } = this.#options;
    const isMember = ({ number }: Measurement): boolean => number >= FIRST_MEMBER;
    const entries = shown.every(isMember) ? [] : await latest();
    const period = { startAt: now() - LATELY_MS, endAt: now() };
    const values = await Promise.all(
      shown.map(async (measurement) => {
        const { number } = measurement;
        const entry = isMember(measurement)
          ? await latestOf(number)
          : (entries.find(({ field }) => field === number) ?? null);
        return { measurement, entry, sparkline: await this.#curveOf(measurement, entry, period) };
      }),
    );
    await reply(ctx, latestView(values, timeZoneOf(servedIn(ctx).chatId), now()));
  }

  /** A value without its curve says more than none: what is wrong is told where the numbers themselves are asked for. */
  async #curveOf(
    { number }: Measurement,
    entry: { readonly at: number } | Failed | null,
    period: Period,
  ): Promise<string> {
    const { read, log } = this.#options;
    // What is older than the curve has none.
    if (entry === null || isFailed(entry) || entry.at < period.startAt) return "";
    try {
      return sparklineOf(await read({ field: number, ...period }), period);
    } catch (error) {
      log.warn({ err: error, field: number }, "a newest value has no curve");
      return "";
    }
  }

  async #tellStatistics(ctx: Context, request: FeedRequest): Promise<void> {
    const { read, digest, timeZoneOf, now } = this.#options;
    const summaries = await summarizeFields({ read, digest }, request, now());
    await reply(ctx, statisticsView(summaries, request, timeZoneOf(servedIn(ctx).chatId)));
  }

  #export(ctx: Context, request: FeedRequest): Promise<void> {
    const { read, timeZoneOf, log } = this.#options;
    return sendExport(ctx, request, { read, timeZone: timeZoneOf(servedIn(ctx).chatId), log });
  }

  /** Reads what was asked for, and does it; or says what to type instead. */
  async #understand(ctx: Context, args: string, work: (request: FeedRequest) => Promise<void>): Promise<void> {
    const { measurements, members, askerIn, timeZoneOf, anchorsOf, now } = this.#options;
    const chatId = servedIn(ctx).chatId;
    const anchors = await anchorsOf(chatId);
    const parsed = await readAmong(
      args,
      (some: readonly Measurement[]) => parseFeedRequest(args, some, timeZoneOf(chatId), now(), anchors),
      measurements,
      membersFor(members, args, askerIn(chatId, callerOf(ctx))),
    );
    await ("value" in parsed ? work(parsed.value) : reply(ctx, html`${parsed.problem}`));
  }

  /** Does what takes a while, says so meanwhile, and explains what goes wrong. Never throws, since nobody waits for it. */
  async #answer(ctx: Context, action: Action, work: () => Promise<void>): Promise<void> {
    const { log } = this.#options;
    try {
      await whileShown(
        () => ctx.replyWithChatAction(action),
        () => this.#inQueue(work),
      );
    } catch (error) {
      log.warn({ err: error, chatId: ctx.chatId }, "numbers could not be told");
      await reply(ctx, html`${explain(error)}`).catch((failure: unknown) => {
        log.warn({ reason: String(failure) }, "could not tell why there are no numbers");
      });
    }
  }
}
