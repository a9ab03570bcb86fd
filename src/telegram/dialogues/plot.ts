import type { Field } from "../../measurements/source.ts";
import type { Conversation, ConversationFlavor } from "@grammyjs/conversations";
import type { Context } from "grammy";
import type { Caller } from "../../devices/permitted.ts";
import { ConfigError, UpstreamError } from "../../lib/errors.ts";
import { explain, NOTHING_TO_PLOT } from "../../measurements/explain.ts";
import { prepareFor, type Period } from "../../queries/period.ts";
import type { PlotRequest } from "../../queries/plot-command.ts";
import { NO_ANCHORS, type Anchors } from "../../queries/time-words.ts";
import { servedIn } from "../access/person.ts";
import { callerOf } from "../plots/asker.ts";
import { summaryOf } from "./plot-screens.ts";
import type { PlotSubject } from "./plot-screens.ts";
import { firstState, screenOf, takeAnswer } from "./plot-steps.ts";
import type { PlotState } from "./plot-steps.ts";
import { answerPress, closeQuestion, isAddressed, readAnswer, removeButtons, say, showQuestion } from "./question.ts";
import type { QuestionAnswer } from "./question.ts";
import { weekStartOf } from "./week-start.ts";

/** The context of updates outside of a dialogue; a bot whose context has more may use the dialogues as well. */
export type DialogueContext = ConversationFlavor<Context>;

/** Text of the button that opens the dialogue, for the reply keyboard. */
export const GET_FIGURE = "Get Figure";

type Dialogue = Conversation<DialogueContext>;

/** What a dialogue ended with: who asked for which picture, and where to send it. */
export interface PlotQuery extends PlotRequest {
  readonly chatId: number;
  readonly by: Caller;
  /** The forum topic in which it was asked; `null` outside of forums. */
  readonly threadId: number | null;
}

/** What the dialogue needs. */
export interface PlotDialogueOptions {
  /** Epoch ms. */
  readonly now: () => number;
  /**
   * The channel: its fields, in its order, what else somebody may be shown, and when it was made, in epoch ms. Why it cannot be read is
   * told to the person, and ends the dialogue.
   */
  readonly channel: (
    chatId: number,
    by: Caller,
  ) => Promise<{ readonly fields: readonly Field[]; readonly createdAt: number | null }>;
  /** The IANA time zone in which a chat reads and types times. */
  readonly zoneOf: (chatId: number) => string | Promise<string>;
  /** What people may name instead of a time, in a chat. */
  readonly anchorsOf: (chatId: number) => Promise<Anchors>;
  /** Takes a finished query. It must return at once: nobody in the chat is served meanwhile. */
  readonly onQuery: (query: PlotQuery) => void;
}

/**
 * To be raised with each change of what the dialogue waits for or does through `external`, here or in `question.ts`: a dialogue
 * stored by other code cannot be replayed, and is dropped.
 */
const VERSION = 2;

/** A question that waits for its answer, in the message `messageId`. */
interface OpenQuestion {
  readonly subject: Pick<PlotSubject, "fields" | "zone" | "createdAt" | "weekStart">;
  readonly state: PlotState;
  readonly messageId: number;
}

/** What an answer did to the dialogue. */
type AfterAnswer =
  | { readonly kind: "moved"; readonly state: PlotState; readonly messageId: number }
  | { readonly kind: "unchanged" | "overheard" | "ended" };

/** Whether an update opens the dialogue: the button, or `/plot` without anything behind it. */
export function opensPlotDialogue(ctx: Context): boolean {
  return ctx.hasText(GET_FIGURE) || (ctx.hasCommand("plot") && ctx.match.trim() === "");
}

/**
 * The dialogue that asks for field, start and end of a plot. It only asks; the drawing is up to `onQuery`.
 *
 * The library runs `run` anew for each update and supplies what was recorded, so all that could be different the second time,
 * and all calls to Telegram, happen in `external`; there they also go through the bot's own `api`, with its transformers.
 */
export class PlotDialogue {
  readonly id = "plot";
  readonly version = VERSION;
  readonly #options: PlotDialogueOptions;

  constructor(options: PlotDialogueOptions) {
    this.#options = options;
  }

  readonly run = async (conversation: Dialogue): Promise<void> => {
    let question = await conversation.external((ctx) => this.#open(ctx));
    while (question !== null) question = await this.#follow(conversation, question);
  };

  /** Waits for an answer and takes it. @returns what is asked now; `null`: nothing any more */
  async #follow(conversation: Dialogue, question: OpenQuestion): Promise<OpenQuestion | null> {
    const { messageId } = question;
    const checkpoint = conversation.checkpoint();
    const ctx = await conversation.wait();
    if (opensPlotDialogue(ctx)) {
      await conversation.external((outer) => removeButtons(outer, messageId));
      return conversation.halt({ next: true });
    }
    if (ctx.hasCommand("cancel")) {
      await conversation.external(async (outer) => {
        await removeButtons(outer, messageId);
        await say(outer, "Cancelled.");
      });
      return null;
    }
    const answer = readAnswer(ctx, messageId);
    if (answer === null) return conversation.skip({ next: true });
    const outcome = await conversation.external((outer) => this.#advance(outer, answer, question));
    switch (outcome.kind) {
      case "ended":
        return null;
      case "overheard":
        return conversation.skip({ next: true });
      case "unchanged":
        // What leads back to the same question is forgotten, or the record would grow with each page of the calendar.
        return conversation.rewind(checkpoint);
      case "moved":
        return { ...question, state: outcome.state, messageId: outcome.messageId };
    }
  }

  async #open(ctx: Context): Promise<OpenQuestion | null> {
    const subject = await this.#readSubject(ctx);
    if (subject === null) return null;
    const state = firstState(subject.fields);
    const screen = screenOf(state, { ...subject, now: this.#options.now(), anchors: NO_ANCHORS });
    const sent = await say(ctx, screen.text, { reply_markup: { inline_keyboard: screen.buttons } });
    return { subject, state, messageId: sent.message_id };
  }

  async #readSubject(ctx: Context): Promise<OpenQuestion["subject"] | null> {
    const { channel, zoneOf } = this.#options;
    try {
      const { fields, createdAt } = await channel(servedIn(ctx).chatId, callerOf(ctx));
      const weekStart = weekStartOf(ctx.from?.language_code);
      const subject = { fields, createdAt, weekStart, zone: await zoneOf(servedIn(ctx).chatId) };
      if (subject.fields.length > 0) return subject;
      await say(ctx, NOTHING_TO_PLOT);
    } catch (error) {
      await say(ctx, explain(error));
      // Anything else is a mistake of ours, and belongs in the log.
      if (!(error instanceof UpstreamError || error instanceof ConfigError)) throw error;
    }
    return null;
  }

  async #advance(ctx: Context, answer: QuestionAnswer, question: OpenQuestion): Promise<AfterAnswer> {
    const { now, anchorsOf } = this.#options;
    const { subject, state, messageId } = question;
    if (answer.kind === "text") await prepareFor(answer.text);
    const step = takeAnswer(state, answer, {
      ...subject,
      now: now(),
      anchors: await anchorsOf(servedIn(ctx).chatId),
    });
    if (step.kind === "refuse" && answer.kind === "text" && !isAddressed(ctx, messageId)) return { kind: "overheard" };
    await answerPress(ctx);
    switch (step.kind) {
      case "nothing":
        return { kind: "unchanged" };
      case "cancel":
        await closeQuestion(ctx, messageId, "Cancelled.");
        return { kind: "ended" };
      case "complete":
        this.#complete(ctx, step.field, step.period);
        await closeQuestion(ctx, messageId, summaryOf(step.field, step.period, subject.zone));
        return { kind: "ended" };
      case "ask":
      case "refuse": {
        const askedIn = await showQuestion(ctx, messageId, step.screen);
        if (askedIn === messageId && step.state === state) return { kind: "unchanged" };
        return { kind: "moved", state: step.state, messageId: askedIn };
      }
    }
  }

  #complete(ctx: Context, field: Field, period: Period): void {
    const { chatId, threadId } = servedIn(ctx);
    this.#options.onQuery({
      chatId,
      threadId,
      by: callerOf(ctx),
      field: field.number,
      ...period,
    });
  }
}
