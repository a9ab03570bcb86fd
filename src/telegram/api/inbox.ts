import type { Update } from "grammy/types";
import type { Logger } from "../../lib/log.ts";
import type { InboxStorage } from "../../store/people/inbox.ts";
import { whileAnswering } from "./answering.ts";
import type { Seal } from "./sealed.ts";
import { parseUpdate } from "./update-form.ts";

/** What people write and press, which neither the end of the program loses nor another delivery does twice. */
export interface Inbox {
  /** Keeps what came, before Telegram is told that we have it. What cannot be kept is handled all the same. Never rejects. */
  take(updates: readonly Update[]): Promise<void>;
  /** Handles one, unless some run took it before, or it is not worth a look; it counts as answered when all is over that it began. */
  handle(update: Update, work: () => Promise<void>): Promise<void>;
  /** What earlier runs took and did not live to answer, in order; once, before anything is taken. */
  left(): Promise<readonly Update[]>;
}

/**
 * Keeps updates sealed.
 * @param options.bot names the bot
 * @param options.shouldIgnore whether an update is not worth a look
 */
export function createInbox(options: {
  readonly store: InboxStorage;
  readonly bot: string;
  readonly seal: Seal;
  readonly shouldIgnore: (update: Update) => boolean;
  readonly log: Logger;
}): Inbox {
  const { store, bot, seal, shouldIgnore, log } = options;
  /** What was handed over and is not to be handled. */
  const leftOut = new Set<number>();

  return {
    async take(updates) {
      const wanted = updates.filter((update) => !shouldIgnore(update));
      for (const update of updates) if (!wanted.includes(update)) leftOut.add(update.update_id);
      if (wanted.length === 0) return;
      try {
        const kept = wanted.map((update) => ({ id: update.update_id, content: seal.close(JSON.stringify(update)) }));
        for (const id of await store.take(kept)) leftOut.add(id);
      } catch (error) {
        log.warn(
          { err: error, updates: wanted.length },
          "what people wrote is not kept: it is answered in this run, or not at all",
        );
      }
    },
    async handle(update, work) {
      if (leftOut.delete(update.update_id)) return;
      await whileAnswering(work, () =>
        store
          .answered(update.update_id)
          .catch((error: unknown) => log.warn({ err: error, update: update.update_id }, "may be answered once more")),
      );
    },
    async left() {
      const { updates, givenUp } = await store.left(bot);
      if (givenUp.length > 0) log.error({ updates: givenUp }, "what people wrote was never answered, and is given up");
      if (updates.length > 0) log.info({ updates: updates.length }, "answering what the last run did not");
      return updates.flatMap((content) => {
        // Sealed under a token that was revoked since.
        const text = seal.open(content);
        const update = text === null ? null : parseUpdate(text);
        return update === null ? [] : [update];
      });
    },
  };
}
