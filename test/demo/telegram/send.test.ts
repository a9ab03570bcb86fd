import { InputFile } from "grammy";
import { describe, expect, it } from "vitest";
import { annaId, groupId, png, refusal, refusedWith, setUp } from "./support.ts";

/** A row of so many buttons. */
function row(length: number): object[] {
  return Array.from({ length }, () => ({ text: "x", callback_data: "y" }));
}

describe("sending", () => {
  it("shows what was sent, and returns it as the wire has it", async () => {
    const { telegram, api } = await setUp({ now: () => 1_700_000_000_000 });
    const sent = await api.sendMessage(annaId, " <b>Coil 1</b> at 82 °C, see /status ", {
      parse_mode: "HTML",
      disable_notification: true,
      reply_markup: { inline_keyboard: [[{ text: "Acknowledge", callback_data: "a:1" }]] },
    });
    expect(sent).toMatchObject({
      message_id: 1,
      date: 1_700_000_000,
      text: "Coil 1 at 82 °C, see /status",
      entities: [
        { type: "bold", offset: 0, length: 6 },
        { type: "bot_command", offset: 21, length: 7 },
      ],
      reply_markup: { inline_keyboard: [[{ text: "Acknowledge", callback_data: "a:1" }]] },
    });
    expect(telegram.messages(annaId)).toEqual([
      expect.objectContaining({ messageId: 1, from: "bot", text: sent.text, isSilent: true, edits: 0, editedAt: null }),
    ]);
    expect(telegram.calls.at(-1)).toMatchObject({ method: "sendMessage", status: 200 });
  });

  it("takes a photo as upload, gives it back, and takes its file_id again", async () => {
    const { telegram, api } = await setUp();
    const bytes = png(40, 30);
    const sent = await api.sendPhoto(annaId, new InputFile(bytes, "plot.png"), { caption: "Last <hour>" });
    const fileId = sent.photo.at(-1)!.file_id;
    expect(sent.photo.at(-1)).toMatchObject({ width: 40, height: 30, file_size: bytes.length });
    await api.sendPhoto(annaId, fileId);
    const file = await api.getFile(fileId);
    const fetched = await fetch(`${telegram.url}/file/bot${api.token}/${file.file_path}`);
    expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(bytes);
    expect(telegram.messages(annaId).map(({ caption, photo }) => ({ caption, bytes: photo?.bytes }))).toEqual([
      { caption: "Last <hour>", bytes },
      { caption: "", bytes },
    ]);
  });

  it("takes albums and documents", async () => {
    const { telegram, api } = await setUp();
    await api.sendMediaGroup(annaId, [
      { type: "photo", media: new InputFile(png(4, 4)), caption: "one" },
      { type: "photo", media: new InputFile(png(5, 5)) },
    ]);
    await api.sendDocument(annaId, new InputFile(Buffer.from("a,b\n1,2\n"), "feed.csv"));
    const shown = telegram.messages(annaId);
    expect(shown.map(({ photo }) => photo?.width)).toEqual([4, 5, undefined]);
    expect(shown.at(-1)!.document).toMatchObject({ fileName: "feed.csv" });
    const one = api.sendMediaGroup(annaId, [{ type: "photo", media: new InputFile(png(4, 4)) }]);
    expect(await refusedWith(one)).toBe("Bad Request: media group must contain 2-10 items");
  });

  it("refuses texts as Telegram does, and before it looks for the chat", async () => {
    const { api } = await setUp();
    const html = { parse_mode: "HTML" } as const;
    const refused = (text: string, other = {}) => refusedWith(api.sendMessage(99, text, other));
    expect(await refused("")).toBe("Bad Request: message text is empty");
    expect(await refused("<b> </b>", html)).toBe("Bad Request: text must be non-empty");
    expect(await refused("x".repeat(4097))).toBe("Bad Request: message is too long");
    expect(await refused("x".repeat(32_769))).toBe("Bad Request: text is too long");
    expect(await refused("a <b>", html)).toMatch("Bad Request: can't parse entities: Can't find end tag");
    expect(await refused("half \ud800 a character")).toBe("Bad Request: strings must be encoded in UTF-8");
    expect(await refused("fine")).toBe("Bad Request: chat not found");
    // Tags do not count.
    await api.sendMessage(annaId, `<b>${"x".repeat(4096)}</b>`, html);
    const photo = api.sendPhoto(annaId, new InputFile(png(4, 4)), { caption: "x".repeat(1025) });
    expect(await refusedWith(photo)).toBe("Bad Request: message caption is too long");
  });

  it("refuses pictures that Telegram would not take", async () => {
    const { api } = await setUp();
    const refused = (bytes: Uint8Array) => refusedWith(api.sendPhoto(annaId, new InputFile(bytes)));
    expect(await refused(Buffer.from("not a picture at all, only text"))).toBe("Bad Request: IMAGE_PROCESS_FAILED");
    expect(await refused(png(210, 10))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
    expect(await refused(png(1, 10_000))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
    expect(await refused(new Uint8Array(10_485_761))).toBe(
      "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
    );
    expect(await refusedWith(api.sendPhoto(annaId, "unknown"))).toBe(
      "Bad Request: wrong file identifier/HTTP URL specified",
    );
    const jpeg = Buffer.from("ffd8ffe00010" + "00".repeat(14) + "ffc0001108001e0028" + "00".repeat(10), "hex");
    expect((await api.sendPhoto(annaId, new InputFile(jpeg))).photo.at(-1)).toMatchObject({ width: 40, height: 30 });
  });

  it("shows an ephemeral message to one member, after their press, or where the bot is an administrator", async () => {
    const { telegram, api } = await setUp();
    const toAnna = (more: object = {}) =>
      api.sendMessage(groupId, "psst", { ephemeral_message_parameters: { receiver_user_id: annaId, ...more } });
    expect(await refusedWith(toAnna())).toContain("not enough rights");
    expect(await refusedWith(toAnna({ receiver_user_id: 4_711 }))).toContain("receiver not found");
    const alone = { ephemeral_message_parameters: { receiver_user_id: annaId } };
    expect(await refusedWith(api.sendMessage(annaId, "psst", alone))).toContain("only in groups");
    const { message_id: messageId } = await api.sendMessage(groupId, "x", {
      reply_markup: { inline_keyboard: [[{ text: "Press", callback_data: "x" }]] },
    });
    const callback_query_id = telegram.press({ chatId: groupId, userId: annaId, messageId, label: "Press" });
    await api.answerCallbackQuery(callback_query_id);
    expect(await toAnna({ callback_query_id })).toMatchObject({ message_id: 0, receiver_user: { id: annaId } });
    expect(telegram.messages(groupId).at(-1)).toMatchObject({ text: "psst", receiverId: annaId });
  });

  it("refuses keyboards that Telegram would not take", async () => {
    const { api } = await setUp();
    const refused = (rows: object[][]) =>
      refusedWith(api.sendMessage(annaId, "x", { reply_markup: { inline_keyboard: rows as never } }));
    expect(await refused([[{ text: "x", callback_data: "ä".repeat(33) }]])).toBe("Bad Request: BUTTON_DATA_INVALID");
    expect(await refused([[{ text: "x", callback_data: "" }]])).toBe("Bad Request: BUTTON_DATA_INVALID");
    expect(await refused([row(9)])).toBe("Bad Request: reply markup is too long");
    expect(await refused(Array.from({ length: 13 }, () => row(8)))).toBe("Bad Request: reply markup is too long");
    expect(await refused([[null as never]])).toBe("Bad Request: BUTTON_TEXT_INVALID");
    const two = { text: "x", callback_data: "x", disabled: {} };
    expect(await refused([[two]])).toMatch("exactly one action must be specified");
    expect(await refused([[{ text: "x", disabled: {}, style: "red" }]])).toMatch("BUTTON_STYLE_INVALID");
    for (const text of ["", "x".repeat(257)])
      expect(await refused([[{ text: "x", copy_text: { text } }]])).toMatch("BUTTON_COPY_TEXT_INVALID");
    const fine = [
      { text: "x", copy_text: { text: "x".repeat(256) } },
      { text: "x", disabled: {}, style: "success" },
    ];
    await api.sendMessage(annaId, "x", { reply_markup: { inline_keyboard: [fine as never] } });
    expect(await refused([[{ text: "x" }]])).toMatch("Text buttons are unallowed in the inline keyboard");
    await api.sendMessage(annaId, "x", {
      reply_markup: { inline_keyboard: [[{ text: "x", callback_data: "ä".repeat(32) }]] },
    });
  });

  it("refuses chats where the bot may not write", async () => {
    const { telegram, api } = await setUp();
    telegram.addPrivateChat({ id: 1003, firstName: "Carl", isStarted: false });
    telegram.block(annaId);
    telegram.block(groupId);
    expect(await refusal(api.sendMessage(annaId, "x"))).toMatchObject({
      error_code: 403,
      description: "Forbidden: bot was blocked by the user",
    });
    expect(await refusedWith(api.sendMessage(groupId, "x"))).toBe("Forbidden: bot was kicked from the group chat");
    expect(await refusedWith(api.sendMessage(1003, "x"))).toBe(
      "Forbidden: bot can't initiate conversation with a user",
    );
    telegram.unblock(annaId);
    telegram.say({ chatId: 1003, text: "/start" });
    await api.sendMessage(annaId, "x");
    await api.sendMessage(1003, "x");
    expect(await refusedWith(api.raw.sendMessage({ chat_id: "", text: "x" }))).toBe("Bad Request: chat_id is empty");
  });

  it("sends a bot from a group to the supergroup that it became", async () => {
    const { telegram, api } = await setUp();
    telegram.migrate(groupId, -1_000_000_005_001);
    const refused = await refusal(api.sendMessage(groupId, "x"));
    expect(refused.description).toBe("Bad Request: group chat was upgraded to a supergroup chat");
    expect(refused.parameters.migrate_to_chat_id).toBe(-1_000_000_005_001);
    expect((await api.sendMessage(-1_000_000_005_001, "x")).chat.type).toBe("supergroup");
    expect((await api.getUpdates()).map(({ message }) => message)).toEqual([
      expect.objectContaining({ migrate_to_chat_id: -1_000_000_005_001 }),
      expect.objectContaining({ migrate_from_chat_id: groupId }),
    ]);
  });

  it("knows threads and the messages that are answered", async () => {
    const { telegram, api } = await setUp();
    telegram.addGroup({ id: -7, title: "Forum", members: [], isForum: true, threadIds: [5] });
    const first = await api.sendMessage(-7, "x", { message_thread_id: 5 });
    expect(first.message_thread_id).toBe(5);
    const refused = (other: object) => refusedWith(api.sendMessage(-7, "x", other));
    expect(await refused({ message_thread_id: 1 })).toBe("Bad Request: message thread not found");
    expect(await refused({ reply_parameters: { message_id: 99 } })).toBe(
      "Bad Request: message to be replied not found",
    );
    await api.sendMessage(-7, "y", { reply_parameters: { message_id: 99, allow_sending_without_reply: true } });
    const reply = await api.sendMessage(-7, "z", { reply_parameters: { message_id: first.message_id } });
    expect(reply.reply_to_message).toMatchObject({ message_id: first.message_id, text: "x" });
    expect(telegram.messages(-7).map((message) => message.replyTo)).toEqual([null, null, 1]);
    expect(reply.message_thread_id).toBe(5);
  });

  it("forgets a thread that is deleted", async () => {
    const { telegram, api } = await setUp();
    telegram.addGroup({ id: -7, title: "Forum", members: [{ id: 1, firstName: "A" }], isForum: true, threadIds: [5] });
    await api.sendMessage(-7, "to all");
    await api.sendMessage(-7, "in the thread", { message_thread_id: 5 });
    telegram.say({ chatId: -7, userId: 1, text: "/alarms", threadId: 5 });
    expect((await api.getUpdates())[0]!.message).toMatchObject({ message_thread_id: 5, is_topic_message: true });
    telegram.deleteThread(-7, 5);
    expect(telegram.messages(-7).map(({ text }) => text)).toEqual(["to all"]);
    expect(await refusedWith(api.sendMessage(-7, "x", { message_thread_id: 5 }))).toBe(
      "Bad Request: message thread not found",
    );
  });

  it("keeps Telegram's pace when it is asked to", async () => {
    let at = 0;
    const { telegram, api } = await setUp({ limits: "on", now: () => at });
    const burst = async (chatId: number) => {
      for (let i = 0; i < 4; i += 1) await api.sendMessage(chatId, "x");
    };
    await burst(annaId);
    await burst(annaId);
    expect(await refusal(api.sendMessage(annaId, "x"))).toMatchObject({
      error_code: 429,
      description: "Too Many Requests: retry after 4",
      parameters: { retry_after: 4 },
    });
    for (; at < 20_000; at += 4_000) await burst(groupId);
    expect((await refusal(api.sendMessage(groupId, "x"))).parameters.retry_after).toBe(40);
    expect((await refusal(api.editMessageText(groupId, 1, "y"))).error_code).toBe(429);
    at += 40_000;
    await api.editMessageText(groupId, 1, "y");
    for (let id = 1; id <= 29; id += 1) {
      telegram.addPrivateChat({ id, firstName: "Dora" });
      await api.sendMessage(id, "x");
    }
    expect((await refusal(api.sendMessage(annaId, "x"))).parameters.retry_after).toBe(1);
  });
});
