import { Composer, type Context } from "grammy";
import { acknowledge, isAsSeen } from "../../alarms/lifecycle/handling.ts";
import type { Logger } from "../../lib/log.ts";
import { BOARD_PAGE } from "../../store/alarms/board-content.ts";
import type { Board } from "../../store/alarms/boards.ts";
import type { Store } from "../../store/store.ts";
import { boardButtons, boardView } from "./board-view.ts";
import { toast } from "../access/card-buttons.ts";
import { handled } from "../access/outcome.ts";
import { actorOf } from "../access/person.ts";
import { turn } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What *List*, ◀ ▶ and *I'm on it* below a board do. */
export function createBoardButtons(options: {
  readonly store: Pick<Store, "alarms" | "boards" | "chats">;
  readonly visibleTo: VisibleTo;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}): Composer<Context> {
  const { store, visibleTo, onChange, now, log } = options;
  const { boards } = store;
  const composer = new Composer<Context>();

  async function show(ctx: Context, board: Board): Promise<void> {
    const content = await boards.read(board);
    const moment = { timeZone: store.chats.timeZoneOf(board.chatId), now: now() };
    await turn(ctx, boardView(board, content, moment), boardButtons(board, content));
  }

  composer.callbackQuery(/^board:(\d{1,15}):(\d{1,6})$/, async (ctx) => {
    const board = await boards.find(Number(ctx.match[1]));
    if (!board || board.chatId !== ctx.chatId) return toast(ctx, "I do not know this board any more.");
    await toast(ctx, "");
    const { total } = await boards.read(board);
    const page = Math.min(Number(ctx.match[2]), Math.ceil(total / BOARD_PAGE));
    await boards.turn(board.id, page);
    await show(ctx, { ...board, page });
  });

  composer.callbackQuery(
    /^take:(\d{1,15})(?::(\d{1,15}))?(?::(\d{1,15}))?$/,
    handled(async (ctx) => {
      const board = await boards.find(Number(ctx.match[1]));
      if (!board || board.chatId !== ctx.chatId) return toast(ctx, "I do not know this board any more.");
      const [, , event, change] = ctx.match;
      if (event === undefined || change === undefined) {
        return {
          result: "not done",
          async tell() {
            await toast(
              ctx,
              "This button is from an older version. The board is up to date now: look at it, and press again.",
            );
            await show(ctx, board);
          },
        };
      }
      const by = actorOf(ctx);
      const { shown, newer, withCards } = await store.alarms.takeable(board.id, {
        event: Number(event),
        change: Number(change),
      });
      const seen = new Map(shown.map((one) => [one.alarmId, one]));
      const { changed, chatIds } = await visibleTo(board.chatId).actOnAll([...seen.keys()], {
        by,
        action: "acknowledge",
        apply(alarm, at) {
          const as = seen.get(alarm.id);
          return as && isAsSeen(alarm, as) ? acknowledge(alarm, by, at) : alarm;
        },
      });
      log.info({ board: board.id, userId: by.userId, alarms: changed, newer, withCards }, "took a board");
      onChange(chatIds);
      return { result: `${changed} acknowledged`, tell: () => toast(ctx, takenWords(changed, newer, withCards)) };
    }),
  );
  return composer;
}

/** What a press came to; Telegram shows 200 characters. */
function takenWords(changed: number, newer: number, withCards: number): string {
  const left = [
    ...(newer > 0 ? [`${newer} that came or got worse after this was shown`] : []),
    ...(withCards > 0 ? [`${withCards} with cards of their own`] : []),
  ];
  const done = changed === 0 ? "Nothing here is left to acknowledge." : `${changed} acknowledged.`;
  return left.length === 0 ? done : `${done} Still open: ${left.join(", ")}.`;
}
