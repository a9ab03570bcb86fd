import { z } from "zod";

/** What is known of an answer of the Bot API. */
type CallAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error_code: number; readonly description: string };

/** Whether what people write and press comes, as far as calls tell. */
export interface Reception {
  /** Takes what a call was answered with, whichever it was. */
  note(method: string, payload: object, answer: CallAnswer): void;
  /** Why it does not come, or not all of it; `null`: as far as is known it does. */
  trouble(): string | null;
}

/** What is wrong with receiving. */
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

const RECEIVES: ReadonlySet<string> = new Set(["getUpdates", "setWebhook"]);

const RIVAL = "another program with the same bot token takes what people write and press";
const TAKEN_AWAY = `${RIVAL}: it has set or removed the webhook`;

/** Telegram's word for a second program: https://core.telegram.org/bots/api#getupdates. */
const CONFLICT = 409;
/** What Telegram could not deliver lately. Its newest error is told for ever, also when all was delivered since. */
const LATELY_MS = 600_000;

/** What is read of `WebhookInfo`: https://core.telegram.org/bots/api#webhookinfo. */
const webhookForm = z.looseObject({
  url: z.string(),
  pending_update_count: z.number(),
  last_error_date: z.number().optional(),
  last_error_message: z.string().optional(),
});
type WebhookState = z.infer<typeof webhookForm>;

/** Nothing is known to be wrong until a call tells. */
export function createReception(now: () => number): Reception {
  let deafness: Deafness | null = null;
  /** Where Telegram was told to deliver to. */
  let webhookUrl = "";

  return {
    note(method, payload, answer) {
      if (!RECEIVES.has(method) && method !== "getWebhookInfo") return;
      if (method === "setWebhook") webhookUrl = "url" in payload ? String(payload.url) : "";
      const found = method === "getWebhookInfo" ? faultOfWebhook(answer, webhookUrl, now()) : faultOf(answer);
      if (found === null) deafness = deafness && { ...deafness, isHearing: true };
      else deafness = { reason: found.reason, rivalAt: found.isRival ? now() : null, isHearing: false };
    },
    trouble() {
      if (deafness === null) return null;
      const { reason, rivalAt, isHearing } = deafness;
      const isRivalGone = rivalAt === null || Math.abs(now() - rivalAt) >= RIVAL_GONE_MS;
      return isHearing && isRivalGone ? null : reason;
    },
  };
}

interface Fault {
  readonly reason: string;
  readonly isRival: boolean;
}

/** What a refusal tells; `null`: it was none. */
function faultOf(answer: CallAnswer): Fault | null {
  if (answer.ok) return null;
  const refusal = `${answer.error_code} ${answer.description}`;
  const isRival = answer.error_code === CONFLICT;
  return { reason: isRival ? `${RIVAL} (${refusal})` : refusal, isRival };
}

/** What Telegram tells of the webhook that was set to `url`; `null`: all is well. */
function faultOfWebhook(answer: CallAnswer, url: string, at: number): Fault | null {
  if (!answer.ok) return faultOf(answer);
  const { data: state } = webhookForm.safeParse(answer.result);
  if (state?.url !== url) return { reason: TAKEN_AWAY, isRival: true };
  const reason = undelivered(state, at);
  return reason === null ? null : { reason, isRival: false };
}

function undelivered(state: WebhookState, at: number): string | null {
  const { pending_update_count: waiting, last_error_date: date = 0, last_error_message: message = "?" } = state;
  return waiting > 0 && at - date * 1_000 < LATELY_MS ? `what people write is not delivered: ${message}` : null;
}
