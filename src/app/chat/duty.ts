import type { Composer, Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import { inTurn } from "../../telegram/api/in-turn.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createDutyCommand } from "../../telegram/duty/duty-command.ts";
import type { VisibleTo } from "../../telegram/access/visible-alarms.ts";
import type { Html } from "../../telegram/api/render.ts";
import { DutyHandover } from "../../telegram/duty/duty-handover.ts";
import { DutyTags } from "../../telegram/duty/duty-tags.ts";
import { DutyExchange } from "../../telegram/duty/duty-exchange.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** Duty in a chat: who has it, and handing it over. */
export interface ChatDuty {
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  readonly handover: DutyHandover;
  /** To be called every few seconds. */
  readonly look: () => Promise<void>;
}

/** Wires the command and the buttons about who is on duty. */
export function createChatDuty(options: ChatOptions, api: ChatApi, visibleTo: VisibleTo): ChatDuty {
  const { duty, exchanges, handover, store, recipients, notifier, pace, log } = options;
  const { now } = options.clock;
  const { timeZoneOf } = store.chats;
  const direct = api.with(inTurn(pace, "answer"));
  async function write(userId: number, text: Html, keyboard: InlineKeyboardButton[][]): Promise<boolean> {
    try {
      await direct.sendMessage(userId, text.html, {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: keyboard },
      });
      return true;
    } catch (error) {
      log.warn({ err: error, userId }, "a message about the duty did not reach them");
      return false;
    }
  }

  const exchange = new DutyExchange({ duty, exchanges, write, timeZoneOf, now });
  const shift = new DutyHandover({ handover, visibleTo, store, write, tellAdmins: notifier.tell, now });
  const tags = new DutyTags({
    api: api.with(inTurn(pace, "edit")),
    duty,
    chatIds: () => recipients.chatIds(),
    keyValue: store.keyValue,
    log,
  });
  return {
    commands: [createDutyCommand({ duty, timeZoneOf, now }), shift.command],
    buttons: [exchange.buttons, shift.buttons],
    handover: shift,
    async look() {
      try {
        await shift.look();
      } finally {
        await tags.look();
      }
    },
  };
}
