import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Bot } from "grammy";
import type { UserFromGetMe } from "grammy/types";
import { openSqlite } from "../../../src/store/sqlite/sqlite.ts";
import { openStore, type Store } from "../../support/store.ts";
import { BoardButtons } from "../../../src/telegram/cards/board-buttons.ts";
import { createVisibleTo } from "../../../src/telegram/access/visible-alarms.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { silentLog } from "../../support/log.ts";
import { chatOf } from "../../support/rules.ts";

const CHAT = -7;
let store: Store;
let calls: { readonly method: string; readonly payload: object }[];
let bot: Bot;
let acknowledgers: number;

beforeEach(async () => {
  [calls, acknowledgers] = [[], 1];
  store = await openStore(openSqlite(":memory:"), {
    destinationsOf: () => [chatOf(CHAT)],
    acknowledgersOf: () => acknowledgers,
  });
  bot = new Bot("1:a", { botInfo: { id: 1, is_bot: true, username: "valvomo_bot" } as UserFromGetMe });
  bot.api.config.use(async (_, method, payload) => {
    calls.push({ method, payload });
    return { ok: true, result: true } as never;
  });
  bot.use(
    new BoardButtons({
      store,
      visibleTo: createVisibleTo(
        store,
        store,
        () => "shared",
        () => false,
      ),
      onChange: () => undefined,
      now: () => NOW,
      log: silentLog,
    }).buttons,
  );
  await store.boards.open({ chatId: CHAT, threadId: null, kind: "flood", openedAt: NOW }, NOW, null);
  await onBoard("a");
});
afterEach(() => store.close());

/** An alarm comes, and the board stands for its card. */
async function onBoard(id: string, more: object = {}): Promise<void> {
  await store.record([eventOf({ id, message: id, severity: "error", state: "active", ...more })]);
  const pending = await store.cards.nextPending(CHAT, NOW);
  if (!pending) throw new Error("nothing waits");
  const card = { ...pending.card, boardId: 1, version: pending.alarm.version, rung: pending.card.rings };
  const { id: alarmId, version } = pending.alarm;
  const decision = {
    alarmId,
    chatId: CHAT,
    decidedAt: NOW,
    version,
    reason: "flood",
    action: "board",
    result: "ok",
  } as const;
  await store.cards.settle([{ pending, change: { kind: "shown", card, messageId: null }, decision }]);
}
async function markNow(): Promise<string> {
  const board = await store.boards.find(1);
  if (!board) throw new Error("no board");
  const { event, change } = (await store.boards.read(board)).mark;
  return `${event}:${change}`;
}
/** What the press of a button is answered with. */
async function press(data: string, update = 1, id = 11): Promise<unknown> {
  const from = { id, is_bot: false, first_name: id === 11 ? "Aino" : "Ben" };
  const chat = { id: CHAT, type: "supergroup" as const, title: "Hall" };
  const message = { message_id: 5, date: 1, chat, text: "board" };
  await bot.handleUpdate({
    update_id: update,
    callback_query: { id: "1", from, chat_instance: "1", data, message },
  });
  const call = calls.findLast(({ method }) => method === "answerCallbackQuery");
  return call && "text" in call.payload ? call.payload.text : null;
}
const takenBy = async (id: number) => (await store.alarms.find(id))?.acknowledgedBy ?? null;

describe("I'm on it below a board", () => {
  it("acknowledges what the board showed, and says what was left out", async () => {
    const mark = await markNow();
    await onBoard("b");
    expect(await press(`take:1:${mark}`)).toBe(
      "1 acknowledged. Still open: 1 that came or got worse after this was shown.",
    );
    expect([await takenBy(1), await takenBy(2)]).toEqual(["Aino", null]);
    expect(await press(`take:1:${await markNow()}`)).toBe("1 acknowledged.");
    expect(await press(`take:1:${await markNow()}`)).toBe("Nothing here is left to acknowledge.");
  });

  it("says that another person has to, where two have to acknowledge", async () => {
    acknowledgers = 2;
    const half = "0 acknowledged. Still open: 1 that another person has to acknowledge, too.";
    const first = `take:1:${await markNow()}`;
    expect(await press(first, 1)).toBe(half);
    // The same press once more, as after a crash before it was answered.
    expect(await press(first, 1)).toBe(half);
    expect(await press(`take:1:${await markNow()}`, 2)).toBe(half);
    expect(await takenBy(1)).toBeNull();
    expect(await press(`take:1:${await markNow()}`, 3, 12)).toBe("1 acknowledged.");
    expect(await takenBy(1)).toBe("Aino and Ben");
  });

  it("acknowledges nothing by a button of an older version, which does not say what was shown, but shows the board anew", async () => {
    for (const data of ["take:1", "take:1:1"]) expect(await press(data)).toContain("look at it, and press again");
    expect(await takenBy(1)).toBeNull();
    expect(JSON.stringify(calls.at(-1)?.payload)).toContain(`take:1:${await markNow()}`);
  });
});
