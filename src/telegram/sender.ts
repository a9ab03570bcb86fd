import type { Api } from "grammy";
import type { Alarm } from "../alarms/types.ts";
import type { CardSender, Outcome } from "../dispatch/types.ts";
import { cardView } from "./card-view.ts";
import { outcomeOf } from "./failure.ts";
import { toPlain } from "./render.ts";

/** Shows cards in Telegram. */
export function createCardSender(options: {
  readonly api: Api;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): CardSender {
  const { api, timeZoneOf, now } = options;

  function textOf(chatId: number, alarm: Alarm, isPlain: boolean): { text: string; parse_mode?: "HTML" } {
    const view = cardView(alarm, timeZoneOf(chatId), now());
    return isPlain ? { text: toPlain(view) } : { text: view.html, parse_mode: "HTML" };
  }

  return {
    send: (chatId, alarm, { isSilent, isPlain }) =>
      attempt(null, async () => {
        const { text, ...mode } = textOf(chatId, alarm, isPlain);
        const sent = await api.sendMessage(chatId, text, { ...mode, disable_notification: isSilent });
        return sent.message_id;
      }),
    edit: (chatId, messageId, alarm, { isPlain }) =>
      attempt(messageId, async () => {
        const { text, ...mode } = textOf(chatId, alarm, isPlain);
        await api.editMessageText(chatId, messageId, text, mode);
        return messageId;
      }),
  };
}

async function attempt(messageId: number | null, call: () => Promise<number>): Promise<Outcome> {
  try {
    return { kind: "done", messageId: await call() };
  } catch (error) {
    return outcomeOf(error, messageId);
  }
}
