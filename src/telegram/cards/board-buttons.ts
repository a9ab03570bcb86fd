import { Composer, type Context } from "grammy";
import { acknowledge, isAsSeen } from "../../alarms/lifecycle/handling.ts";
import type { Logger } from "../../lib/log.ts";
import { BOARD_PAGE } from "../../store/alarms/board-content.ts";
import type { Board } from "../../store/alarms/board-rows.ts";
import type { Store } from "../../store/store.ts";
import { boardButtons, boardView } from "./board-view.ts";
import { toast } from "../access/card-buttons.ts";
import { handled, type Done } from "../access/outcome.ts";
import { actorOf } from "../access/person.ts";
import { turnPage } from "../access/reply.ts";
import type { VisibleTo } from "../access/visible-alarms.ts";

/** What the buttons below a board need. */
interface BoardButtonOptions {
  readonly store: Pick<Store, "alarms" | "boards" | "chats">;
  readonly visibleTo: VisibleTo;
  /** The chats whose cards changed. */
  readonly onChange: (chatIds: readonly number[]) => void;
  readonly now: () => number;
  readonly log: Logger;
}

const UNKNOWN_BOARD = "I do not know this board any more.";
const OLDER_BUTTON = "This button is from an older version. The board is up to date now: look at it, and press again.";

/** What *List*, ◀ ▶ and *I'm on it* below a board do. */
export class BoardButtons {
  readonly buttons = new Composer<Context>();
  readonly #options: BoardButtonOptions;

  constructor(options: BoardButtonOptions) {
    this.#options = options;
    this.buttons.callbackQuery(/^board:(\d{1,15}):(\d{1,6})$/, (ctx) =>
      this.#turn(ctx, Number(ctx.match[1]), Number(ctx.match[2])),
    );
    this.buttons.callbackQuery(
      /^take:(\d{1,15})(?::(\d{1,15}))?(?::(\d{1,15}))?$/,
      handled(async (ctx) => {
        const [, id, event, change] = ctx.match;
        const board = await this.#find(ctx, Number(id));
        if (board === null) return toast(ctx, UNKNOWN_BOARD);
        return event === undefined || change === undefined
          ? this.#refuse(ctx, board)
          : this.#take(ctx, board, { event: Number(event), change: Number(change) });
      }),
    );
  }

  async #turn(ctx: Context, id: number, to: number): Promise<void> {
    const { boards } = this.#options.store;
    const board = await this.#find(ctx, id);
    if (board === null) return toast(ctx, UNKNOWN_BOARD);
    await toast(ctx, "");
    const { total } = await boards.read(board);
    const page = Math.min(to, Math.ceil(total / BOARD_PAGE));
    await boards.turn(board.id, page);
    await this.#show(ctx, { ...board, page });
  }

  #refuse(ctx: Context, board: Board): Done {
    return {
      result: "not done",
      tell: async () => {
        await toast(ctx, OLDER_BUTTON);
        await this.#show(ctx, board);
      },
    };
  }

  /** Acknowledges what the board showed to who pressed. */
  async #take(ctx: Context, board: Board, upTo: { readonly event: number; readonly change: number }): Promise<Done> {
    const { store, visibleTo, onChange, log } = this.#options;
    const by = actorOf(ctx);
    const { shown, newer, withCards } = await store.alarms.takeable(board.id, upTo);
    const seen = new Map(shown.map((one) => [one.alarmId, one]));
    /** What they had seen before, and another person has to acknowledge, too. */
    const seenBefore = new Set<number>();
    const { changed, unacknowledged, chatIds } = await visibleTo(board.chatId).actOnAll([...seen.keys()], {
      by,
      action: "acknowledge",
      apply(alarm, at, people) {
        const as = seen.get(alarm.id);
        if (!as || !isAsSeen(alarm, as)) return alarm;
        const after = acknowledge(alarm, by, at, people);
        if (after === alarm && after.acknowledgedAt === null) seenBefore.add(alarm.id);
        return after;
      },
    });
    const done = changed - unacknowledged;
    const halfway = seenBefore.size + unacknowledged;
    log.info(
      { board: board.id, userId: by.userId, alarms: done, seenNow: unacknowledged, newer, withCards },
      "took a board",
    );
    onChange(chatIds);
    return {
      result: unacknowledged === 0 ? `${done} acknowledged` : `${done} acknowledged, ${unacknowledged} seen`,
      tell: () => toast(ctx, takenWords(done, { halfway, newer, withCards })),
    };
  }

  /** `null`: there is no such board in this chat. */
  async #find(ctx: Context, id: number): Promise<Board | null> {
    const board = await this.#options.store.boards.find(id);
    return board?.chatId === ctx.chatId ? board : null;
  }

  async #show(ctx: Context, board: Board): Promise<void> {
    const { store, now } = this.#options;
    const content = await store.boards.read(board);
    const moment = { timeZone: store.chats.timeZoneOf(board.chatId), now: now() };
    await turnPage(ctx, boardView(board, content, moment), boardButtons(board, content));
  }
}

/** What a press came to; Telegram shows 200 characters. */
function takenWords(
  changed: number,
  { halfway, newer, withCards }: Record<"halfway" | "newer" | "withCards", number>,
): string {
  const left = [
    ...(halfway > 0 ? [`${halfway} that another person has to acknowledge, too`] : []),
    ...(newer > 0 ? [`${newer} that came or got worse after this was shown`] : []),
    ...(withCards > 0 ? [`${withCards} with cards of their own`] : []),
  ];
  const done = changed + halfway === 0 ? "Nothing here is left to acknowledge." : `${changed} acknowledged.`;
  return left.length === 0 ? done : `${done} Still open: ${left.join(", ")}.`;
}
