import { InlineKeyboard, InputFile, Keyboard } from "grammy";
import { describe, expect, it } from "vitest";
import { annaId, groupId, png, refusedWith, setUp } from "./support.ts";

const notModified =
  "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

describe("editing", () => {
  it("changes a message in its place, and takes buttons away that are not sent again", async () => {
    const { telegram, api } = await setUp({ now: () => 5_000 });
    const reply_markup = new InlineKeyboard().text("Acknowledge", "a");
    await api.sendMessage(annaId, "82 °C", { reply_markup });
    await api.editMessageText(annaId, 1, "84 °C", { reply_markup });
    expect(telegram.messages(annaId)[0]).toMatchObject({ text: "84 °C", edits: 1, editedAt: 5_000 });
    expect(telegram.messages(annaId)[0]!.buttons.flat()).toHaveLength(1);
    await api.editMessageText(annaId, 1, "85 °C");
    expect(telegram.messages(annaId)[0]).toMatchObject({ text: "85 °C", edits: 2, buttons: [] });
    await api.editMessageReplyMarkup(annaId, 1, { reply_markup });
    expect(telegram.messages(annaId)[0]!.buttons.flat()).toHaveLength(1);
  });

  it("refuses what would change nothing", async () => {
    const { api } = await setUp();
    const html = { parse_mode: "HTML" } as const;
    await api.sendMessage(annaId, "<b>x</b>", html);
    expect(await refusedWith(api.editMessageText(annaId, 1, "<strong>x</strong>", html))).toBe(notModified);
    expect(await refusedWith(api.editMessageReplyMarkup(annaId, 1))).toBe(notModified);
    await api.editMessageText(annaId, 1, "x");
  });

  it("refuses what cannot be edited", async () => {
    const { telegram, api } = await setUp();
    await api.sendMessage(annaId, "text");
    await api.sendPhoto(annaId, new InputFile(png(4, 4)), { caption: "caption" });
    await api.sendMessage(annaId, "keys", { reply_markup: new Keyboard().text("Status") });
    telegram.say({ chatId: annaId, text: "mine" });
    expect(await refusedWith(api.editMessageText(annaId, 99, "x"))).toBe("Bad Request: message to edit not found");
    expect(await refusedWith(api.editMessageText(annaId, 2, "x"))).toBe(
      "Bad Request: there is no text in the message to edit",
    );
    expect(await refusedWith(api.editMessageCaption(annaId, 1, { caption: "x" }))).toBe(
      "Bad Request: there is no caption in the message to edit",
    );
    // "It is only possible to edit messages without reply_markup or with inline keyboards."
    expect(await refusedWith(api.editMessageText(annaId, 3, "x"))).toBe("Bad Request: message can't be edited");
    expect(await refusedWith(api.editMessageText(annaId, 4, "x"))).toBe("Bad Request: message can't be edited");
    const keyboard = { reply_markup: new Keyboard().text("Status") as never };
    expect(await refusedWith(api.editMessageText(annaId, 1, "x", keyboard))).toBe(
      "Bad Request: inline keyboard expected",
    );
  });

  it("changes captions and pictures", async () => {
    const { telegram, api } = await setUp();
    await api.sendPhoto(annaId, new InputFile(png(4, 4)), { caption: "one" });
    await api.editMessageCaption(annaId, 1, { caption: "two" });
    await api.editMessageMedia(annaId, 1, { type: "photo", media: new InputFile(png(8, 6)), caption: "three" });
    expect(telegram.messages(annaId)[0]).toMatchObject({ caption: "three", photo: { width: 8, height: 6 }, edits: 2 });
  });

  it("deletes within 48 hours what is the bot's to delete", async () => {
    let at = 0;
    const { telegram, api } = await setUp({ now: () => at });
    await api.sendMessage(groupId, "new");
    await api.sendMessage(groupId, "old");
    telegram.say({ chatId: groupId, userId: annaId, text: "hello" });
    await api.deleteMessage(groupId, 1);
    expect(await refusedWith(api.deleteMessage(groupId, 1))).toBe("Bad Request: message to delete not found");
    expect(await refusedWith(api.deleteMessage(groupId, 3))).toBe("Bad Request: message can't be deleted");
    at = 48 * 3_600_000 + 1;
    expect(await refusedWith(api.deleteMessage(groupId, 2))).toBe("Bad Request: message can't be deleted");
    expect(telegram.messages(groupId).map((message) => message.messageId)).toEqual([2, 3]);
  });

  it("pins where it may", async () => {
    const { telegram, api } = await setUp();
    await api.sendMessage(annaId, "board");
    await api.pinChatMessage(annaId, 1);
    expect(telegram.messages(annaId)[0]!.isPinned).toBe(true);
    expect((await api.getChat(annaId)).pinned_message).toMatchObject({ message_id: 1, text: "board" });
    await api.unpinChatMessage(annaId);
    expect(telegram.messages(annaId)[0]!.isPinned).toBe(false);
    expect(await refusedWith(api.pinChatMessage(annaId, 9))).toBe("Bad Request: message to pin not found");
    expect(await refusedWith(api.unpinChatMessage(annaId, 9))).toBe("Bad Request: message to unpin not found");
    await api.sendMessage(groupId, "board");
    expect(await refusedWith(api.pinChatMessage(groupId, 1))).toBe(
      "Bad Request: not enough rights to manage pinned messages in the chat",
    );
  });

  it("says once in the chat what was pinned, which the bot hears, too", async () => {
    const { telegram, api } = await setUp();
    await api.sendMessage(annaId, "3 alarms\nare active");
    for (let i = 0; i < 2; i += 1) await api.pinChatMessage(annaId, 1, { disable_notification: true });
    const note = { messageId: 2, from: "bot", isService: true, text: "Valvomo pinned “3 alarms”", isSilent: true };
    expect(telegram.messages(annaId).slice(1)).toEqual([expect.objectContaining(note)]);
    const updates = await api.getUpdates();
    expect(updates.map(({ message }) => [message?.text, message?.pinned_message?.message_id])).toEqual([
      [undefined, 1],
    ]);
    expect(await refusedWith(api.editMessageText(annaId, 2, "x"))).toBe("Bad Request: message can't be edited");
    await api.deleteMessage(annaId, 2);
  });
});
