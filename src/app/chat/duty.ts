import type { Composer, Context } from "grammy";
import { inTurn } from "../../telegram/api/in-turn.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createDutyCommand } from "../../telegram/duty/duty-command.ts";
import type { VisibleTo } from "../../telegram/access/visible-alarms.ts";
import { DutyHandover } from "../../telegram/duty/duty-handover.ts";
import { DutyTags } from "../../telegram/duty/duty-tags.ts";
import { createWriteTo } from "../../telegram/duty/write-to.ts";
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
  const { duty, exchanges, handover, people, store, recipients, notifier, pace, log } = options;
  const { now } = options.clock;
  const { timeZoneOf } = store.chats;
  const write = createWriteTo({ api: api.with(inTurn(pace, "answer")), isRemoved: people.isRemoved, log });
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
