import type { Api } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace } from "../../dispatch/pace.ts";
import { isSpent } from "../../dispatch/types.ts";
import type { Logger } from "../../lib/log.ts";
import type { Facts } from "../../store/sql/facts.ts";
import { outcomeOf } from "../api/failure.ts";
import type { Screen } from "../plots/plot-screens.ts";
import type { Html } from "../api/render.ts";

/** Which device a card shows, which page of its values, and to whom. */
export interface CardView {
  readonly device: number;
  readonly page: number;
  /** Who asked, as Telegram named them then; what they may not see is not shown. */
  readonly userId: number;
  readonly username: string | null;
}

/** What a card says; see device-views.ts. */
export interface CardContent {
  readonly text: Html;
  readonly buttons: InlineKeyboardButton[][];
}

/** Cards with a device's values that are kept up to date for an hour, one in each chat. */
export interface LiveCards {
  /** Until when a message is kept up to date; `null`: it is not. Epoch ms. */
  untilOf(screen: Screen): number | null;
  /** Begins; what was live in that chat before ends. */
  start(screen: Screen, view: CardView, shown: string): void;
  /** Shows another page in a message, whether it is live or not; `isLive`: begins or ends that. Never rejects. */
  turn(screen: Screen, view: CardView, isLive?: boolean): Promise<void>;
  /** Ends what is live in a chat. */
  stopIn(chatId: number): void;
  /** Goes on with what was live when the last run ended; never rejects. */
  resume(): Promise<void>;
  /** Ends all for this run; the next one goes on with it. */
  stopAll(): void;
}

interface Card {
  readonly screen: Screen;
  view: CardView;
  /** Epoch ms. */
  readonly untilAt: number;
  /** What it says now. */
  shown: string;
  cancel: () => void;
}

/** As it is kept: chat, message, what it shows, end. */
type Kept = readonly [number, number, CardView, number];

const NAME = "live cards";
/** So long a card is kept up to date. */
export const LIVE_MS = 3_600_000;
const EVERY_MS = 5_000;
/** A group takes 20 calls a minute, alarms' among them (FACTS: C2). */
const GROUP_EVERY_MS = 15_000;

/**
 * Redraws each card every few seconds if it says something else, in turns that nobody else wants.
 * @param options.contentOf what a card says now; `null`: its device is gone, or its person may not see it any more; `later`: nothing
 * has come of the device since the start
 */
export function createLiveCards(options: {
  /** Its calls are made in turns that are asked for here. */
  readonly api: Api;
  readonly pace: Pick<Pace, "turn" | "isFree">;
  readonly facts: Facts;
  readonly isServed: (chatId: number) => boolean;
  readonly contentOf: (screen: Screen, view: CardView, untilAt: number | null) => CardContent | "later" | null;
  readonly clock: Clock;
  readonly log: Logger;
}): LiveCards {
  const { api, pace, facts, isServed, contentOf, clock, log } = options;
  /** By chat. */
  const cards = new Map<number, Card>();
  /** One drawing at a time in each message: of those that wait, the newest is drawn. */
  const drawing = new Map<string, { next: CardView | null }>();

  function keep(): void {
    const kept = [...cards.values()].map(({ screen, view, untilAt }): Kept => [
      screen.chatId,
      screen.messageId,
      view,
      untilAt,
    ]);
    facts.write(NAME, kept).catch((error: unknown) => log.warn({ err: error }, "live cards could not be noted"));
  }

  function begin(screen: Screen, view: CardView, untilAt: number, shown: string): void {
    cards.get(screen.chatId)?.cancel();
    const card: Card = { screen, view, untilAt, shown, cancel: () => undefined };
    cards.set(screen.chatId, card);
    schedule(card);
  }

  function end(card: Card | undefined): void {
    if (!card || cards.get(card.screen.chatId) !== card) return;
    card.cancel();
    cards.delete(card.screen.chatId);
    keep();
  }

  function schedule(card: Card): void {
    card.cancel = clock.after(card.screen.chatId < 0 ? GROUP_EVERY_MS : EVERY_MS, () => void round(card));
  }

  const cardOf = ({ chatId, messageId }: Screen): Card | null => {
    const card = cards.get(chatId);
    return card?.screen.messageId === messageId ? card : null;
  };
  const untilOf = (screen: Screen): number | null => cardOf(screen)?.untilAt ?? null;

  async function round(card: Card): Promise<void> {
    const { screen } = card;
    if (!isServed(screen.chatId)) return end(card);
    // Before the last drawing, so that it says so.
    if (clock.now() >= card.untilAt) {
      end(card);
      return draw(screen, card.view, "edit");
    }
    const content = contentOf(screen, card.view, card.untilAt);
    if (content === "later") return schedule(card);
    if (content === null) {
      end(card);
      return draw(screen, card.view, "edit");
    }
    if (pace.isFree(screen.chatId) && textOf(content) !== card.shown) await draw(screen, card.view, "edit");
    if (cards.get(screen.chatId) === card) schedule(card);
  }

  async function draw(screen: Screen, view: CardView, kind: "answer" | "edit"): Promise<void> {
    const key = `${screen.chatId}:${screen.messageId}`;
    const busy = drawing.get(key);
    if (busy) {
      busy.next = view;
      return;
    }
    const work: { next: CardView | null } = { next: view };
    drawing.set(key, work);
    try {
      for (let next = work.next; next !== null; next = work.next) {
        const turn = await pace.turn(screen.chatId, kind);
        const newest = work.next ?? next;
        work.next = null;
        if (turn === null) break;
        let isCounted = false;
        try {
          isCounted = await call(screen, newest);
        } finally {
          turn.end(isCounted);
        }
      }
    } finally {
      drawing.delete(key);
    }
  }

  /** @returns whether the call counts */
  async function call(screen: Screen, view: CardView): Promise<boolean> {
    const { chatId, messageId } = screen;
    const content = contentOf(screen, view, untilOf(screen));
    if (content === "later") return false;
    // Nobody may see it any more: what it said last is taken away.
    const text = content?.text.html ?? "This device is not shown here any more.";
    try {
      const message = await api.editMessageText(chatId, messageId, text, {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: content?.buttons ?? [] },
      });
      note(screen, content);
      const movedTo = message === true ? chatId : message.chat.id;
      const card = cardOf(screen);
      if (card && movedTo !== chatId && message !== true) {
        end(card);
        start({ chatId: movedTo, messageId: message.message_id }, view, card.shown);
      }
      return true;
    } catch (error) {
      const outcome = outcomeOf(error, messageId);
      if (outcome.kind === "done") note(screen, content);
      else log.warn({ chatId, outcome }, "a live card was not shown");
      // What may pass is tried again at the next round.
      if (!["done", "limited", "unavailable"].includes(outcome.kind)) end(cardOf(screen) ?? undefined);
      return isSpent(outcome);
    }
  }

  function note(screen: Screen, content: CardContent | null): void {
    const card = cardOf(screen);
    if (card && content) card.shown = textOf(content);
  }

  function start(screen: Screen, view: CardView, shown: string): void {
    begin(screen, view, clock.now() + LIVE_MS, shown);
    keep();
  }

  return {
    untilOf,
    start,
    async turn(screen, view, isLive) {
      const card = cardOf(screen);
      if (isLive === true) start(screen, view, "");
      else if (isLive === false) end(card ?? undefined);
      else if (card) {
        card.view = view;
        keep();
      }
      try {
        await draw(screen, view, "answer");
      } catch (error) {
        log.warn({ err: error, chatId: screen.chatId }, "a live card could not be drawn");
      }
    },
    stopIn: (chatId) => end(cards.get(chatId)),
    async resume() {
      try {
        for (const [chatId, messageId, view, untilAt] of ((await facts.read(NAME)) ?? []) as readonly Kept[])
          begin({ chatId, messageId }, view, Math.min(untilAt, clock.now() + LIVE_MS), "");
      } catch (error) {
        log.warn({ err: error }, "live cards of the last run are not gone on with");
      }
    },
    stopAll() {
      for (const { cancel } of cards.values()) cancel();
      cards.clear();
    },
  };
}

/** What would be told apart by whoever looks. */
const textOf = ({ text, buttons }: CardContent): string => text.html + JSON.stringify(buttons);
