import type { Transformer } from "grammy";
import { GrammyError } from "grammy";
import type { Pace } from "../dispatch/pace.ts";
import { networkReason } from "./failure.ts";

/** The Telegram link as /status shows it. */
export interface LinkStatus {
  readonly isUp: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Why it is down, or what is wrong although it is up. */
  readonly error: string | null;
}

/** Watches every call to the Bot API. */
export interface Link {
  /** To be installed on each `Api`: the bot's, and the fresh ones inside dialogues. */
  readonly transformer: Transformer;
  status(): LinkStatus;
}

/** What counts against Telegram's limits: https://core.telegram.org/bots/faq speaks of messages, and edits count as well. */
const COUNTED = /^(send(?!ChatAction)|edit|forward|copy)/;

/** Creates the watcher. It is down until a first call succeeds. */
export function createLink(options: { readonly now: () => number; readonly pace: Pace }): Link {
  const { now, pace } = options;
  let status: LinkStatus = { isUp: false, since: now(), error: "not connected yet" };

  function note(isUp: boolean, error: string | null): void {
    status = { isUp, since: isUp === status.isUp ? status.since : now(), error };
  }

  return {
    transformer: async (call, method, payload, signal) => {
      const chatId = "chat_id" in payload ? Number(payload.chat_id) : Number.NaN;
      if (COUNTED.test(method) && !Number.isNaN(chatId)) pace.spend(chatId);
      try {
        const answer = await call(method, payload, signal);
        // What is wrong with polling is mended only by a poll that works.
        if (answer.ok) note(true, status.isUp && method !== "getUpdates" ? status.error : null);
        else if (isLinkFault(answer.error_code)) note(false, `${answer.error_code} ${answer.description}`);
        else if (method === "getUpdates") note(true, `${answer.error_code} ${answer.description}`);
        return answer;
      } catch (error) {
        if (!signal?.aborted) note(false, error instanceof GrammyError ? error.description : networkReason(error));
        throw error;
      }
    },
    status: () => status,
  };
}

/** A refused message says nothing of the link; a token that is not known any more, or a broken server, does. */
const isLinkFault = (code: number): boolean => code === 401 || code === 404 || code >= 500;
