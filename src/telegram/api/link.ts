import type { Transformer } from "grammy";
import { GrammyError } from "grammy";
import type { WebhookInfo } from "grammy/types";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace } from "../../dispatch/pace.ts";
import type { Logger } from "../../lib/log.ts";
import type { Comeback } from "./comeback.ts";
import { networkReason, retryAfterMs } from "./failure.ts";
import { pacedChat } from "./in-turn.ts";
import type { GrammySignal } from "./updates.ts";

/** The Telegram link as /status shows it. */
export interface LinkStatus {
  readonly isUp: boolean;
  /** Since when it is up, or down; epoch ms. */
  readonly since: number;
  /** Why it is down; `null`: it is up. */
  readonly error: string | null;
  /** Why what people write and press does not come, or not all of it, although sending works; `null`: as far as is known it does. */
  readonly receiving: string | null;
  /** Whether Telegram does not know our token (any more): only a person can mend that. */
  readonly isTokenRefused: boolean;
}

/** Watches every call to the Bot API. */
export interface Link {
  /** To be installed on each `Api`, next to the wire. */
  readonly transformer: Transformer;
  status(): LinkStatus;
  /** Whether this process may act: if not, what Telegram delivers is for another, or for later. */
  mayAct(): boolean;
  /** To be called when Telegram is back: a poll that was under way when it went away may wait on a connection that is dead. */
  pollAnew(): void;
}

/** How a call ended: `limited` is 429, `failed` any 5xx, `unanswered` a broken connection or no answer in time. */
type CallResult = "ok" | "limited" | "refused" | "failed" | "unanswered";

/** What is wrong with receiving, as far as calls told. */
interface Deafness {
  readonly reason: string;
  /** When a rival was met last; epoch ms. `null`: the reason is another one. */
  readonly rivalAt: number | null;
  /** Whether something was received since. */
  readonly isHearing: boolean;
}

/**
 * After so long without another refusal, a rival is gone. Two programs that fetch refuse each other by turns, so the call that brings
 * `/status` succeeds in the middle of it; the poll that waits longest, 50 s (FACTS: C1), and a look at the webhook a minute fit in.
 */
export const RIVAL_GONE_MS = 150_000;

/** Creates the watcher. It is down until a first call succeeds. */
export function createLink(options: {
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly pace: Pace;
  readonly comeback: Pick<Comeback, "note">;
  /** Whether we may call at all: not while another process may be the active one. */
  readonly mayAct?: () => boolean;
  /** To be told how each call ended. */
  readonly onCall?: (result: CallResult) => void;
  readonly log: Logger;
}): Link {
  const { clock, pace, comeback, mayAct = () => true, onCall, log } = options;
  const { now } = clock;
  let status: Omit<LinkStatus, "receiving"> = {
    isUp: false,
    since: now(),
    error: "not connected yet",
    isTokenRefused: false,
  };
  let deafness: Deafness | null = null;
  /** Where Telegram was told to deliver to. */
  let webhookUrl = "";

  /** When Telegram answered last, by the clock that nobody sets. */
  let answeredAt = Number.NEGATIVE_INFINITY;

  let endPoll = (): void => undefined;

  function note(isUp: boolean, error: string | null, isTokenRefused = false): void {
    if (isTokenRefused && !status.isTokenRefused) {
      log.error(
        { reason: error },
        "Telegram refuses the token: nothing can be shown until TELEGRAM_BOT_TOKEN is right",
      );
    }
    status = { isUp, since: isUp === status.isUp ? status.since : now(), error, isTokenRefused };
  }

  /** What a call that receives, or asks whether we do, tells about it. */
  function noteReceiving(method: string, payload: object, answer: Answer): void {
    if (!RECEIVES.has(method) && method !== "getWebhookInfo") return;
    if (method === "setWebhook") webhookUrl = "url" in payload ? String(payload.url) : "";
    const info = answer.ok && method === "getWebhookInfo" ? (answer.result as WebhookInfo) : null;
    const isTakenAway = info !== null && info.url !== webhookUrl;
    const reason = !answer.ok ? refusalOf(answer) : isTakenAway ? TAKEN_AWAY : info && undeliverable(info, now());
    if (reason === null) deafness = deafness && { ...deafness, isHearing: true };
    else {
      const isRival = isTakenAway || (!answer.ok && answer.error_code === CONFLICT);
      deafness = { reason, rivalAt: isRival ? now() : null, isHearing: false };
    }
  }

  function receiving(): string | null {
    if (deafness === null) return null;
    const { reason, rivalAt, isHearing } = deafness;
    const isRivalGone = rivalAt === null || Math.abs(now() - rivalAt) >= RIVAL_GONE_MS;
    return isHearing && isRivalGone ? null : reason;
  }

  function pollSignal(given: GrammySignal | undefined): GrammySignal {
    const controller = new AbortController();
    if (given?.aborted) controller.abort();
    given?.addEventListener("abort", () => controller.abort());
    endPoll = () => controller.abort();
    return controller.signal as GrammySignal;
  }

  /** Notes that we may not act, as if Telegram were away: what is to be shown is tried again. */
  function refused(from: number): Error {
    note(false, NOT_ACTIVE.message);
    comeback.note({ isThere: false, isShown: false, from });
    return NOT_ACTIVE;
  }

  return {
    transformer: async (call, method, payload, given) => {
      const beganAt = clock.elapsed();
      if (!mayAct()) throw refused(beganAt);
      const signal = method === "getUpdates" ? pollSignal(given) : given;
      try {
        const answer = await call(method, payload, signal);
        // What a poll brought that was under way: nobody could be answered. Telegram sends again what it was not told of.
        if (method === "getUpdates" && !mayAct()) throw refused(beganAt);
        onCall?.(answer.ok ? "ok" : resultOf(answer.error_code));
        const chatId = pacedChat(method, payload);
        if (chatId !== null && !answer.ok && answer.error_code === 429)
          pace.refused(chatId, retryAfterMs(answer.parameters));
        const isThere = answer.ok || !isLinkFault(answer.error_code);
        if (isThere) {
          answeredAt = clock.elapsed();
          noteReceiving(method, payload, answer);
        }
        // That something was refused tells that Telegram is there; so does that a rival fetches.
        if (answer.ok || (method === "getUpdates" && isThere)) note(true, null);
        else if (!isThere)
          note(false, `${answer.error_code} ${answer.description}`, TOKEN_FAULTS.has(answer.error_code));
        comeback.note({ isThere, isShown: answer.ok && chatId !== null, from: clock.elapsed() });
        return answer;
      } catch (error) {
        onCall?.("unanswered");
        // What began before the newest answer tells nothing new.
        if (!signal?.aborted && beganAt >= answeredAt) {
          note(false, error instanceof GrammyError ? error.description : networkReason(error));
          comeback.note({ isThere: false, isShown: false, from: beganAt });
        }
        throw error;
      }
    },
    status: () => ({ ...status, receiving: status.isUp ? receiving() : null }),
    mayAct,
    pollAnew: () => endPoll(),
  };
}

/** With a code, as failures of the network have: what is told of them is that alone. */
const NOT_ACTIVE = Object.assign(new Error("this process does not know whether it is the active one"), {
  code: "not-active",
});

/** What is known of an answer of the Bot API. */
type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error_code: number; readonly description: string };

const RECEIVES: ReadonlySet<string> = new Set(["getUpdates", "setWebhook"]);

const RIVAL = "another program with the same bot token takes what people write and press";
const TAKEN_AWAY = `${RIVAL}: it has set or removed the webhook`;

/** Telegram's word for a second program: https://core.telegram.org/bots/api#getupdates. */
const CONFLICT = 409;
const refusalOf = ({ error_code: code, description }: Extract<Answer, { ok: false }>): string =>
  code === CONFLICT ? `${RIVAL} (${code} ${description})` : `${code} ${description}`;

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
