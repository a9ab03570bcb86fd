import type { Composer, Context } from "grammy";
import { inTurn } from "../../telegram/api/in-turn.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createDutyCommand } from "../../telegram/duty/duty-command.ts";
import { DutyExchange } from "../../telegram/duty/duty-exchange.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** Duty in a chat: who has it, and handing it over. */
export interface ChatDuty {
  readonly commands: readonly Command[];
  readonly buttons: Composer<Context>;
}

/** Wires the command and the buttons about who is on duty. */
export function createChatDuty(options: ChatOptions, api: ChatApi): ChatDuty {
  const { duty, exchanges, store, pace, log } = options;
  const { now } = options.clock;
  const { timeZoneOf } = store.chats;
  const direct = api.with(inTurn(pace, "answer"));
  const exchange = new DutyExchange({
    duty,
    exchanges,
    async write(userId, text, keyboard) {
      try {
        await direct.sendMessage(userId, text.html, {
          parse_mode: "HTML",
          reply_markup: { inline_keyboard: keyboard },
        });
        return true;
      } catch (error) {
        log.warn({ err: error, userId }, "a question about the duty did not reach them");
        return false;
      }
    },
    timeZoneOf,
    now,
  });
  return { commands: [createDutyCommand({ duty, timeZoneOf, now })], buttons: exchange.buttons };
}
