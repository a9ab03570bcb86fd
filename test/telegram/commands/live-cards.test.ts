import type { Api } from "grammy";
import { beforeEach, describe, expect, it } from "vitest";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { LiveCards, type LiveContent } from "../../../src/telegram/commands/live-cards.ts";
import { LIVE_MS } from "../../../src/telegram/plots/live-messages.ts";
import { html } from "../../../src/telegram/api/render.ts";
import { annaId, groupId, setUp } from "../../demo/telegram/support.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";

const SECOND = 1_000;

let telegram: Telegram;
let api: Api;
let clock: ManualClock;
let cards: LiveCards;
let value: string;
let state: "shown" | "later" | "gone";
let isFree: boolean;
let turns: string[];
const kept = new Map<string, unknown>();

function create(): void {
  cards = new LiveCards({
    api,
    pace: {
      turn: async (_, kind) => {
        turns.push(kind);
        return { kind, end: () => undefined };
      },
      isFree: () => isFree,
    },
    keyValue: {
      read: async (name) => kept.get(name) ?? null,
      write: async (name, content) => void kept.set(name, JSON.parse(JSON.stringify(content))),
    },
    isServed: () => true,
    contentOf(_, { page }, untilAt): LiveContent | "later" | null {
      if (state !== "shown") return state === "later" ? "later" : null;
      return { text: html`${value} page ${page} ${untilAt === null ? "still" : "live"}`, buttons: [] };
    },
    clock,
    log: silentLog,
  });
}

beforeEach(async () => {
  ({ telegram, api } = await setUp());
  clock = createManualClock();
  [value, state, isFree, turns] = ["1", "shown", true, []];
  kept.clear();
  create();
});

async function start(chatId = annaId) {
  const { message_id: messageId } = await api.sendMessage(chatId, "1 page 0 live");
  const screen = { chatId, messageId };
  cards.start(screen, { device: 1, page: 0, userId: annaId, username: null }, "");
  const says = (text: string) =>
    telegram.waitFor(() => telegram.messages(chatId).find((one) => one.messageId === messageId)?.text === text);
  return { screen, says };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function rounds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await settle();
    clock.advance(5 * SECOND);
  }
  await settle();
}

describe("a card that is kept up to date", () => {
  it("is edited when it says something else, in turns that nobody else wants, and in groups more rarely", async () => {
    const { says } = await start();
    value = "2";
    clock.advance(5 * SECOND);
    await says("2 page 0 live");
    expect(turns).toEqual(["edit"]);
    // The same again is no call, and where others want the chat, none is made.
    await rounds(10);
    isFree = false;
    value = "3";
    await rounds(10);
    expect(turns).toEqual(["edit"]);
    isFree = true;
    await rounds(1);
    await says("3 page 0 live");

    cards.stopIn(annaId);
    const inGroup = await start(groupId);
    turns = [];
    value = "4";
    clock.advance(14 * SECOND);
    await settle();
    expect(turns).toEqual([]);
    clock.advance(SECOND);
    await inGroup.says("4 page 0 live");
  });

  it("says at the end of its hour that it is none any more", async () => {
    const { screen, says } = await start();
    isFree = false;
    clock.advance(LIVE_MS + 5 * SECOND);
    await says("1 page 0 still");
    expect([cards.untilOf(screen), kept.get("live cards")]).toEqual([null, []]);
  });

  it("shows another page at a press, also when it is not live, and ends at Stop", async () => {
    const { screen, says } = await start();
    const view = { device: 1, page: 3, userId: annaId, username: null };
    await cards.turn(screen, view);
    await says("1 page 3 live");
    await cards.turn(screen, view, false);
    await says("1 page 3 still");
    expect(cards.untilOf(screen)).toBeNull();
    await cards.turn(screen, { ...view, page: 2 });
    await says("1 page 2 still");
    expect(turns).toEqual(["answer", "answer", "answer"]);
  });

  it("goes on in the next run, and waits there for its device", async () => {
    const { screen, says } = await start();
    await cards.turn(screen, { device: 1, page: 1, userId: annaId, username: "anna" });
    cards.stopAll();
    create();
    state = "later";
    await cards.resume();
    clock.advance(60 * SECOND);
    expect(cards.untilOf(screen)).toBe(clock.now() - 60 * SECOND + LIVE_MS);
    [state, value] = ["shown", "9"];
    clock.advance(5 * SECOND);
    await says("9 page 1 live");
  });

  it("takes away what its person may not see any more, and ends with its message", async () => {
    const { screen, says } = await start();
    state = "gone";
    clock.advance(5 * SECOND);
    await says("This device is not shown here any more.");
    expect(cards.untilOf(screen)).toBeNull();
    state = "shown";
    const other = await start();
    await api.deleteMessage(annaId, other.screen.messageId);
    clock.advance(5 * SECOND);
    await until("the card is given up", () => cards.untilOf(other.screen) === null);
  });
});
