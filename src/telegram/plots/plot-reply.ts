import { InputFile, type Api } from "grammy";
import { whileShown } from "../api/meanwhile.ts";
import type { InlineKeyboardButton } from "grammy/types";
import { DEFAULT_HEIGHT, DEFAULT_WIDTH } from "../../charts/request.ts";
import { membersFor, type MemberAccess } from "../../devices/member-access.ts";
import type { Caller } from "../../devices/permitted.ts";
import { isFailed } from "../../lib/text/partial.ts";
import type { Place } from "../../dispatch/types.ts";
import type { Logger } from "../../lib/log.ts";
import { shorten } from "../../alarms/text.ts";
import { csvChunks, leftOut, toDocument } from "../../plots/csv-export.ts";
import { explain } from "../../measurements/explain.ts";
import { parsePlotCommand, type PlotRequest } from "../../queries/plot-command.ts";
import { readAmong } from "../../queries/read-among.ts";
import type { PlotLine } from "../../plots/chart-request.ts";
import type { Plotter } from "../../plots/plotter.ts";
import type { Anchors } from "../../queries/time-words.ts";
import { viewOf, type PlotView } from "../../plots/view.ts";
import type { AskerIn } from "./asker.ts";
import { captionView, choiceButtons, plotButtons } from "./plot-view.ts";
import { html, type Html } from "../api/render.ts";
import type { Field } from "../../measurements/source.ts";

/** A plot that somebody asked for, and where it goes: what the dialogue made of the answers, what was typed behind /plot, or pressed. */
export type PlotOrder = Place & { readonly by: Caller } & (
    | { readonly request: PlotRequest }
    | { readonly typed: string }
    | { readonly view: PlotView }
  );

/** The refusal where a device permits something to others only. */
export const NOT_TO_BE_SEEN = "There is no such value that you may see here.";
const NO_DATA = html`No data in this period. Ask for another one; /status shows the newest entries.`;

/** With room to spare in a caption. */
const MAX_WORDS = 900;
/** As sharp as paper; Telegram makes a photo smaller, a document not. */
const FULL_SIZE = { width: DEFAULT_WIDTH * 2, height: DEFAULT_HEIGHT * 2 };

/** What answering with plots needs. */
interface PlotReplyOptions {
  readonly api: Api;
  readonly plotter: Plotter;
  readonly members: MemberAccess;
  readonly askerIn: AskerIn;
  readonly timeZoneOf: (chatId: number) => string;
  readonly anchorsOf: (chatId: number) => Promise<Anchors>;
  readonly now: () => number;
  readonly log: Logger;
}

/** What answers those who want to see something. It never throws, since nobody waits for it. */
export class PlotReply {
  readonly #options: PlotReplyOptions;

  constructor(options: PlotReplyOptions) {
    this.#options = options;
  }

  /** Sends the picture with its buttons, or one sentence. */
  order(order: PlotOrder): Promise<void> {
    return this.#answer(order, "upload_photo", () => this.#send(order));
  }

  /** Sends a view as a picture in full size and as numbers. */
  files(place: Place, view: PlotView): Promise<void> {
    return this.#answer(place, "upload_document", () => this.#sendFiles(place, view));
  }

  async #send(order: PlotOrder): Promise<void> {
    const { api, plotter, timeZoneOf, now } = this.#options;
    plotter.prepare();
    const timeZone = timeZoneOf(order.chatId);
    const view = await this.#viewFor(order, timeZone);
    if (view === null) return;
    const [plot, fields] = await Promise.all([plotter.plot(view, timeZone), plotter.switches(view)]);
    if (plot.isEmpty) return this.#say(order, NO_DATA);
    await api.sendPhoto(order.chatId, new InputFile(plot.png, "plot.png"), {
      ...threadOf(order),
      caption: captionView(plot.caption).html,
      parse_mode: "HTML",
      reply_markup: { inline_keyboard: plotButtons(view, fields, { now: now(), timeZone, isLive: false }) },
      disable_notification: true,
    });
  }

  /** What is to be drawn; `null` if it was told why there is nothing. */
  async #viewFor(order: PlotOrder, zone: string): Promise<PlotView | null> {
    const { plotter, members, askerIn, anchorsOf, now } = this.#options;
    const asker = askerIn(order.chatId, order.by);
    if (!("typed" in order)) {
      const view = "view" in order ? order.view : viewOf([order.request.field], order.request);
      if (members.maySee(view.fields, asker)) return view;
      await this.#say(order, html`${NOT_TO_BE_SEEN}`);
      return null;
    }
    const anchors = await anchorsOf(order.chatId);
    const found = await readAmong(
      order.typed,
      (fields: readonly Field[]) => parsePlotCommand(order.typed, fields, zone, now(), anchors),
      plotter.fields,
      membersFor(members, order.typed, asker),
    );
    if ("value" in found) return viewOf([found.value.field], found.value);
    const { choice, problem } = found;
    await this.#say(order, html`${problem}`, choice === null ? [] : choiceButtons(choice.fields, choice.period));
    return null;
  }

  async #sendFiles(place: Place, view: PlotView): Promise<void> {
    const { api, plotter, timeZoneOf, now } = this.#options;
    const zone = timeZoneOf(place.chatId);
    const [plot, lines] = await Promise.all([plotter.plot(view, zone, { size: FULL_SIZE }), plotter.lines(view)]);
    const name = `valvomo-${new Date(now()).toISOString().slice(0, 16).replaceAll(/[:T]/g, "-")}`;
    const read = lines.filter((line): line is PlotLine => !isFailed(line));
    const csv = await toDocument(csvChunks(read), name);
    const more = { ...threadOf(place), disable_notification: true };
    const caption = plot.caption[0] ?? "";
    await api.sendDocument(place.chatId, new InputFile(plot.png, `${name}.png`), { ...more, caption });
    const words = shorten(read.flatMap(leftOut).join("\n"), MAX_WORDS);
    await api.sendDocument(place.chatId, new InputFile(csv.bytes, csv.name), { ...more, caption: words });
  }

  async #say(place: Place, sentence: Html, buttons: InlineKeyboardButton[][] = []): Promise<void> {
    const keyboard = buttons.length === 0 ? {} : { reply_markup: { inline_keyboard: buttons } };
    const more = { ...threadOf(place), ...keyboard, disable_notification: true };
    await this.#options.api.sendMessage(place.chatId, sentence.html, { parse_mode: "HTML", ...more });
  }

  /** Does something that takes a while, says so meanwhile, and explains what goes wrong. */
  async #answer(place: Place, action: "upload_photo" | "upload_document", work: () => Promise<void>): Promise<void> {
    const { api, log } = this.#options;
    try {
      await whileShown(() => api.sendChatAction(place.chatId, action, threadOf(place)), work);
    } catch (error) {
      log.warn({ err: error, chatId: place.chatId }, "plot failed");
      await this.#say(place, html`${explain(error)}`).catch((failure: unknown) => {
        log.warn({ reason: String(failure) }, "could not tell about a failed plot");
      });
    }
  }
}

const threadOf = ({ threadId }: Place): { message_thread_id?: number } =>
  threadId === null ? {} : { message_thread_id: threadId };
