import { Bot } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import type { CardSender } from "../../../src/dispatch/types.ts";
import type { AlarmPictures } from "../../../src/plots/alarm-pictures.ts";
import { cardButtons } from "../../../src/telegram/access/card-buttons.ts";
import { TelegramCards } from "../../../src/telegram/cards/sender.ts";
import { eventOf, NOW } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token-of-the-stand-in";
const [CHAT, FORUM] = [7, -1_008];
/** The least that is a PNG. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

let telegram: Telegram;
let sender: CardSender;
let picture: Uint8Array | null;
let hasPicture: boolean;
let alarm: Alarm;
/** How often it was worked out what a card says besides its alarm. */
let worded: number;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  telegram.addPrivateChat({ id: CHAT, firstName: "Aino" });
  telegram.addGroup({ id: FORUM, title: "Works", isForum: true, threadIds: [5], members: [] });
  [picture, hasPicture, worded] = [null, false, 0];
  const pictures: AlarmPictures = {
    has: () => hasPicture,
    waiting: () => picture,
    settle(_, __, isPlaced) {
      picture = null;
      hasPicture ||= isPlaced;
    },
    want: () => undefined,
  };
  sender = new TelegramCards({
    api: new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) }).api,
    contextOf() {
      worded += 1;
      return { timeZone: "UTC", now: NOW, next: null, orphaned: null, lateAfterMs: 300_000 };
    },
    buttonsBelow: (shown) => cardButtons(shown, { now: NOW, timeZone: "UTC" }),
    pictures,
    timeZoneOf: () => "UTC",
    now: () => NOW,
  });
  alarm = advance(null, eventOf({ id: "a", message: "Coil hot", field: 1, state: "active" }), 42, RULES);
});
afterEach(() => telegram.stop());

async function sendCard(chatId = CHAT, threadId: number | null = null): Promise<number> {
  const how = { isSilent: false, form: "full", replyTo: null, reason: "first" } as const;
  const outcome = await sender.send({ chatId, threadId }, alarm, how);
  if (outcome.kind !== "done" || outcome.messageId === null) throw new Error(`not sent: ${outcome.kind}`);
  return outcome.messageId;
}
const edit = (messageId: number) => sender.edit(CHAT, messageId, alarm, { form: "full" });
const shown = () => telegram.messages(CHAT).at(-1);

it("says each thing once: no words for below a picture where there is none", async () => {
  const messageId = await sendCard();
  alarm = { ...alarm, message: "Coil hotter" };
  worded = 0;
  expect(await edit(messageId)).toMatchObject({ kind: "done" });
  expect(worded).toBe(1);
});

describe("the picture of a card", () => {
  it("is left out where pictures may not be sent: the words are shown, and the chat is not given up", async () => {
    const messageId = await sendCard();
    alarm = { ...alarm, message: "Coil hotter" };
    picture = PNG;
    const failure = { status: 400, description: "Bad Request: not enough rights to send photos to the chat" };
    telegram.fault({ method: "editMessageMedia", failure });
    expect(await edit(messageId)).toEqual({ kind: "done", messageId });
    expect(shown()?.text).toContain("Coil hotter");
  });

  it("is tried again when the network fails, and the words go on below it", async () => {
    const messageId = await sendCard();
    picture = PNG;
    telegram.fault({ method: "editMessageMedia", failure: "drop" });
    expect((await edit(messageId)).kind).toBe("unavailable");
    expect(await edit(messageId)).toEqual({ kind: "done", messageId });
    expect(shown()?.caption).toContain("Coil hot");
    alarm = { ...alarm, message: "Coil hotter" };
    expect(await edit(messageId)).toEqual({ kind: "done", messageId });
    expect(shown()?.caption).toContain("Coil hotter");
  });

  it.each([
    ["is known to be there and is not", false, true],
    ["is there and nobody knows, after a restart", true, false],
  ])("that %s keeps no words from being shown", async (_, isThere, isKnown) => {
    const messageId = await sendCard();
    if (isThere) {
      picture = PNG;
      await edit(messageId);
    }
    hasPicture = isKnown;
    alarm = { ...alarm, message: "Coil hotter" };
    expect(await edit(messageId)).toEqual({ kind: "done", messageId });
    expect(isThere ? shown()?.caption : shown()?.text).toContain("Coil hotter");
  });
});

it("names a thread, but not the general one, which Telegram does not know by its number", async () => {
  await sendCard(FORUM, 5);
  await sendCard(FORUM, 1);
  expect(telegram.calls.map(({ params }) => params["message_thread_id"])).toEqual([5, undefined]);
});
