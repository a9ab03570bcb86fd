import { GrammyError, type Transformer } from "grammy";
import type { Clock } from "../../lib/time/clock.ts";
import type { Pace } from "../../pace/pace.ts";
import type { Logger } from "../../lib/log.ts";
import type { Comeback } from "./comeback.ts";
import { networkReason, retryAfterMs, TOKEN_FAULTS } from "./failure.ts";
import { pacedChat } from "./in-turn.ts";
import { createReception } from "./reception.ts";
import { createCutOff } from "./abort-signals.ts";

/** How Telegram can be reached, as /status shows it. */
export interface ApiStatus {
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
export interface ApiHealth {
  /** To be installed on each `Api`, next to the wire. */
  readonly transformer: Transformer;
  readonly status: () => ApiStatus;
  /** Whether this process may act: if not, what Telegram delivers is for another, or for later. */
  readonly mayAct: () => boolean;
  /** To be called when Telegram is back: a poll that was under way when it went away may wait on a connection that is dead. */
  pollAnew(): void;
}

/** How a call ended: `limited` is 429, `failed` any 5xx, `unanswered` a broken connection or no answer in time. */
export type CallResult = "ok" | "limited" | "refused" | "failed" | "unanswered";

/** What the watcher needs, and whom it tells. */
interface ApiHealthOptions {
  readonly clock: Pick<Clock, "now" | "elapsed">;
  readonly pace: Pace;
  readonly comeback: Pick<Comeback, "note">;
  /** Whether we may call at all: not while another process may be the active one. */
  readonly mayAct?: () => boolean;
  /** To be told how each call ended, and how long it took. */
  readonly onCall?: (method: string, result: CallResult, seconds: number) => void;
  readonly log: Logger;
}

/** It is down until a first call succeeds. */
export function createApiHealth(options: ApiHealthOptions): ApiHealth {
  const { clock, pace, comeback, mayAct = () => true, onCall, log } = options;
  const state = createState(clock.now, log);
  const reception = createReception(clock.now);
  const poll = createCutOff();
  /** When Telegram answered last, by the clock that nobody sets. */
  let answeredAt = Number.NEGATIVE_INFINITY;

  const ended = (method: string, result: CallResult, beganAt: number): void =>
    onCall?.(method, result, (clock.elapsed() - beganAt) / 1_000);

  /** Notes that we may not act, as if Telegram were away: what is to be shown is tried again. */
  function refused(from: number): Error {
    state.down(NOT_ACTIVE.message);
    comeback.note({ isThere: false, isShown: false, from });
    return NOT_ACTIVE;
  }

  function noteAnswer(method: string, payload: object, answer: ApiAnswer): void {
    const chatId = pacedChat(method, payload);
    if (chatId !== null && !answer.ok && answer.error_code === 429)
      pace.refused(chatId, retryAfterMs(answer.parameters));
    const isThere = answer.ok || !isLinkFault(answer.error_code);
    if (isThere) {
      answeredAt = clock.elapsed();
      reception.note(method, payload, answer);
    }
    // That something was refused tells that Telegram is there; so does that a rival fetches.
    if (answer.ok || (method === "getUpdates" && isThere)) state.up();
    else if (!isThere) state.down(`${answer.error_code} ${answer.description}`, TOKEN_FAULTS.has(answer.error_code));
    comeback.note({ isThere, isShown: answer.ok && chatId !== null, from: clock.elapsed() });
  }

  return {
    transformer: async (call, method, payload, given) => {
      const beganAt = clock.elapsed();
      if (!mayAct()) throw refused(beganAt);
      const signal = method === "getUpdates" ? poll.signalFor(given) : given;
      try {
        const answer = await call(method, payload, signal);
        // What a poll brought that was under way: nobody could be answered. Telegram sends again what it was not told of.
        if (method === "getUpdates" && !mayAct()) throw refused(beganAt);
        ended(method, answer.ok ? "ok" : resultOf(answer.error_code), beganAt);
        noteAnswer(method, payload, answer);
        return answer;
      } catch (error) {
        ended(method, "unanswered", beganAt);
        // What began before the newest answer tells nothing new.
        if (!signal?.aborted && beganAt >= answeredAt) {
          state.down(error instanceof GrammyError ? error.description : networkReason(error));
          comeback.note({ isThere: false, isShown: false, from: beganAt });
        }
        throw error;
      }
    },
    status: () => ({ ...state.status(), receiving: state.status().isUp ? reception.trouble() : null }),
    mayAct,
    pollAnew: poll.cut,
  };
}

/** Whether Telegram answers, and since when. */
function createState(now: () => number, log: Logger) {
  let status: Omit<ApiStatus, "receiving"> = {
    isUp: false,
    since: now(),
    error: "not connected yet",
    isTokenRefused: false,
  };

  function note(isUp: boolean, error: string | null, isTokenRefused: boolean): void {
    status = { isUp, since: isUp === status.isUp ? status.since : now(), error, isTokenRefused };
  }

  return {
    status: () => status,
    up: () => note(true, null, false),
    down(error: string, isTokenRefused = false): void {
      if (isTokenRefused && !status.isTokenRefused)
        log.error(
          { reason: error },
          "Telegram refuses the token: nothing can be shown until TELEGRAM_BOT_TOKEN is right",
        );
      note(false, error, isTokenRefused);
    },
  };
}

/** With a code, as failures of the network have: what is told of them is that alone. */
const NOT_ACTIVE = Object.assign(new Error("this process does not know whether it is the active one"), {
  code: "not-active",
});

type ApiAnswer = Awaited<ReturnType<Parameters<Transformer>[0]>>;

const resultOf = (code: number): CallResult => (code === 429 ? "limited" : code >= 500 ? "failed" : "refused");

/** A refused message says nothing of the link; a token that is not known any more, or a broken server, does. */
const isLinkFault = (code: number): boolean => TOKEN_FAULTS.has(code) || code >= 500;
