import { InputFile, InputMediaBuilder, type Api } from "grammy";
import type { Clock } from "../clock.ts";
import type { Pace } from "../dispatch/pace.ts";
import type { Logger } from "../log.ts";
import { explain } from "../plots/explain.ts";
import type { Plotter } from "../plots/plotter.ts";
import type { PlotView } from "../plots/view.ts";
import { outcomeOf } from "./failure.ts";
import { captionView, plotButtons } from "./plot-view.ts";

/** A message with a plot. */
export interface Screen {
  readonly chatId: number;
  readonly messageId: number;
}

/** What became of a picture. `limited`: Telegram asked to wait; `gone`: the message is not there any more. */
export type Shown = "shown" | "failed" | "limited" | "gone";

/** A picture that Telegram asks to wait with so often is given up. */
const MAX_LIMITED = 3;

/** The messages that show plots, each of which is drawn into again and again. */
export interface PlotScreens {
  /**
   * Draws a view into a message, at Telegram's pace. While one is being drawn, only the newest of those that come is drawn next:
   * the others are overtaken. Resolves when the message shows the newest; never rejects.
   */
  show(screen: Screen, view: PlotView): Promise<Shown>;
}

/** Drawing into one message: what comes next. */
interface Work {
  next: PlotView | null;
  readonly done: Promise<Shown>;
}

/** Creates them. */
export function createPlotScreens(options: {
  readonly api: () => Api;
  readonly plotter: Plotter;
  readonly pace: Pace;
  readonly timeZoneOf: (chatId: number) => string;
  /** Whether a message is kept up to date now, as its buttons tell. */
  readonly isLive: (screen: Screen) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}): PlotScreens {
  const { api, plotter, pace, timeZoneOf, isLive, clock, log } = options;
  const works = new Map<string, Work>();

  /** Until the chat has room for one more call: to be refused would hold up its alarms. */
  async function untilItMay(chatId: number): Promise<void> {
    for (let waitMs = pace.waitMs(chatId); waitMs > 0; waitMs = pace.waitMs(chatId)) {
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }

  async function work(screen: Screen, views: Pick<Work, "next">): Promise<Shown> {
    let shown: Shown = "shown";
    let limited = 0;
    for (let view = views.next; view !== null; view = views.next) {
      await untilItMay(screen.chatId);
      view = views.next ?? view;
      views.next = null;
      shown = await draw(screen, view, () => views.next !== null);
      // The pace knows by now for how long.
      if (shown === "limited" && limited++ < MAX_LIMITED) views.next ??= view;
    }
    works.delete(keyOf(screen));
    return shown;
  }

  async function draw(screen: Screen, view: PlotView, isOvertaken: () => boolean): Promise<Shown> {
    const { chatId, messageId } = screen;
    try {
      const [plot, fields] = await Promise.all([plotter.plot(view, timeZoneOf(chatId)), plotter.measurements()]);
      if (isOvertaken()) return "shown";
      const media = InputMediaBuilder.photo(new InputFile(plot.png, "plot.png"), {
        caption: captionView(plot.caption).html,
        parse_mode: "HTML",
      });
      const reply_markup = keyboard(screen, view, fields);
      return await call(screen, () => api().editMessageMedia(chatId, messageId, media, { reply_markup }));
    } catch (error) {
      log.warn({ err: error, chatId }, "plot failed");
      return isOvertaken() ? "failed" : explainBelow(screen, view, error);
    }
  }

  /** Says below the old picture why there is no new one; the buttons stay, so that one can try again. */
  async function explainBelow(screen: Screen, view: PlotView, error: unknown): Promise<Shown> {
    const { chatId, messageId } = screen;
    const fields = await plotter.measurements().catch(() => []);
    const more = { caption: explain(error), reply_markup: keyboard(screen, view, fields) };
    const told = await call(screen, () => api().editMessageCaption(chatId, messageId, more));
    return told === "shown" ? "failed" : told;
  }

  /** What Telegram refuses is nothing to be told of in the chat. */
  async function call({ chatId, messageId }: Screen, edit: () => Promise<unknown>): Promise<Shown> {
    try {
      await edit();
      return "shown";
    } catch (error) {
      const outcome = outcomeOf(error, messageId);
      if (outcome.kind === "done") return "shown";
      log.warn({ chatId, outcome }, "plot was not shown");
      if (outcome.kind === "limited") return "limited";
      return outcome.kind === "unavailable" ? "failed" : "gone";
    }
  }

  const keyboard = (screen: Screen, view: PlotView, fields: Parameters<typeof plotButtons>[1]) => ({
    inline_keyboard: plotButtons(view, fields, {
      now: clock.now(),
      timeZone: timeZoneOf(screen.chatId),
      isLive: isLive(screen),
    }),
  });

  return {
    show(screen, view) {
      const busy = works.get(keyOf(screen));
      if (busy) {
        busy.next = view;
        return busy.done;
      }
      const views = { next: view as PlotView | null };
      const begun: Work = Object.assign(views, { done: Promise.resolve().then(() => work(screen, views)) });
      works.set(keyOf(screen), begun);
      return begun.done;
    },
  };
}

const keyOf = ({ chatId, messageId }: Screen): string => `${chatId}:${messageId}`;
