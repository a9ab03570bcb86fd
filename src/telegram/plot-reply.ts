import { InputFile, type Api } from "grammy";
import type { Logger } from "../log.ts";
import { explain } from "../plots/explain.ts";
import { parsePlotCommand, type PlotRequest } from "../plots/plot-command.ts";
import type { Plot, Plotter } from "../plots/plotter.ts";
import { html, lines } from "./render.ts";

/** A plot that somebody asked for, and where it goes: what the dialogue made of the answers, or what was typed behind /plot. */
export type PlotOrder = {
  readonly chatId: number;
  /** The forum topic; `null` outside of forums. */
  readonly threadId: number | null;
} & ({ readonly request: PlotRequest } | { readonly typed: string });

const NO_DATA = "No data in this period. Ask for another one; /status shows the newest entries.";

/** Telegram shows a chat action for five seconds. */
const ACTION_MS = 4_000;

/** Creates what answers a plot order: the picture, or one sentence. It never throws, since nobody waits for it. */
export function createPlotReply(options: {
  readonly api: Api;
  readonly plotter: Plotter;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
  readonly log: Logger;
}): (order: PlotOrder) => Promise<void> {
  const { api, plotter, timeZoneOf, now, log } = options;

  async function send(order: PlotOrder): Promise<void> {
    const plot = await withAction(order, () => draw(order));
    if (typeof plot === "string") return say(order, plot);
    const [title, ...facts] = plot.caption;
    const caption = lines(html`<b>${title ?? ""}</b>`, ...facts.map((fact) => html`${fact}`)).html;
    const photo = new InputFile(plot.png, "plot.png");
    await api.sendPhoto(order.chatId, photo, {
      ...placeOf(order),
      caption,
      parse_mode: "HTML",
      disable_notification: true,
    });
  }

  /** The picture, or why there is none. */
  async function draw(order: PlotOrder): Promise<Plot | string> {
    const zone = timeZoneOf(order.chatId);
    if ("request" in order) return (await plotter.plot(order.request, zone)) ?? NO_DATA;
    const parsed = parsePlotCommand(order.typed, await plotter.fields(), zone, now());
    return parsed.ok ? ((await plotter.plot(parsed, zone)) ?? NO_DATA) : parsed.problem;
  }

  async function say(order: PlotOrder, sentence: string): Promise<void> {
    await api.sendMessage(order.chatId, sentence, { ...placeOf(order), disable_notification: true });
  }

  /** Shows "sending a photo" for as long as it takes. */
  async function withAction<T>(order: PlotOrder, work: () => Promise<T>): Promise<T> {
    // Only a decoration: whether it is shown or not, the picture comes.
    const show = () => void api.sendChatAction(order.chatId, "upload_photo", placeOf(order)).catch(() => undefined);
    show();
    const timer = setInterval(show, ACTION_MS).unref();
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  return async (order) => {
    try {
      await send(order);
    } catch (error) {
      log.warn({ err: error, chatId: order.chatId }, "plot failed");
      await say(order, explain(error)).catch((failure: unknown) => {
        log.warn({ reason: String(failure) }, "could not tell about a failed plot");
      });
    }
  };
}

const placeOf = ({ threadId }: PlotOrder): { message_thread_id?: number } =>
  threadId === null ? {} : { message_thread_id: threadId };
