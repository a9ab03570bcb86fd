import type { Context } from "grammy";
import type { InlineKeyboardButton } from "grammy/types";
import type { Alarm } from "../../alarms/types.ts";
import type { Store } from "../../store/store.ts";
import { cardButtons, copyButtons, toast } from "../access/card-buttons.ts";
import type { Done } from "../access/outcome.ts";
import type { ActResult } from "../../engine/act.ts";
import { servedIn } from "../access/person.ts";

/** What there is to choose from in a menu, for an alarm as it is now; `null`: nothing any more. */
export type CardMenu = (alarm: Alarm) => InlineKeyboardButton[][] | null;

/** Menus that open below a card, in place of its own buttons. */
export interface CardMenus {
  /** Opens a menu below the message that was pressed on, or closes what is open there (`null`); by now that may look different. */
  show(ctx: Context, alarm: Alarm, menu: CardMenu | null): Promise<void>;
  /** Forgets what is open below the message that was pressed on, as something was chosen. A card follows its alarm by itself. */
  chosen(ctx: Context): void;
  /** Shows what came of it below a message that is no card, such as the answer to /alarm. */
  refresh(ctx: Context, alarm: Alarm): Promise<void>;
  /** The buttons of a card just now: its own, or those that somebody opened there to choose from. */
  readonly buttonsBelow: (alarm: Alarm, chatId: number, messageId: number) => InlineKeyboardButton[][];
}

/** A menu that nobody presses on any more gives way to the card's own buttons, when that changes. */
const OPEN_MS = 60_000;

/** Leads from a menu back to the card's own buttons. */
export const backButton = (alarm: Alarm): InlineKeyboardButton => ({ text: "Back", callback_data: `card:${alarm.id}` });

/** Makes the menus; what is open is forgotten at a restart, and the card's own buttons come back. */
export function createCardMenus({
  store,
  now,
}: {
  readonly store: Pick<Store, "alarms" | "chats">;
  readonly now: () => number;
}): CardMenus {
  const open = new Map<string, { readonly menu: CardMenu; readonly untilAt: number }>();
  const keyOf = (chatId: number, messageId: number): string => `${chatId}:${messageId}`;

  function menuBelow(alarm: Alarm, chatId: number, messageId: number): InlineKeyboardButton[][] | null {
    const found = open.get(keyOf(chatId, messageId));
    return found && found.untilAt >= now() ? found.menu(alarm) : null;
  }

  const ownButtons = (alarm: Alarm, chatId: number): InlineKeyboardButton[][] =>
    cardButtons(alarm, { now: now(), timeZone: store.chats.timeZoneOf(chatId) });

  const isCard = async (ctx: Context): Promise<boolean> =>
    (await store.alarms.ofMessage(servedIn(ctx).chatId, ctx.msgId ?? 0)) !== null;

  async function edit(ctx: Context, alarm: Alarm): Promise<void> {
    const { chatId } = servedIn(ctx);
    const keyboard = menuBelow(alarm, chatId, ctx.msgId ?? 0) ??
      // What is no card is an answer to /alarm, which has more of them.
      [...ownButtons(alarm, chatId), ...((await isCard(ctx)) ? [] : copyButtons(alarm))];
    await ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard: keyboard } }).catch(() => undefined);
  }

  return {
    buttonsBelow: (alarm, chatId, messageId) => menuBelow(alarm, chatId, messageId) ?? ownButtons(alarm, chatId),
    chosen: (ctx) => void open.delete(keyOf(servedIn(ctx).chatId, ctx.msgId ?? 0)),
    async show(ctx, alarm, menu) {
      const [chatId, messageId] = [servedIn(ctx).chatId, ctx.msgId ?? 0];
      for (const [key, { untilAt }] of open) if (untilAt < now()) open.delete(key);
      if (menu === null) open.delete(keyOf(chatId, messageId));
      else open.set(keyOf(chatId, messageId), { menu, untilAt: now() + OPEN_MS });
      await edit(ctx, alarm);
    },
    async refresh(ctx, alarm) {
      if (!(await isCard(ctx))) await edit(ctx, alarm);
    },
  };
}

/** What a press on a card came to: words at the press, and the buttons as they are now. */
export const pressed = (ctx: Context, menus: CardMenus, result: ActResult | null, words: string): Done => ({
  result: result?.isChanged ? "done" : "not done",
  async tell() {
    await toast(ctx, words);
    if (result) await menus.refresh(ctx, result.alarm);
  },
});
