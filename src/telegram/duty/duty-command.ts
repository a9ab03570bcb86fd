import type { Rota } from "../../duty/rota.ts";
import { LOOK } from "../../people/right.ts";
import type { Command } from "../access/command.ts";
import { servedIn } from "../access/person.ts";
import { reply } from "../access/reply.ts";
import { dutyKeyboard, dutyView, NO_ROTA } from "./duty-views.ts";

/** `/duty`: who is on duty, until when, and who is next. */
export function createDutyCommand(options: {
  readonly duty: Rota;
  readonly timeZoneOf: (chatId: number) => string;
  readonly now: () => number;
}): Command {
  const { duty, timeZoneOf, now } = options;
  return {
    name: "duty",
    description: "Who is on duty, until when, and who is next",
    topic: "people",
    usage: ["/duty"],
    right: LOOK,
    async run(ctx) {
      if (!duty.isKept()) return reply(ctx, NO_ROTA);
      const moment = { timeZone: timeZoneOf(servedIn(ctx).chatId), now: now() };
      return reply(ctx, dutyView(duty, moment), { reply_markup: { inline_keyboard: dutyKeyboard() } });
    },
  };
}
