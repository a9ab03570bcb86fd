import type { Context } from "grammy";
import type { Html } from "../api/render.ts";
import { reply } from "../access/reply.ts";

/** Asks whether alarms are to come: to a person (`subscribe`), or to a group (`join`). */
export const askToJoin = (
  ctx: Context,
  question: Html,
  kind: "subscribe" | "join",
  [yes, no]: readonly [string, string],
): Promise<void> =>
  reply(ctx, question, {
    reply_markup: {
      inline_keyboard: [
        [
          { text: yes, callback_data: `${kind}:yes` },
          { text: no, callback_data: `${kind}:no` },
        ],
      ],
    },
  });
