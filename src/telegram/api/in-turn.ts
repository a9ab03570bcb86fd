import type { Transformer } from "grammy";
import type { Pace } from "../../pace/pace.ts";
import type { CallKind } from "../../pace/turns.ts";

/** What counts against Telegram's limits: https://core.telegram.org/bots/faq speaks of messages, and edits count as well. */
const COUNTED = /^(send(?!ChatAction)|edit|forward|copy)/;

/** The chat whose pace a call takes; `null`: it takes no chat's. */
export function pacedChat(method: string, payload: object): number | null {
  const chatId = "chat_id" in payload ? Number(payload.chat_id) : Number.NaN;
  return COUNTED.test(method) && !Number.isNaN(chatId) ? chatId : null;
}

/**
 * Makes each call wait for its turn in its chat, and wait out what Telegram asks for: it is never given up for that. To be installed on the
 * `Api` of whoever does not ask for turns themselves, outermost, since who may be shown something is decided after the wait.
 */
export function inTurn(pace: Pace, kind: CallKind): Transformer {
  return async (call, method, payload, signal) => {
    const chatId = pacedChat(method, payload);
    if (chatId === null) return call(method, payload, signal);
    for (;;) {
      const turn = await pace.turn(chatId, kind, placesOf(payload));
      if (turn === null) return notNow(pace.heldMs(chatId));
      let isSpent = true;
      try {
        const answer = await call(method, payload, signal);
        isSpent = answer.ok || answer.error_code >= 500;
        if (answer.ok || answer.error_code !== 429) return answer;
      } finally {
        turn.end(isSpent);
      }
    }
  };
}

/** An album counts each of its items. */
const placesOf = (payload: object): number =>
  "media" in payload && Array.isArray(payload.media) ? payload.media.length : 1;

/** What Telegram would answer, in its own words. */
function notNow(heldMs: number) {
  const seconds = Math.ceil(heldMs / 1_000);
  const description = `Too Many Requests: retry after ${seconds}`;
  return { ok: false, error_code: 429, description, parameters: { retry_after: seconds } } as const;
}
