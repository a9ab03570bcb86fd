import type { Transformer } from "grammy";
import { GrammyError } from "grammy";
import type { Pace } from "../dispatch/pace.ts";
import type { Logger } from "../log.ts";
import { networkReason, retryAfterMs } from "./failure.ts";

/** The Telegram link as /status shows it. */
export interface LinkStatus {
  readonly isUp: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Why it is down, or what is wrong although it is up. */
  readonly error: string | null;
  /** Whether Telegram does not know our token (any more): only a person can mend that. */
  readonly isTokenRefused: boolean;
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
export function createLink(options: { readonly now: () => number; readonly pace: Pace; readonly log: Logger }): Link {
  const { now, pace, log } = options;
  let status: LinkStatus = { isUp: false, since: now(), error: "not connected yet", isTokenRefused: false };

  function note(isUp: boolean, error: string | null, isTokenRefused = false): void {
    if (isTokenRefused && !status.isTokenRefused) {
      log.error(
        { reason: error },
        "Telegram refuses the token: nothing can be shown until TELEGRAM_BOT_TOKEN is right",
      );
    }
    status = { isUp, since: isUp === status.isUp ? status.since : now(), error, isTokenRefused };
  }

  return {
    transformer: async (call, method, payload, signal) => {
      const chatId = "chat_id" in payload ? Number(payload.chat_id) : Number.NaN;
      const isCounted = COUNTED.test(method) && !Number.isNaN(chatId);
      if (isCounted) {
        const heldMs = pace.heldMs(chatId);
        // Not asked at all: a call before its time is refused, and may prolong the wait.
        if (heldMs > 0) return tooEarly(heldMs);
        pace.spend(chatId);
      }
      try {
        const answer = await call(method, payload, signal);
        if (isCounted && !answer.ok && answer.error_code === 429) {
          pace.refused(chatId, retryAfterMs(answer.parameters));
        }
        // What is wrong with polling is mended only by a poll that works.
        if (answer.ok) note(true, status.isUp && method !== "getUpdates" ? status.error : null);
        else if (isLinkFault(answer.error_code)) {
          note(false, `${answer.error_code} ${answer.description}`, TOKEN_FAULTS.has(answer.error_code));
        } else if (method === "getUpdates") note(true, `${answer.error_code} ${answer.description}`);
        return answer;
      } catch (error) {
        if (!signal?.aborted) note(false, error instanceof GrammyError ? error.description : networkReason(error));
        throw error;
      }
    },
    status: () => status,
  };
}

/** What Telegram would answer, in its own words. */
function tooEarly(heldMs: number) {
  const seconds = Math.ceil(heldMs / 1_000);
  const description = `Too Many Requests: retry after ${seconds}`;
  return { ok: false, error_code: 429, description, parameters: { retry_after: seconds } } as const;
}

/** A token that was revoked, and one that never was. */
const TOKEN_FAULTS: ReadonlySet<number> = new Set([401, 404]);

/** A refused message says nothing of the link; a token that is not known any more, or a broken server, does. */
const isLinkFault = (code: number): boolean => TOKEN_FAULTS.has(code) || code >= 500;
