import { expect, it } from "vitest";
import { HOT, openScene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

/** A picture of one dot, each of another colour. */
const PHOTOS = ["NkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "Nk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="].map((end) =>
  Buffer.from(`iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42m${end}`, "base64"),
);

it("keeps a reply to a card as its note, shown in every chat and quoted as it was written", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const [card, mine] = [await s.see(GROUP, "Coil hot"), await s.see(ADMIN, "Coil hot")];
  const noted = await s.ask(GROUP, 'Fan <is> "broken" & <b>hot</b>', { userId: OTHER, replyTo: card.messageId });
  expect(noted).toMatchObject({ text: "Noted with #1.", isSilent: true });
  await s.seeIn(mine, '💬 Boris: Fan <is> "broken" & <b>hot</b>');
  expect(s.said(ADMIN)).toHaveLength(1);
  // The newest one stands on the card; all of them stay.
  s.say(ADMIN, "Ordered a new one", { replyTo: mine.messageId });
  expect((await s.seeIn(card, "💬 Aino: Ordered a new one")).text).not.toContain("Fan");
  expect((await s.ask(GROUP, "/alarm 1")).text).toMatch(
    /: note by Aino: Ordered a new one\n.*: note by Boris: Fan <is> "broken" & <b>hot<\/b>/,
  );
});

it("keeps photos over a crash, and /alarm shows them again, each under its words", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  for (const [i, photo] of PHOTOS.entries()) {
    const caption = ["", "After the repair"][i] ?? "";
    s.telegram.sendPhoto({ chatId: GROUP, userId: OTHER, photo, caption, replyTo: card.messageId });
    await s.seeIn(card, `💬 Boris: 📷${caption === "" ? "" : ` ${caption}`}`);
  }
  await s.app.kill();
  await s.start();
  expect((await s.ask(ADMIN, "/alarm_1")).text).toMatch(
    /: note by Boris 📷: After the repair\n.*: note by Boris 📷(\n|$)/,
  );
  const shown = await s.telegram.waitFor(() => {
    const photos = s.said(ADMIN).filter(({ photo }) => photo !== null);
    return photos.length === 2 && photos;
  }, 10_000);
  expect(new Set(shown.map(({ photo }) => Buffer.from(photo?.bytes ?? []).toString("base64")))).toEqual(
    new Set(PHOTOS.map((photo) => photo.toString("base64"))),
  );
  // Two pictures without a word could be before or after.
  expect(shown.map(({ caption }) => caption)).toEqual([
    expect.stringContaining("After the repair"),
    expect.stringContaining("Boris"),
  ]);
});

it("takes a reply to whatever it wrote of the alarm: an old card, the word that it cleared", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const old = await s.see(GROUP, "Coil hot");
  await s.warn({ ...HOT, severity: "critical" });
  const card = await s.see(GROUP, "CRITICAL");
  await s.seeIn(old, "Continued below");
  s.say(GROUP, "To the old card", { userId: OTHER, replyTo: old.messageId });
  await s.seeIn(card, "💬 Boris: To the old card");
  await s.warn({ ...HOT, state: "cleared" });
  const cleared = await s.see(GROUP, "✅ Cleared");
  s.say(GROUP, "It was the fan", { userId: OTHER, replyTo: cleared.messageId });
  await s.seeIn(card, "💬 Boris: It was the fan");
  // What comes next time is another story: its card begins without, the history goes on.
  await s.warn({ ...HOT, message: "Coil hot again" });
  expect((await s.see(GROUP, "Coil hot again")).text).not.toContain("💬");
  expect((await s.ask(GROUP, "/alarm 1")).text).toContain("note by Boris: It was the fan");
});

it("makes no note of what is no answer to a card, nor of an answer without words", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  s.say(GROUP, "Nice weather", { userId: OTHER });
  const help = await s.ask(GROUP, "/help");
  s.say(GROUP, "Thanks", { userId: OTHER, replyTo: help.messageId });
  s.say(GROUP, "\u202e \u0000", { userId: OTHER, replyTo: card.messageId });
  await s.ask(GROUP, "/why 1", { replyTo: card.messageId });
  expect((await s.ask(GROUP, "/alarm 1")).text).not.toMatch(/note|weather|Thanks/);
});
