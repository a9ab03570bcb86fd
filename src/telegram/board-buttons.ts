import { Composer, type Context } from "grammy";
import { acknowledge } from "../alarms/handling.ts";
import type { Logger } from "../log.ts";
import { BOARD_PAGE } from "../store/board-content.ts";
import type { Store } from "../store/store.ts";
import { boardButtons, boardView } from "./board-view.ts";
import { toast } from "./card-buttons.ts";
import { noteOutcome } from "./outcome.ts";
import { actorOf } from "./person.ts";
import { turn } from "./reply.ts";
import type { VisibleTo } from "./visible-alarms.ts";

/** What *List*, ◀ ▶ and *I'm on it* below a board do. */
export function createBoardButtons(options: {
  readonly store: Pick<Store, "boards" | "chats">;
  readonly visibleTo: VisibleTo;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}): Composer<Context> {
  const { store, visibleTo, onChange, now, log } = options;
  const { boards } = store;
  const composer = new Composer<Context>();

  composer.callbackQuery(/^board:(\d{1,15}):(\d{1,6})$/, async (ctx) => {
    const board = await boards.find(Number(ctx.match[1]));
    if (!board || board.chatId !== ctx.chatId) return toast(ctx, "I do not know this board any more.");
    await toast(ctx, "");
    const { total } = await boards.read(board);
    const page = Math.min(Number(ctx.match[2]), Math.ceil(total / BOARD_PAGE));
    await boards.turn(board.id, page);
    const turned = { ...board, page };
    const content = await boards.read(turned);
    const moment = { timeZone: store.chats.timeZoneOf(board.chatId), now: now() };
    await turn(ctx, boardView(turned, content, moment), boardButtons(turned, content));
  });

  composer.callbackQuery(/^take:(\d{1,15})$/, async (ctx) => {
    const board = await boards.find(Number(ctx.match[1]));
    if (!board || board.chatId !== ctx.chatId) return toast(ctx, "I do not know this board any more.");
    const by = actorOf(ctx);
    const { changed, chatIds } = await visibleTo(board.chatId).actOnAll(await boards.openAlarms(board.id), {
      by,
      action: "acknowledge",
      apply: (alarm, at) => acknowledge(alarm, by, at),
    });
    noteOutcome(ctx, `${changed} acknowledged`);
    log.info({ board: board.id, userId: by.userId, alarms: changed }, "took a board");
    onChange(chatIds);
    await toast(ctx, changed === 0 ? "All of them are acknowledged already." : `${changed} acknowledged.`);
  });
  return composer;
}
