import { Bot, type Context } from "grammy";
import { expect, it, onTestFinished } from "vitest";
import { startTelegram } from "../../../src/demo/telegram/server.ts";
import { Refusals, whisper } from "../../../src/telegram/access/whisper.ts";
import { html } from "../../../src/telegram/api/render.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token";
const [AINO, GROUP] = [11, -1_000_000_000_077];

async function open(isBotAdmin: boolean, handle: (ctx: Context) => Promise<unknown>) {
  const telegram = await startTelegram({ token: TOKEN });
  onTestFinished(() => telegram.stop());
  telegram.addGroup({ id: GROUP, title: "Hall", members: [{ id: AINO, firstName: "Aino" }], isBotAdmin });
  telegram.addPrivateChat({ id: AINO, firstName: "Aino" });
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  await bot.init();
  bot.use(handle);
  let offset = 0;
  const work = async () => {
    for (const update of await bot.api.getUpdates({ offset })) {
      offset = update.update_id + 1;
      await bot.handleUpdate(update);
    }
  };
  const said = (chatId = GROUP) => telegram.messages(chatId).filter(({ from }) => from === "bot");
  return { telegram, bot, work, said };
}

it("answers a press in a group so that nobody else reads it", async () => {
  const { telegram, bot, work, said } = await open(false, (ctx) => whisper(ctx, html`Because`));
  const card = await bot.api.sendMessage(GROUP, "x", {
    reply_markup: { inline_keyboard: [[{ text: "Why?", callback_data: "why:1" }]] },
  });
  telegram.press({ chatId: GROUP, userId: AINO, messageId: card.message_id, label: "Why?" });
  await work();
  expect(said().at(-1)).toMatchObject({ text: "Because", receiverId: AINO });
});

it("answers where others read it if Telegram does not spare them, and in private as ever", async () => {
  const { telegram, work, said } = await open(false, (ctx) => whisper(ctx, html`Because`));
  telegram.say({ chatId: GROUP, userId: AINO, text: "/why 1" });
  telegram.say({ chatId: AINO, text: "/why 1" });
  await work();
  expect(said().map(({ text, receiverId }) => [text, receiverId])).toEqual([["Because", undefined]]);
  expect(said(AINO).map(({ text }) => text)).toEqual(["Because"]);
});

it("says no to one person alone where the bot is an administrator, and elsewhere tries that once", async () => {
  for (const [isBotAdmin, receiverId, calls] of [
    [true, AINO, 2],
    [false, undefined, 3],
  ] as const) {
    const refusals = new Refusals();
    const { telegram, work, said } = await open(isBotAdmin, (ctx) => refusals.say(ctx, html`No`));
    for (const text of ["/a", "/b"]) telegram.say({ chatId: GROUP, userId: AINO, text });
    await work();
    expect(said().map((message) => message.receiverId)).toEqual([receiverId, receiverId]);
    expect(telegram.calls.filter(({ method }) => method === "sendMessage")).toHaveLength(calls);
  }
});

it("says no to one person alone from when the bot becomes an administrator, without a restart", async () => {
  const refusals = new Refusals();
  const { telegram, work, said } = await open(false, async (ctx) =>
    ctx.myChatMember ? refusals.botMoved(ctx) : refusals.say(ctx, html`No`),
  );
  telegram.say({ chatId: GROUP, userId: AINO, text: "/a" });
  await work();
  telegram.setBotAdmin(GROUP, true);
  telegram.say({ chatId: GROUP, userId: AINO, text: "/b" });
  await work();
  expect(said().map(({ receiverId }) => receiverId)).toEqual([undefined, AINO]);
});
