import type { Transformer } from "grammy";
import { GrammyError } from "grammy";
import type { WebhookInfo } from "grammy/types";
import type { Pace } from "../dispatch/pace.ts";
import type { Logger } from "../log.ts";
import { networkReason, retryAfterMs } from "./failure.ts";
import { pacedChat } from "./in-turn.ts";

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
  /** To be installed on each `Api`, next to the wire. */
  readonly transformer: Transformer;
  status(): LinkStatus;
  /** How many calls ended in which way, since the start. */
  calls(): ReadonlyMap<CallResult, number>;
}

/** How a call ended: `limited` is 429, `failed` any 5xx, `unanswered` a broken connection or no answer in time. */
type CallResult = "ok" | "limited" | "refused" | "failed" | "unanswered";

/** Creates the watcher. It is down until a first call succeeds. */
export function createLink(options: { readonly now: () => number; readonly pace: Pace; readonly log: Logger }): Link {
  const { now, pace, log } = options;
  let status: LinkStatus = { isUp: false, since: now(), error: "not connected yet", isTokenRefused: false };

  const calls = new Map<CallResult, number>();
  const count = (result: CallResult): void => void calls.set(result, (calls.get(result) ?? 0) + 1);

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
      try {
        const answer = await call(method, payload, signal);
        count(answer.ok ? "ok" : resultOf(answer.error_code));
        const chatId = pacedChat(method, payload);
        if (chatId !== null && !answer.ok && answer.error_code === 429)
          pace.refused(chatId, retryAfterMs(answer.parameters));
        // What is wrong with receiving is mended only by receiving that works.
        if (answer.ok && method === "getWebhookInfo") note(true, undeliverable(answer.result as WebhookInfo, now()));
        else if (answer.ok) note(true, status.isUp && !BEGINS_RECEIVING.has(method) ? status.error : null);
        else if (isLinkFault(answer.error_code)) {
          note(false, `${answer.error_code} ${answer.description}`, TOKEN_FAULTS.has(answer.error_code));
        } else if (method === "getUpdates") note(true, `${answer.error_code} ${answer.description}`);
        return answer;
      } catch (error) {
        count("unanswered");
        if (!signal?.aborted) note(false, error instanceof GrammyError ? error.description : networkReason(error));
        throw error;
      }
    },
    status: () => status,
    calls: () => calls,
  };
}

const BEGINS_RECEIVING: ReadonlySet<string> = new Set(["getUpdates", "setWebhook"]);

/** What Telegram could not deliver lately. Its newest error is told for ever, also when all was delivered since. */
const LATELY_MS = 600_000;
function undeliverable(info: WebhookInfo, at: number): string | null {
  const { pending_update_count: waiting, last_error_date: date = 0, last_error_message: message } = info;
  return waiting > 0 && at - date * 1_000 < LATELY_MS ? `what people write is not delivered: ${message ?? "?"}` : null;
}

const resultOf = (code: number): CallResult => (code === 429 ? "limited" : code >= 500 ? "failed" : "refused");

/** A token that was revoked, and one that never was. */
const TOKEN_FAULTS: ReadonlySet<number> = new Set([401, 404]);

/** A refused message says nothing of the link; a token that is not known any more, or a broken server, does. */
const isLinkFault = (code: number): boolean => TOKEN_FAULTS.has(code) || code >= 500;
