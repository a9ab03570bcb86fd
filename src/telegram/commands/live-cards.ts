import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { z } from "zod";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace } from "../../pace/pace.ts";
import { isSpent } from "../../dispatch/types.ts";
import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import { keyOf, type ChatMessage } from "../api/chat-message.ts";
import { outcomeOf } from "../api/failure.ts";
import type { Html } from "../api/render.ts";
import { LiveMessages, type Live } from "../plots/live-messages.ts";

const viewForm = z.object({
  device: z.number(),
  page: z.number(),
  /** Who asked, as Telegram named them then; what they may not see is not shown. */
  userId: z.number(),
  username: z.string().nullable(),
});

/** Which device a card shows, which page of its values, and to whom, as it is kept. */
export type LiveView = Readonly<z.infer<typeof viewForm>>;

/** What a card says; see device-views.ts. */
export interface LiveContent {
  readonly text: Html;
  readonly buttons: InlineKeyboardButton[][];
}

/** What showing cards needs. */
interface LiveCardOptions {
  /** Its calls are made in turns that are asked for here. */
  readonly api: Api;
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly keyValue: KeyValue;
  readonly isServed: (chatId: number) => boolean;
  /**
   * What a card says now; `null`: its device is gone, or its person may not see it any more; `later`: nothing has come of the device
   * since the start.
   * @param untilAt until when it is kept up to date; `null`: it is not. Epoch ms.
   */
  readonly contentOf: (message: ChatMessage, view: LiveView, untilAt: number | null) => LiveContent | "later" | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a card shows. */
interface CardNow {
  readonly view: LiveView;
  /** What it says now. */
  shown: string;
}

const EVERY_MS = 5_000;
/** A group takes 20 calls a minute, alarms' among them (pace/rate-limits.ts). */
const GROUP_EVERY_MS = 15_000;
const NOT_SHOWN = "This device is not shown here any more.";

/** As it is kept: chat, message, what it shows, end. */
const keptForm = z.tuple([z.number(), z.number(), viewForm, z.number()]);

/**
 * Cards with a device's values that are kept up to date for an hour, one in each chat: each is redrawn every few seconds if it says
 * something else, in turns that nobody else wants.
 */
export class LiveCards {
  readonly #options: LiveCardOptions;
  readonly #cards: LiveMessages<CardNow>;
  /** One drawing at a time in each message: of those that wait, the newest is drawn. */
  readonly #drawings = new Map<string, { next: LiveView | null }>();

  constructor(options: LiveCardOptions) {
    this.#options = options;
    this.#cards = new LiveMessages({
      ...options,
      name: "live cards",
      everyMs: ({ message }) => (message.chatId < 0 ? GROUP_EVERY_MS : EVERY_MS),
      refresh: (card, isOver) => this.#refresh(card, isOver),
      pack: ({ message: { chatId, messageId }, content, untilAt }) => [chatId, messageId, content.view, untilAt],
      unpack,
    });
  }

  /** Until when a message is kept up to date; `null`: it is not. Epoch ms. */
  untilOf(message: ChatMessage): number | null {
    return this.#cards.find(message)?.untilAt ?? null;
  }

  /** Begins; what was live in that chat before ends. */
  start(message: ChatMessage, view: LiveView, shown: string): void {
    this.#cards.start(message, { view, shown });
  }

  /** Shows another page in a message, whether it is live or not; `isLive`: begins or ends that. Never rejects. */
  async turn(message: ChatMessage, view: LiveView, isLive?: boolean): Promise<void> {
    const card = this.#cards.find(message);
    if (isLive === true) this.start(message, view, "");
    else if (isLive === false) this.#cards.stop(message);
    else if (card) this.#cards.change(card, { ...card.content, view });
    try {
      await this.#draw(message, view, "answer");
    } catch (error) {
      this.#options.log.warn({ err: error, chatId: message.chatId }, "a live card could not be drawn");
    }
  }

  /** Ends what is live in a chat. */
  stopIn(chatId: number): void {
    this.#cards.stopIn(chatId);
  }

  /** Goes on with what was live when the last run ended; never rejects. */
  resume(former: Pick<FormerClock, "ends"> = OWN_ENDS): Promise<void> {
    return this.#cards.resume(former);
  }

  /** Ends all for this run; the next one goes on with it. */
  stopAll(): void {
    this.#cards.stopAll();
  }

  #refresh({ message, content: { view, shown }, untilAt }: Live<CardNow>, isOver: boolean): boolean | Promise<boolean> {
    const { isServed, contentOf, pace } = this.#options;
    if (!isServed(message.chatId)) return false;
    const content = isOver ? null : contentOf(message, view, untilAt);
    if (content === "later") return true;
    // Before the last drawing, so that it says so.
    if (content === null) this.#cards.stop(message);
    else if (!pace.isFree(message.chatId) || textOf(content) === shown) return true;
    return this.#draw(message, view, "edit").then(() => content !== null);
  }

  async #draw(message: ChatMessage, view: LiveView, kind: "answer" | "edit"): Promise<void> {
    const key = keyOf(message);
    const busy = this.#drawings.get(key);
    if (busy) return void (busy.next = view);
    const wanted: { next: LiveView | null } = { next: view };
    this.#drawings.set(key, wanted);
    try {
      for (let next = wanted.next; next !== null; next = wanted.next) {
        const turn = await this.#options.pace.turn(message.chatId, kind);
        const newest = wanted.next ?? next;
        wanted.next = null;
        if (turn === null) break;
        let isCounted = false;
        try {
          isCounted = await this.#edit(message, newest);
        } finally {
          turn.end(isCounted);
        }
      }
    } finally {
      this.#drawings.delete(key);
    }
  }

  /** @returns whether the call counts */
  async #edit(message: ChatMessage, view: LiveView): Promise<boolean> {
    const { api, contentOf, log } = this.#options;
    const { chatId, messageId } = message;
    const content = contentOf(message, view, this.untilOf(message));
    if (content === "later") return false;
    // Nobody may see it any more: what it said last is taken away.
    const text = content?.text.html ?? NOT_SHOWN;
    try {
      const edited = await api.editMessageText(chatId, messageId, text, {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: content?.buttons ?? [] },
      });
      this.#note(message, content);
      if (edited !== true && edited.chat.id !== chatId)
        this.#cards.move(message, { chatId: edited.chat.id, messageId: edited.message_id });
      return true;
    } catch (error) {
      const outcome = outcomeOf(error, messageId);
      if (outcome.kind === "done") this.#note(message, content);
      else log.warn({ chatId, outcome }, "a live card was not shown");
      // What may pass is tried again at the next round.
      if (!["done", "limited", "unavailable"].includes(outcome.kind)) this.#cards.stop(message);
      return isSpent(outcome);
    }
  }

  #note(message: ChatMessage, content: LiveContent | null): void {
    const card = this.#cards.find(message);
    if (card && content) card.content.shown = textOf(content);
  }
}

function unpack(kept: unknown): Live<CardNow> | null {
  const read = keptForm.safeParse(kept);
  if (!read.success) return null;
  const [chatId, messageId, view, untilAt] = read.data;
  return { message: { chatId, messageId }, content: { view, shown: "" }, untilAt };
}

/** What would be told apart by whoever looks. */
const textOf = ({ text, buttons }: LiveContent): string => text.html + JSON.stringify(buttons);
