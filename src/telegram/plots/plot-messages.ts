import { InputFile, InputMediaBuilder, type Api } from "grammy";
import type { InlineKeyboardMarkup, Message } from "grammy/types";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace } from "../../pace/pace.ts";
import type { Turn } from "../../pace/turns.ts";
import type { Logger } from "../../lib/log.ts";
import { explain } from "../../measurements/explain.ts";
import type { Measurement } from "../../measurements/measurement.ts";
import type { Plotter } from "../../plots/plotter.ts";
import type { PlotView } from "../../plots/view.ts";
import { isSpent } from "../../dispatch/types.ts";
import { keyOf, type ChatMessage } from "../api/chat-message.ts";
import { outcomeOf } from "../api/failure.ts";
import { captionView, plotButtons, type PlotMenu } from "./plot-view.ts";

/** What became of a picture. `limited`: Telegram asked to wait; `gone`: the message is not there any more. */
export type PictureOutcome = "shown" | "failed" | "limited" | "gone";

/** A picture that Telegram asks to wait with so often is given up. */
const MAX_LIMITED = 3;

/** What drawing into messages needs. */
export interface PlotMessageOptions {
  /** Its calls are made in turns that are asked for here. */
  readonly api: Api;
  readonly plotter: Plotter;
  readonly pace: Pick<Pace, "turn">;
  readonly timeZoneOf: (chatId: number) => string;
  /** Whether a message is kept up to date now, as its buttons tell. */
  readonly isLive: (message: ChatMessage) => boolean;
  /** A plot is shown in another message from now on: its group became another chat. */
  readonly onMoved: (from: ChatMessage, to: ChatMessage) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is to be drawn into a message next; nobody waits for an `edit`. */
interface Wanted {
  next: PlotView | null;
  kind: "answer" | "edit";
}

/** Drawing into one message. */
interface Work {
  readonly wanted: Wanted;
  readonly done: Promise<PictureOutcome>;
}

/** One drawing of a view into a message. */
interface Drawing {
  readonly message: ChatMessage;
  readonly view: PlotView;
  /** In which its one call is made. */
  readonly turn: Turn;
  /** Whether something newer is wanted. */
  readonly isOvertaken: () => boolean;
}

/** The messages that show plots, each of which is drawn into again and again. */
export class PlotMessages {
  readonly #options: PlotMessageOptions;
  readonly #works = new Map<string, Work>();

  constructor(options: PlotMessageOptions) {
    this.#options = options;
  }

  /**
   * Draws a view into a message, at Telegram's pace. While one is being drawn, only the newest of those that come is drawn next:
   * the others are overtaken. Resolves when the message shows the newest; never rejects.
   * @param kind `edit`: nobody waits for it
   */
  show(message: ChatMessage, view: PlotView, kind: Wanted["kind"] = "answer"): Promise<PictureOutcome> {
    const busy = this.#works.get(keyOf(message));
    if (busy) {
      Object.assign(busy.wanted, { next: view, kind });
      return busy.done;
    }
    const wanted: Wanted = { next: view, kind };
    const done = Promise.resolve().then(() => this.#work(message, wanted));
    this.#works.set(keyOf(message), { wanted, done });
    return done;
  }

  async #work(message: ChatMessage, wanted: Wanted): Promise<PictureOutcome> {
    let shown: PictureOutcome = "shown";
    let limited = 0;
    for (let view = wanted.next; view !== null; view = wanted.next) {
      // To be refused would hold up the chat's alarms.
      const turn = await this.#options.pace.turn(message.chatId, wanted.kind);
      view = wanted.next ?? view;
      wanted.next = null;
      const isOvertaken = (): boolean => wanted.next !== null;
      shown = turn ? await this.#draw({ message, view, turn, isOvertaken }) : "failed";
      // The pace knows by now for how long.
      if (shown === "limited" && limited++ < MAX_LIMITED) wanted.next ??= view;
    }
    this.#works.delete(keyOf(message));
    return shown;
  }

  async #draw(drawing: Drawing): Promise<PictureOutcome> {
    const { api, plotter, timeZoneOf, log } = this.#options;
    const { message, view, turn, isOvertaken } = drawing;
    const { chatId, messageId } = message;
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
      const reply_markup = this.#keyboard(message, view, { fields });
      return await this.#call(drawing, () => api.editMessageMedia(chatId, messageId, media, { reply_markup }));
    } catch (error) {
      log.warn({ err: error, chatId }, "plot failed");
      if (!isOvertaken()) return this.#explainBelow(drawing, error);
      turn.end(false);
      return "failed";
    }
  }

  /** Says below the old picture why there is no new one; the buttons stay, so that one can try again. */
  async #explainBelow(drawing: Drawing, error: unknown): Promise<PictureOutcome> {
    const { api } = this.#options;
    const { message, view } = drawing;
    const fields = await this.#switches(view);
    const more = { caption: explain(error), reply_markup: this.#keyboard(message, view, { fields }) };
    const told = await this.#call(drawing, () => api.editMessageCaption(message.chatId, message.messageId, more));
    return told === "shown" ? "failed" : told;
  }

  /** Makes the one call of a turn. What Telegram refuses in every form is nothing to be told of in the chat. */
  async #call({ message, turn }: Drawing, edit: () => Promise<Message | true>): Promise<PictureOutcome> {
    const { onMoved, log } = this.#options;
    try {
      const edited = await edit();
      turn.end(true);
      if (edited !== true && edited.chat.id !== message.chatId)
        onMoved(message, { chatId: edited.chat.id, messageId: edited.message_id });
      return "shown";
    } catch (error) {
      const outcome = outcomeOf(error, message.messageId);
      turn.end(isSpent(outcome));
      if (outcome.kind === "done") return "shown";
      log.warn({ chatId: message.chatId, outcome }, "plot was not shown");
      if (outcome.kind === "limited") return "limited";
      return outcome.kind === "unavailable" ? "failed" : "gone";
    }
  }

  /** A menu of the view that a message shows. What asks for no fields opens also while they cannot be had. */
  async menuOf(message: ChatMessage, view: PlotView, menu: PlotMenu): Promise<InlineKeyboardMarkup> {
    const asksForFields = menu === "main" || menu === "fields";
    return this.#keyboard(message, view, { fields: asksForFields ? await this.#switches(view) : [], menu });
  }

  /** The fields that can be switched on and off; none while nobody can say which there are. */
  async #switches(view: PlotView): Promise<readonly Measurement[]> {
    return this.#options.plotter.switches(view).catch(() => []);
  }

  #keyboard(
    message: ChatMessage,
    view: PlotView,
    { fields, menu = "main" }: { readonly fields: readonly Measurement[]; readonly menu?: PlotMenu },
  ): InlineKeyboardMarkup {
    const { timeZoneOf, isLive, clock } = this.#options;
    const moment = { now: clock.now(), timeZone: timeZoneOf(message.chatId), isLive: isLive(message), menu };
    return { inline_keyboard: plotButtons(view, fields, moment) };
  }
}
