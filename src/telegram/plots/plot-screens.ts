import { InputFile, InputMediaBuilder, type Api } from "grammy";
import type { Message } from "grammy/types";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace, Turn } from "../../dispatch/pace.ts";
import type { Logger } from "../../lib/log.ts";
import { explain } from "../../measurements/explain.ts";
import type { Plotter } from "../../plots/plotter.ts";
import type { PlotView } from "../../plots/view.ts";
import { isSpent } from "../../dispatch/types.ts";
import { outcomeOf } from "../api/failure.ts";
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
   * @param kind `edit`: nobody waits for it; `answer` if left out
   */
  show(screen: Screen, view: PlotView, kind?: Work["kind"]): Promise<Shown>;
}

/** Drawing into one message: what comes next. */
interface Work {
  next: PlotView | null;
  kind: "answer" | "edit";
  readonly done: Promise<Shown>;
}

/** Creates them. */
export function createPlotScreens(options: {
  /** Its calls are made in turns that are asked for here. */
  readonly api: Api;
  readonly plotter: Plotter;
  readonly pace: Pick<Pace, "turn">;
  readonly timeZoneOf: (chatId: number) => string;
  /** Whether a message is kept up to date now, as its buttons tell. */
  readonly isLive: (screen: Screen) => boolean;
  /** A plot is shown in another message from now on: its group became another chat. */
  readonly onMoved: (from: Screen, to: Screen) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): PlotScreens {
  const { api, plotter, pace, timeZoneOf, isLive, onMoved, clock, log } = options;
  const works = new Map<string, Work>();

  async function work(screen: Screen, wanted: Pick<Work, "next" | "kind">): Promise<Shown> {
    let shown: Shown = "shown";
    let limited = 0;
    for (let view = wanted.next; view !== null; view = wanted.next) {
      // To be refused would hold up the chat's alarms.
      const turn = await pace.turn(screen.chatId, wanted.kind);
      view = wanted.next ?? view;
      wanted.next = null;
      shown = turn ? await draw(screen, view, turn, () => wanted.next !== null) : "failed";
      // The pace knows by now for how long.
      if (shown === "limited" && limited++ < MAX_LIMITED) wanted.next ??= view;
    }
    works.delete(keyOf(screen));
    return shown;
  }

  async function draw(screen: Screen, view: PlotView, turn: Turn, isOvertaken: () => boolean): Promise<Shown> {
    const { chatId, messageId } = screen;
    try {
      const [plot, fields] = await Promise.all([plotter.plot(view, timeZoneOf(chatId)), plotter.switches(view)]);
      if (isOvertaken()) {
        turn.end(false);
        return "shown";
      }
      const media = InputMediaBuilder.photo(new InputFile(plot.png, "plot.png"), {
        caption: captionView(plot.caption).html,
        parse_mode: "HTML",
      });
      const reply_markup = keyboard(screen, view, fields);
      return await call(screen, turn, () => api.editMessageMedia(chatId, messageId, media, { reply_markup }));
    } catch (error) {
      log.warn({ err: error, chatId }, "plot failed");
      if (!isOvertaken()) return explainBelow(screen, view, turn, error);
      turn.end(false);
      return "failed";
    }
  }

  /** Says below the old picture why there is no new one; the buttons stay, so that one can try again. */
  async function explainBelow(screen: Screen, view: PlotView, turn: Turn, error: unknown): Promise<Shown> {
    const { chatId, messageId } = screen;
    const fields = await plotter.switches(view).catch(() => []);
    const more = { caption: explain(error), reply_markup: keyboard(screen, view, fields) };
    const told = await call(screen, turn, () => api.editMessageCaption(chatId, messageId, more));
    return told === "shown" ? "failed" : told;
  }

  /** Makes the one call of a turn. What Telegram refuses in every form is nothing to be told of in the chat. */
  async function call(screen: Screen, turn: Turn, edit: () => Promise<Message | true>): Promise<Shown> {
    const { chatId, messageId } = screen;
    try {
      const message = await edit();
      turn.end(true);
      if (message !== true && message.chat.id !== chatId)
        onMoved(screen, { chatId: message.chat.id, messageId: message.message_id });
      return "shown";
    } catch (error) {
      const outcome = outcomeOf(error, messageId);
      turn.end(isSpent(outcome));
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
    show(screen, view, kind = "answer") {
      const busy = works.get(keyOf(screen));
      if (busy) {
        busy.next = view;
        busy.kind = kind;
        return busy.done;
      }
      const wanted = { next: view as PlotView | null, kind };
      const begun: Work = Object.assign(wanted, { done: Promise.resolve().then(() => work(screen, wanted)) });
      works.set(keyOf(screen), begun);
      return begun.done;
    },
  };
}

const keyOf = ({ chatId, messageId }: Screen): string => `${chatId}:${messageId}`;
