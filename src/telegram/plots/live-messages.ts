import type { Clock } from "../../lib/time/clock.ts";
import { OWN_ENDS, type FormerClock } from "../../lib/time/former-clock.ts";
import type { Logger } from "../../lib/log.ts";
import type { KeyValue } from "../../store/sql/key-value.ts";
import type { ChatMessage } from "../api/chat-message.ts";

/** A message that is kept up to date, and what it shows. */
export interface Live<T> {
  readonly message: ChatMessage;
  content: T;
  /** Epoch ms. */
  readonly untilAt: number;
}

/** A round is due for one: it is drawn, or not. */
interface Scheduled<T> extends Live<T> {
  cancel: () => void;
}

/** What is kept up to date, how, and how often. */
interface LiveMessageOptions<T> {
  /** What they are, in words, under which they are kept for the next run. */
  readonly name: string;
  readonly keyValue: KeyValue;
  readonly everyMs: (live: Live<T>) => number;
  /**
   * Shows what there is now.
   * @param isOver its time is over: it has ended, and this is the last round
   * @returns whether it goes on; at once where nothing is to be drawn
   */
  readonly refresh: (live: Live<T>, isOver: boolean) => boolean | Promise<boolean>;
  /** As one is kept, and back; `null`: that was no such thing. */
  readonly pack: (live: Live<T>) => unknown;
  readonly unpack: (kept: unknown) => Live<T> | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** So long a message is kept up to date. */
export const LIVE_MS = 3_600_000;

/** Messages that are kept up to date for an hour, one in each chat, also over a restart. */
export class LiveMessages<T> {
  readonly #options: LiveMessageOptions<T>;
  /** By chat. */
  readonly #lives = new Map<number, Scheduled<T>>();

  constructor(options: LiveMessageOptions<T>) {
    this.#options = options;
  }

  /** `null`: that message is not kept up to date. */
  find({ chatId, messageId }: ChatMessage): Live<T> | null {
    const live = this.#lives.get(chatId);
    return live?.message.messageId === messageId ? live : null;
  }

  /** Begins; what was live in that chat before ends. */
  start(message: ChatMessage, content: T): void {
    this.#begin({ message, content, untilAt: this.#options.clock.now() + LIVE_MS });
    this.#keep();
  }

  /** Shows something else from the next round on. */
  change(live: Live<T>, content: T): void {
    live.content = content;
    this.#keep();
  }

  /** Goes on in another message; nothing happens if it is not live. */
  move(from: ChatMessage, to: ChatMessage): void {
    const live = this.find(from);
    if (live === null) return;
    this.#lives.get(from.chatId)?.cancel();
    this.#lives.delete(from.chatId);
    this.#begin({ ...live, message: to });
    this.#keep();
  }

  /** Ends; nothing happens if it is not live. */
  stop(message: ChatMessage): void {
    if (this.find(message) !== null) this.stopIn(message.chatId);
  }

  /** Ends what is live in a chat. */
  stopIn(chatId: number): void {
    const live = this.#lives.get(chatId);
    if (live === undefined) return;
    live.cancel();
    this.#lives.delete(chatId);
    this.#keep();
  }

  /**
   * Goes on with what was live when the last run ended; never rejects.
   * @param former by what it put their ends
   * @param firstMs when each comes for the first time; left out: as always
   */
  async resume(former: Pick<FormerClock, "ends"> = OWN_ENDS, firstMs?: number): Promise<void> {
    const { name, keyValue, unpack, clock, log } = this.#options;
    try {
      const kept = await keyValue.read(name);
      for (const one of Array.isArray(kept) ? kept : []) {
        const live = unpack(one);
        // The clock may have been set back since.
        if (live)
          this.#begin({ ...live, untilAt: Math.min(former.ends(live.untilAt), clock.now() + LIVE_MS) }, firstMs);
      }
      if (this.#lives.size > 0) this.#keep();
    } catch (error) {
      log.warn({ err: error }, `${name} of the last run could not be continued`);
    }
  }

  /** Ends all for this run; the next one goes on with it. */
  stopAll(): void {
    for (const { cancel } of this.#lives.values()) cancel();
    this.#lives.clear();
  }

  #begin({ message, content, untilAt }: Live<T>, firstMs?: number): void {
    this.#lives.get(message.chatId)?.cancel();
    const live: Scheduled<T> = { message, content, untilAt, cancel: () => undefined };
    this.#lives.set(message.chatId, live);
    this.#schedule(live, firstMs);
  }

  #schedule(live: Scheduled<T>, afterMs = this.#options.everyMs(live)): void {
    live.cancel();
    live.cancel = this.#options.clock.after(afterMs, () => void this.#round(live));
  }

  async #round(live: Scheduled<T>): Promise<void> {
    const { name, refresh, clock, log } = this.#options;
    const isOver = clock.now() >= live.untilAt;
    // Before the last drawing, so that it says so.
    if (isOver) this.stop(live.message);
    let goesOn = true;
    try {
      const refreshed = refresh(live, isOver);
      goesOn = typeof refreshed === "boolean" ? refreshed : await refreshed;
    } catch (error) {
      log.warn({ err: error }, `a round of ${name} failed`);
    }
    if (this.#lives.get(live.message.chatId) !== live) return;
    if (goesOn) this.#schedule(live);
    else this.stop(live.message);
  }

  #keep(): void {
    const { name, keyValue, pack, log } = this.#options;
    keyValue
      .write(name, [...this.#lives.values()].map(pack))
      .catch((error: unknown) => log.warn({ err: error }, `${name} could not be noted`));
  }
}
