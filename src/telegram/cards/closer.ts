import type { Context } from "grammy";
import { close, isAsSeen, reopen, type Seen } from "../../alarms/lifecycle/handling.ts";
import type { ActResult } from "../../engine/act.ts";
import type { Logger } from "../../lib/log.ts";
import type { SeenAlarm } from "../access/card-buttons.ts";
import { actorOf, servedIn } from "../access/person.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What ending alarms needs. */
export interface CloserOptions {
  readonly visibleTo: VisibleTo;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly log: Logger;
}

/** Ends alarms for who presses or writes, and takes that back. */
export class Closer {
  readonly #options: CloserOptions;

  constructor(options: CloserOptions) {
    this.#options = options;
  }

  /**
   * Closes an alarm, if it is as somebody saw it.
   * @param seen `null`: whatever it is now
   * @param reason empty: none
   */
  async close(ctx: Context, alarmId: number, seen: Seen | null, reason: string): Promise<ActResult | null> {
    const by = actorOf(ctx);
    const words = reason === "" ? null : reason;
    const result = await this.#options.visibleTo(servedIn(ctx).chatId).act(alarmId, {
      by,
      action: "close",
      words,
      apply: (alarm, at) => (seen === null || isAsSeen(alarm, seen) ? close(alarm, by, at, words) : alarm),
    });
    if (result?.isChanged) this.#options.log.info({ alarm: alarmId, userId: by.userId }, "closed");
    this.#options.onChange(result?.chatIds ?? []);
    return result;
  }

  /** Takes back that it is over, if it is as somebody saw it. */
  async reopen(ctx: Context, seen: SeenAlarm): Promise<ActResult | null> {
    const by = actorOf(ctx);
    const result = await this.#options.visibleTo(servedIn(ctx).chatId).act(seen.alarmId, {
      by,
      action: "reopen",
      apply: (alarm, at) => (isAsSeen(alarm, seen) ? reopen(alarm, by, at) : alarm),
    });
    if (result?.isChanged) this.#options.log.info({ alarm: seen.alarmId, userId: by.userId }, "reopened");
    this.#options.onChange(result?.chatIds ?? []);
    return result;
  }
}
