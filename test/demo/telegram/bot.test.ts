import { Api, Bot } from "grammy";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { annaId, groupId, png, refusal, refusedWith, setUp, token } from "./support.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

/** A bot on the stand-in, polling; stopped at the end of the test. */
function startBot(telegram: Telegram, build: (bot: Bot) => void): Bot {
  const bot = new Bot(token, { client: clientOf(telegram.url, outgoing) });
  build(bot);
  const polling = bot.start();
  onTestFinished(async () => {
    await bot.stop();
    await polling;
  });
  return bot;
}

/** Which of several texts in a group reach the bot. */
async function heardInGroup(options: { privacy?: "off"; isBotAdmin?: boolean }): Promise<unknown[]> {
  const { telegram, api } = await setUp(options.privacy ? { privacy: options.privacy } : {});
  const chatId = -77;
  telegram.addGroup({
    id: chatId,
    title: "G",
    members: [{ id: 1, firstName: "A" }],
    isBotAdmin: options.isBotAdmin ?? false,
  });
  await api.sendMessage(chatId, "question");
  for (const text of ["hello", "/status", "/status@valvomo_demo_bot", "/status@other_bot", "hi @valvomo_demo_bot"]) {
    telegram.say({ chatId, userId: 1, text });
  }
  telegram.say({ chatId, userId: 1, text: "an answer", replyTo: 1 });
  return (await api.getUpdates()).map((update) => update.message!.text);
}

describe("a grammY bot", () => {
  it("hears commands and presses, and answers them", async () => {
    const { telegram } = await setUp();
    startBot(telegram, (bot) => {
      bot.command("start", (ctx) =>
        ctx.reply(`Hello ${ctx.from!.first_name}`, {
          reply_markup: { inline_keyboard: [[{ text: "Acknowledge", callback_data: "ack" }]] },
        }),
      );
      bot.callbackQuery("ack", async (ctx) => {
        await ctx.answerCallbackQuery({ text: "Noted", show_alert: true });
        await ctx.editMessageText("Acknowledged");
      });
    });
    telegram.say({ chatId: annaId, text: "/start" });
    await telegram.waitFor(() => telegram.messages(annaId).find((message) => message.text === "Hello Anna"));
    const queryId = telegram.press({ chatId: annaId, label: "Acknowledge" });
    const answer = await telegram.waitFor(() => telegram.answers.get(queryId));
    expect(answer).toMatchObject({ userId: annaId, text: "Noted", showAlert: true });
    await telegram.waitFor(() => telegram.messages(annaId).at(-1)!.text === "Acknowledged");
    expect(() => telegram.press({ chatId: annaId, data: "ack" })).toThrow("No button to press");
  });

  it("hears in a group only what is meant for it, unless it is admin or privacy is off", async () => {
    const meant = ["/status", "/status@valvomo_demo_bot", "hi @valvomo_demo_bot", "an answer"];
    expect(await heardInGroup({})).toEqual(meant);
    expect(await heardInGroup({ privacy: "off" })).toHaveLength(6);
    expect(await heardInGroup({ isBotAdmin: true })).toHaveLength(6);
  });

  it("hears a photo that answers it, fetches it, and sends it on by its file_id", async () => {
    const { telegram, api } = await setUp();
    await api.sendMessage(groupId, "card");
    const [photo, other] = [png(40, 30), png(8, 8)];
    telegram.sendPhoto({ chatId: groupId, userId: annaId, photo: other, caption: "not for the bot" });
    telegram.sendPhoto({ chatId: groupId, userId: annaId, photo, caption: "A loose wire", replyTo: 1 });
    const heard = (await api.getUpdates()).map(({ message }) => message!);
    expect(heard).toEqual([expect.objectContaining({ caption: "A loose wire", from: expect.anything() as object })]);
    expect(heard[0]!.reply_to_message).toMatchObject({ message_id: 1, text: "card" });
    const fileId = heard[0]!.photo!.at(-1)!.file_id;
    const { file_path } = await api.getFile(fileId);
    const fetched = await fetch(`${telegram.url}/file/bot${token}/${file_path}`);
    expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(photo);
    await api.sendPhoto(annaId, fileId, { caption: "From AMB alarms" });
    await api.sendMediaGroup(annaId, [
      { type: "photo", media: fileId },
      { type: "photo", media: fileId },
    ]);
    expect(telegram.messages(annaId).map((message) => message.photo?.bytes)).toEqual([photo, photo, photo]);
    expect(() => telegram.sendPhoto({ chatId: annaId, photo: Buffer.from("no picture") })).toThrow("IMAGE_PROCESS");
  });

  it("learns that it was blocked", async () => {
    const { telegram, api } = await setUp();
    telegram.block(annaId);
    expect((await api.getUpdates())[0]!.my_chat_member).toMatchObject({
      chat: { id: annaId },
      old_chat_member: { status: "member" },
      new_chat_member: { status: "kicked" },
    });
    expect((await api.getChatMember(annaId, 123456)).status).toBe("kicked");
    expect((await api.getChatMember(groupId, 1002)).user.first_name).toBe("Ben");
    expect(await refusedWith(api.getChatMember(groupId, 9))).toBe("Bad Request: member not found");
  });
});

describe("getUpdates", () => {
  it("waits for an update, confirms by offset, and keeps what is not confirmed", async () => {
    const { telegram, api } = await setUp();
    expect(await api.getUpdates()).toEqual([]);
    const waiting = api.getUpdates({ timeout: 30 });
    await telegram.waitFor(() => telegram.calls.length === 2);
    telegram.say({ chatId: annaId, text: "one" });
    const [first] = await waiting;
    telegram.say({ chatId: annaId, text: "two" });
    telegram.say({ chatId: annaId, text: "three" });
    const texts = async (other: object) => (await api.getUpdates(other)).map((update) => update.message!.text);
    expect(await texts({ limit: 2 })).toEqual(["one", "two"]);
    expect(await texts({ offset: first!.update_id + 1 })).toEqual(["two", "three"]);
    expect(await texts({ offset: -1 })).toEqual(["three"]);
    expect((await api.getWebhookInfo()).pending_update_count).toBe(1);
    await api.deleteWebhook({ drop_pending_updates: true });
    expect(await texts({})).toEqual([]);
  });

  it("ends the older of two polls with 409", async () => {
    const { telegram, api } = await setUp();
    const older = refusal(api.getUpdates({ timeout: 30 }));
    await telegram.waitFor(() => telegram.calls.length === 1);
    await api.getUpdates();
    expect(await older).toMatchObject({
      error_code: 409,
      description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    });
  });

  it("lets a poll whose caller hung up take nothing with it", async () => {
    const { telegram, api } = await setUp();
    const hangUp = new AbortController();
    const aborted = api.getUpdates({ timeout: 30 }, hangUp.signal as never).catch(() => "aborted");
    await telegram.waitFor(() => telegram.calls.length === 1);
    hangUp.abort();
    expect(await aborted).toBe("aborted");
    telegram.say({ chatId: annaId, text: "still here" });
    expect(await api.getUpdates({ timeout: 30 })).toHaveLength(1);
  });

  it("gives only the kinds that were asked for, from then on", async () => {
    const { telegram, api } = await setUp();
    await api.getUpdates({ allowed_updates: ["callback_query"] });
    telegram.say({ chatId: annaId, text: "unheard" });
    await api.getUpdates({ allowed_updates: [] });
    telegram.say({ chatId: annaId, text: "heard" });
    expect((await api.getUpdates()).map((update) => update.message!.text)).toEqual(["heard"]);
  });
});

describe("the bot's own affairs", () => {
  it("checks the token and the method", async () => {
    const { telegram, api } = await setUp();
    const me = await api.getMe();
    expect(me).toMatchObject({ id: 123456, is_bot: true, username: "valvomo_demo_bot" });
    const asOther = (other: string) => refusal(new Api(other, clientOf(telegram.url, outgoing)).getMe());
    expect(await asOther("123456:other")).toMatchObject({ error_code: 401, description: "Unauthorized" });
    expect(await asOther("nonsense")).toMatchObject({ error_code: 404, description: "Not Found" });
    const unknown = await fetch(`${telegram.url}/bot${token}/sendTelepathy`);
    expect(await unknown.json()).toMatchObject({ error_code: 404, description: "Not Found: method not found" });
    expect((await (await fetch(`${telegram.url}/bot${token}/GETME`)).json()) as object).toMatchObject({ ok: true });
  });

  it("takes forms as well as JSON", async () => {
    const { telegram } = await setUp();
    const reply_markup = JSON.stringify({ inline_keyboard: [[{ text: "x", callback_data: "y" }]] });
    const body = new URLSearchParams({
      chat_id: String(annaId),
      text: "x",
      disable_notification: "true",
      reply_markup,
    });
    await fetch(`${telegram.url}/bot${token}/sendMessage`, { method: "POST", body });
    expect(telegram.messages(annaId)[0]).toMatchObject({ isSilent: true, buttons: [[{ text: "x" }]] });
  });

  it("refuses to answer a press twice, late, or one that never was", async () => {
    let at = 0;
    const { telegram, api } = await setUp({ now: () => at });
    await api.sendMessage(annaId, "x", { reply_markup: { inline_keyboard: [[{ text: "x", callback_data: "y" }]] } });
    const tooOld = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    const first = telegram.press({ chatId: annaId, data: "y" });
    await api.answerCallbackQuery(first);
    expect(await refusedWith(api.answerCallbackQuery(first))).toBe(tooOld);
    const second = telegram.press({ chatId: annaId, messageId: 1, data: "y" });
    at = 15_001;
    expect(await refusedWith(api.answerCallbackQuery(second))).toBe(tooOld);
    expect(await refusedWith(api.answerCallbackQuery("1"))).toBe(tooOld);
  });

  it("keeps commands by scope", async () => {
    const { api } = await setUp();
    await api.setMyCommands([{ command: "status", description: "How things are" }]);
    const scope = { type: "chat", chat_id: annaId } as const;
    await api.setMyCommands([{ command: "plot", description: "Draw" }], { scope });
    expect(await api.getMyCommands()).toEqual([{ command: "status", description: "How things are" }]);
    expect(await api.getMyCommands({ scope })).toEqual([{ command: "plot", description: "Draw" }]);
    await api.deleteMyCommands({ scope });
    expect(await api.getMyCommands({ scope })).toEqual([]);
    const refused = (command: string, description: string) =>
      refusedWith(api.setMyCommands([{ command, description }]));
    expect(await refused("Status", "x")).toBe("Bad Request: BOT_COMMAND_INVALID");
    expect(await refused("x".repeat(33), "x")).toBe("Bad Request: BOT_COMMAND_INVALID");
    expect(await refused("x", "y".repeat(257))).toBe("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
  });

  it("keeps the reply keyboard until it is taken away or used up", async () => {
    const { telegram, api } = await setUp();
    const keyboard = [["Get Figure", "Status"], ["Help"]];
    await api.sendMessage(annaId, "x", { reply_markup: { keyboard } });
    telegram.say({ chatId: annaId, text: "Status" });
    expect(telegram.composer(annaId)!.rows).toEqual(keyboard);
    await api.sendMessage(annaId, "x", { reply_markup: { remove_keyboard: true } });
    expect(telegram.composer(annaId)).toBeNull();
    await api.sendMessage(annaId, "x", { reply_markup: { force_reply: true } });
    expect(telegram.composer(annaId)).toMatchObject({ isForceReply: true, messageId: 4 });
    telegram.say({ chatId: annaId, text: "an answer", replyTo: 4 });
    expect(telegram.composer(annaId)).toBeNull();
    expect(await refusedWith(api.raw.sendChatAction({ chat_id: annaId, action: "dance" as never }))).toBe(
      "Bad Request: wrong parameter action in request",
    );
  });
});
