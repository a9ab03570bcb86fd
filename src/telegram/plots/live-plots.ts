import { z } from "zod";
import type { Clock } from "../../lib/time/clock.ts";
import { NOBODY, type Caller } from "../../devices/permitted.ts";
import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import { decodeView, encodeView, type PlotView } from "../../plots/view.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import type { ChatMessage } from "../api/chat-message.ts";
import { LiveMessages, type Live } from "./live-messages.ts";
import type { PictureOutcome } from "./plot-messages.ts";

/** What a plot shows, and to whom. */
interface LivePlot {
  readonly view: PlotView;
  readonly by: Caller;
}

/** What keeping plots up to date needs. */
export interface LivePlotOptions {
  readonly clock: Clock;
  readonly keyValue: KeyValue;
  /** Whether the chat has room for one more call just now; if not, this round is left out. */
  readonly mayCall: (chatId: number) => boolean;
  /** Whether a chat is shown anything still: settings and routes may name it no more. */
  readonly isServed: (chatId: number) => boolean;
  /** Whether somebody may see a view in a chat still. */
  readonly maySee: (chatId: number, by: Caller, view: PlotView) => boolean;
  /** How often what a view shows gets a new entry; ms. */
  readonly cadenceOf: (view: PlotView) => number;
  readonly redraw: (message: ChatMessage, view: PlotView) => Promise<PictureOutcome>;
  readonly log: Logger;
}

/** Devices of ThingSpeak send no quicker (FACTS: A), and a chat has other things to show. */
const MIN_EVERY_MS = 15_000;
const MAX_EVERY_MS = 600_000;

/** As it is kept: chat, message, view, end, and for whom, which version 0.1 did not note. */
const keptForm = z.tuple([
  z.number(),
  z.number(),
  z.string(),
  z.number(),
  z.object({ userId: z.number(), username: z.string().nullable() }).optional(),
]);

/** Keeps plots up to date for a while, one in each chat: each is redrawn at its own cadence, or until its message is gone. */
export class LivePlots {
  readonly #options: LivePlotOptions;
  readonly #lives: LiveMessages<LivePlot>;

  constructor(options: LivePlotOptions) {
    this.#options = options;
    this.#lives = new LiveMessages({
      ...options,
      name: "live plots",
      everyMs: ({ content }) => Math.min(MAX_EVERY_MS, Math.max(MIN_EVERY_MS, options.cadenceOf(content.view))),
      refresh: (live, isOver) => this.#refresh(live, isOver),
      pack: ({ message: { chatId, messageId }, content: { view, by }, untilAt }) => [
        chatId,
        messageId,
        encodeView(view),
        untilAt,
        by,
      ],
      unpack,
    });
  }

  /** Whether a message is kept up to date now. */
  has(message: ChatMessage): boolean {
    return this.#lives.find(message) !== null;
  }

  /** Begins for who asked for it; what was live in that chat before ends. */
  start(message: ChatMessage, view: PlotView, by: Caller): void {
    this.#lives.start(message, { view, by });
  }

  /** Ends; nothing happens if it was not live. */
  stop(message: ChatMessage): void {
    this.#lives.stop(message);
  }

  /** Goes on in another message; nothing happens if it was not live. */
  move(from: ChatMessage, to: ChatMessage): void {
    this.#lives.move(from, to);
  }

  /** Ends what is live in a chat. */
  stopIn(chatId: number): void {
    this.#lives.stopIn(chatId);
  }

  /** Goes on with what was live when the last run ended; never rejects. */
  resume(former: Pick<FormerClock, "ends"> = OWN_ENDS): Promise<void> {
    // Nothing was drawn in this run yet, by which its cadence is known.
    return this.#lives.resume(former, MIN_EVERY_MS);
  }

  /** Ends all for this run; the next one goes on with it. */
  stopAll(): void {
    this.#lives.stopAll();
  }

  #refresh({ message, content: { view, by } }: Live<LivePlot>, isOver: boolean): boolean | Promise<boolean> {
    const { isServed, maySee, mayCall, redraw } = this.#options;
    if (!isServed(message.chatId) || !maySee(message.chatId, by, view)) return false;
    if (!isOver && !mayCall(message.chatId)) return true;
    return redraw(message, view).then((shown) => shown !== "gone");
  }
}

function unpack(kept: unknown): Live<LivePlot> | null {
  const read = keptForm.safeParse(kept);
  if (!read.success) return null;
  const [chatId, messageId, text, untilAt, by = NOBODY] = read.data;
  const view = decodeView(text);
  return view === null ? null : { message: { chatId, messageId }, content: { view, by }, untilAt };
}
