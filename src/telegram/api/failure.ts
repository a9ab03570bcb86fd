import { GrammyError, HttpError } from "grammy";
import type { Outcome } from "../../dispatch/types.ts";
import { networkWords } from "../../lib/text/network-words.ts";
import { tlsWords } from "../../lib/text/tls-words.ts";

type RefusalKind = "gone" | "markup" | "tooLong" | "closed" | "unreachable";

/**
 * What each refusal of the Bot API means for a card; texts as the Bot API server's source has them. It passes codes of Telegram's own,
 * such as CHAT_WRITE_FORBIDDEN, on as 400.
 */
const REFUSALS: readonly (readonly [RegExp, RefusalKind])[] = [
  [
    /message to edit not found|message can't be edited|there is no (text|caption) in the message to edit|MESSAGE_ID_INVALID/,
    "gone",
  ],
  [/can't parse entities|can't find end/i, "markup"],
  [/message is too long|caption is too long|MESSAGE_TOO_LONG|text is too long/i, "tooLong"],
  [/thread not found|TOPIC_CLOSED|TOPIC_DELETED/, "closed"],
  [
    // A chat that takes no pictures takes words.
    /chat not found|not enough rights(?! to send (?!text))|have no write access|need administrator rights|user is deactivated/,
    "unreachable",
  ],
  [
    /CHAT_(?!SEND_(?!PLAIN))\w*FORBIDDEN|CHAT_RESTRICTED|CHAT_ADMIN_REQUIRED|CHANNEL_PRIVATE|PEER_ID_INVALID|USER_\w*BLOCKED/,
    "unreachable",
  ],
];

/** What Telegram says of a token that was revoked, and of one that never was. */
export const TOKEN_FAULTS: ReadonlySet<number> = new Set([401, 404]);

/** Turns what grammY throws into an outcome; the only place that reads error codes and descriptions. */
export function outcomeOf(error: unknown, messageId: number | null): Outcome {
  if (!(error instanceof GrammyError)) return { kind: "unavailable", detail: networkReason(error) };
  const { error_code: code, description: detail, parameters } = error;
  if (code === 429) return { kind: "limited", retryAfterMs: retryAfterMs(parameters), detail };
  if (detail.includes("message is not modified")) return { kind: "done", messageId, isAsBefore: true };
  if (code >= 500 || TOKEN_FAULTS.has(code) || code === undefined)
    return { kind: "unavailable", detail: `${code} ${detail}` };
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: "migrated", chatId: parameters.migrate_to_chat_id, detail };
  }
  if (code === 403) return { kind: "unreachable", detail };
  const refusal = REFUSALS.find(([pattern]) => pattern.test(detail));
  return { kind: refusal?.[1] ?? "refused", detail };
}

/** For how long Telegram asks to wait. */
export const retryAfterMs = (parameters: { readonly retry_after?: number } = {}): number =>
  Math.max(1, parameters.retry_after ?? 1) * 1_000;

const AUTHORITY_REMEDY = "; one of your own, such as a proxy's, goes into NODE_EXTRA_CA_CERTS";

/** What the codes of Node.js and of client.ts mean, as far as they do not tell themselves. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["invalid-json", "the answer is not Telegram's: is something on the way, such as a proxy with a page of its own?"],
  ["no-answer", "no answer in time"],
  ["not-active", "this process does not know whether it is the active one"],
  ["max-size", "the answer does not end"],
  ["no-redirect", "it redirects elsewhere, which we do not follow"],
  ["ENOTFOUND", "its name is not known: is there a network, or a proxy to be named in HTTPS_PROXY? (ENOTFOUND)"],
  ["ERR_PROXY_TUNNEL", "the proxy does not let us through: is HTTPS_PROXY right?"],
]);

/**
 * Why the network failed, in a word or a sentence. Never the error's own text: below grammY's lies one that names the whole
 * URL, and the token is in it.
 */
export function networkReason(error: unknown): string {
  const cause: unknown = error instanceof HttpError ? error.error : error;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : null;
  if (typeof code !== "string") return "network error";
  return WORDS.get(code) ?? networkWords(code) ?? tlsWords(code, AUTHORITY_REMEDY) ?? code;
}

/** Whether Telegram refuses the token: only a person can mend that, and api-health.ts has told the log so. */
export const isTokenFault = (error: unknown): boolean =>
  error instanceof GrammyError && TOKEN_FAULTS.has(error.error_code);

/** Why a call failed, for the log. */
export function whyItFailed(error: unknown): string {
  return error instanceof HttpError ? networkReason(error) : String(error);
}
