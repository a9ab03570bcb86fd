import { InputFile, type Api } from "grammy";
import { beforeEach, describe, expect, it } from "vitest";
import type { Telegram } from "../../../src/demo/telegram/server.ts";
import { inAnotherForm } from "../../../src/telegram/api/other-form.ts";
import { annaId, groupId, png, refusedWith, setUp } from "../../demo/telegram/support.ts";

const FORUM = -1_000_000_000_123;
const NEW_GROUP = -1_000_000_000_555;
const UNFIT = { status: 400, description: "Bad Request: IMAGE_PROCESS_FAILED" };

let telegram: Telegram;
let api: Api;
let migrated: (readonly [number, number])[];

beforeEach(async () => {
  ({ telegram, api } = await setUp());
  migrated = [];
  api.config.use(
    inAnotherForm({
      onMigrated: async (...ids) => {
        migrated.push(ids);
        throw new Error("it could not be noted");
      },
    }),
  );
  telegram.addGroup({
    id: FORUM,
    title: "Forum",
    members: [{ id: annaId, firstName: "Anna" }],
    isForum: true,
    threadIds: [7],
  });
});

const picture = () => new InputFile(png(64, 36), "plot.png");
const more = {
  caption: "<b>Coil</b>",
  parse_mode: "HTML" as const,
  reply_markup: { inline_keyboard: [[{ text: "◀", callback_data: "v:1" }]] },
};
const last = (chatId: number) => telegram.messages(chatId).at(-1);
const words = (chatId: number) => last(chatId)?.caption ?? last(chatId)?.text;

describe("what Telegram refuses in one form comes in another", () => {
  it("a picture as a file, where its bytes, its sizes or the group's rights are in the way", async () => {
    telegram.fault({ method: "sendPhoto", failure: UNFIT });
    await api.sendPhoto(annaId, picture(), more);
    await api.sendPhoto(annaId, new InputFile(png(9_000, 2_000), "wide.png"), more);
    telegram.allow(groupId, "photos", false);
    await api.sendPhoto(groupId, picture(), more);
    for (const chatId of [annaId, groupId])
      expect(last(chatId)).toMatchObject({ caption: "Coil", photo: null, document: { fileName: expect.any(String) } });
    expect(telegram.messages(annaId)).toHaveLength(2);
    expect(last(groupId)?.buttons).toHaveLength(1);
  });

  it("a file as a sentence that says what to do, where nothing but words may be sent", async () => {
    for (const what of ["photos", "documents"] as const) telegram.allow(groupId, what, false);
    await api.sendPhoto(groupId, picture(), more);
    expect(words(groupId)).toContain(
      "Coil\n\nI may not send pictures and files here. Let an admin of this group allow it",
    );
    await api.sendDocument(groupId, new InputFile(Buffer.from("a,b"), "feed.csv"));
    expect(words(groupId)).toMatch(/^I may not send pictures and files here\./);
    telegram.allow(groupId, "text messages", false);
    expect(await refusedWith(api.sendPhoto(groupId, picture()))).toBe(
      "Bad Request: not enough rights to send text messages to the chat",
    );
  });

  it("an album as files, and else as a sentence", async () => {
    const album = () => [1, 2].map((i) => ({ type: "photo" as const, media: picture(), caption: `plot ${i}` }));
    telegram.allow(groupId, "photos", false);
    await api.sendMediaGroup(groupId, album());
    expect(telegram.messages(groupId).map(({ caption, document }) => [caption, document !== null])).toEqual([
      ["plot 1", true],
      ["plot 2", true],
    ]);
    telegram.allow(groupId, "documents", false);
    await api.sendMediaGroup(groupId, album());
    expect(words(groupId)).toMatch(/^I may not send pictures and files here\./);
  });

  it("a new picture in a message as a file, and else as words below the old one", async () => {
    const { message_id: id } = await api.sendPhoto(groupId, picture(), more);
    const redraw = (side: number) =>
      api.editMessageMedia(groupId, id, {
        type: "photo",
        media: new InputFile(png(side, side), "plot.png"),
        caption: `${side}`,
      });
    telegram.fault({ method: "editMessageMedia", failure: UNFIT });
    await redraw(70);
    expect(last(groupId)).toMatchObject({ messageId: id, caption: "70", photo: null });
    await redraw(71);
    expect(last(groupId)).toMatchObject({ messageId: id, caption: "71", photo: { width: 71 } });
    for (const what of ["photos", "documents"] as const) telegram.allow(groupId, what, false);
    await redraw(72);
    expect(last(groupId)).toMatchObject({ messageId: id, photo: { width: 71 } });
    expect(words(groupId)).toMatch(/^72\n\nI may not send pictures/);
  });

  it("outside of a thread that is closed or deleted, and without the message that it answers", async () => {
    const inThread = { message_thread_id: 7 };
    telegram.closeThread(FORUM, 7, true);
    await api.sendMessage(FORUM, "closed", inThread);
    telegram.deleteThread(FORUM, 7);
    await api.sendPhoto(FORUM, picture(), { ...inThread, caption: "deleted" });
    expect(telegram.messages(FORUM).map(({ threadId, caption, text }) => [threadId, caption ?? text])).toEqual([
      [null, "closed"],
      [null, "deleted"],
    ]);
    await api.sendMessage(annaId, "answer", { reply_parameters: { message_id: 4_711 } });
    expect(words(annaId)).toBe("answer");
  });

  it("in the chat that a group became: messages, pictures, albums, and what was edited, as a message", async () => {
    const { message_id: id } = await api.sendPhoto(groupId, picture(), more);
    telegram.migrate(groupId, NEW_GROUP);
    const shown = () => telegram.messages(NEW_GROUP).filter(({ from, isService }) => from === "bot" && !isService);
    await api.sendMessage(groupId, "text");
    await api.sendPhoto(groupId, picture(), more);
    await api.sendMediaGroup(
      groupId,
      [1, 2].map(() => ({ type: "photo" as const, media: picture() })),
    );
    const edited = await api.editMessageMedia(
      groupId,
      id,
      { type: "photo", media: picture(), caption: "edited" },
      more,
    );
    expect(edited).toMatchObject({ chat: { id: NEW_GROUP } });
    await api.editMessageCaption(groupId, id, { caption: "words" });
    await api.editMessageText(groupId, id, "page 2");
    expect(shown().map(({ photo, caption, text }) => [photo !== null, caption ?? text])).toEqual([
      [false, "text"],
      [true, "Coil"],
      [true, ""],
      [true, ""],
      [true, "edited"],
      [false, "words"],
      [false, "page 2"],
    ]);
    expect(shown()[4]?.buttons).toHaveLength(1);
    expect(migrated[0]).toEqual([groupId, NEW_GROUP]);
  });

  it("not at all, where no form helps: the refusal is told as it is", async () => {
    telegram.block(groupId);
    expect(await refusedWith(api.sendPhoto(groupId, picture()))).toMatch("bot was kicked");
    expect(await refusedWith(api.editMessageMedia(annaId, 99, { type: "photo", media: picture() }))).toMatch(
      "not found",
    );
    expect(telegram.calls).toHaveLength(2);
  });
});
