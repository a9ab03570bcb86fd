import { InputFile, type Api } from "grammy";
import type { Logger } from "../log.ts";
import { explain } from "../plots/explain.ts";
import type { PlotRequest } from "../plots/plot-command.ts";
import type { Plotter } from "../plots/plotter.ts";
import { html, lines } from "./render.ts";

/** A plot that somebody asked for, and where it goes. */
export interface PlotOrder extends PlotRequest {
  readonly chatId: number;
  /** The forum topic; `null` outside of forums. */
  readonly threadId: number | null;
}

/** Telegram shows a chat action for five seconds. */
const ACTION_MS = 4_000;

/** Creates what answers a plot order: the picture, or one sentence. It never throws, since nobody waits for it. */
export function createPlotReply(options: {
  readonly api: Api;
  readonly plotter: Plotter;
  readonly timeZoneOf: (chatId: number) => string;
  readonly log: Logger;
}): (order: PlotOrder) => Promise<void> {
  const { api, plotter, timeZoneOf, log } = options;

  async function send(order: PlotOrder): Promise<void> {
    const plot = await withAction(order, () => plotter.plot(order, timeZoneOf(order.chatId)));
    if (plot === null)
      return say(order, "No data in this period. Ask for another one; /status shows the newest entries.");
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
      log.warn({ err: error, chatId: order.chatId, field: order.field }, "plot failed");
      await say(order, explain(error)).catch((failure: unknown) => {
        log.warn({ reason: String(failure) }, "could not tell about a failed plot");
      });
    }
  };
}

const placeOf = ({ threadId }: PlotOrder): { message_thread_id?: number } =>
  threadId === null ? {} : { message_thread_id: threadId };
