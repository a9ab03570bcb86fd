import { DatabaseSync } from "node:sqlite";
import { Secret, TOTP } from "otpauth";
import { expect, it } from "vitest";
import { ADMINS_TOPIC } from "../../src/alarms/payloads/own.ts";
import { UNKNOWN_MESSAGE } from "../../src/telegram/commands/bot.ts";
import { until } from "../support/until.ts";
import { HOT, labelsOf, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER, STRANGER } from "../support/world.ts";

/** What concerns those who run us and nobody else is seen and handled in the private chats of admins, and nowhere else. */

const CECILIA = { id: 13, firstName: "Cecilia" };
const EVE = { id: 67, firstName: "Eve" };
const GUESSED = "gave five wrong invitation codes";

async function guess(s: Scene, userId: number): Promise<Shown> {
  for (let i = 0; i < 5; i++) s.say(userId, `/start wrong${i}`, { userId });
  await until("they are noted", () => s.said(ADMIN).some(({ text }) => text.includes(GUESSED)));
  return s.see(ADMIN, GUESSED);
}

const scene = (settings: Readonly<Record<string, string>> = {}) =>
  openScene({
    settings,
    people: [{ id: CECILIA.id, name: "Cecilia", role: "admin" }],
    prepare(telegram) {
      for (const person of [CECILIA, EVE, { id: OTHER, firstName: "Boris" }]) telegram.addPrivateChat(person);
    },
  });

let forged = 0;

/** Presses with data that no button there has, as anybody's client can. */
async function forge(s: Scene, { chatId, messageId, buttons }: Shown, data: string, userId: number): Promise<string> {
  const id = `forged ${++forged}`;
  const chat =
    chatId > 0 ? { id: chatId, type: "private", first_name: "X" } : { id: chatId, type: "group", title: "Hall 6" };
  s.telegram.push({
    callback_query: {
      id,
      from: { id: userId, is_bot: false, first_name: "X" },
      chat_instance: "1",
      data,
      message: { message_id: messageId, date: 1, chat, reply_markup: { inline_keyboard: buttons } },
    },
  } as never);
  const answer = await s.telegram.waitFor(() =>
    s.telegram.calls.find(({ params }) => params["callback_query_id"] === id),
  );
  return answer.params["text"] as string;
}

it("an alarm for admins is in no list, count or answer elsewhere, and no button, reply or command there does anything to it", async () => {
  const s = await scene();
  const card = await guess(s, STRANGER);
  const id = Number(/#(\d+)$/.exec(card.text)?.[1]);
  await s.warn(HOT);
  const other = await s.see(GROUP, "Coil hot");
  const asked = async (chatId: number, text: string, userId = ADMIN) => (await s.ask(chatId, text, { userId })).text;

  for (const [chatId, userId] of [
    [GROUP, ADMIN],
    [GROUP, OTHER],
    [OTHER, OTHER],
  ] as const) {
    expect(await asked(chatId, "/alarms", userId)).toMatch(/^1 active · EES?T\n/);
    expect(await asked(chatId, "/history 1h", userId)).toMatch(/^1 alarm in the last 1 h, 1 active now/);
    for (const text of [`/alarm ${id}`, `/alarm_${id}`, `/why ${id}`])
      expect(await asked(chatId, text, userId)).toBe(`There is no alarm #${id}. /alarms shows the active ones.`);
  }
  expect(await asked(OTHER, `/shelve ${id} 4h`, OTHER)).toBe(
    `There is no alarm #${id}. /alarms shows the active ones.`,
  );
  for (const data of [
    `ack:${id}:1:3`,
    `shelve:${id}:1:3`,
    `shelve:${id}:1:3:4h`,
    `unshelve:${id}`,
    `card:${id}`,
    `trend:${id}`,
  ])
    expect(`${data}: ${await forge(s, other, data, OTHER)}`).toBe(`${data}: ${UNKNOWN_MESSAGE}`);

  // Where it belongs, all of that works, but for putting it aside.
  expect(await asked(ADMIN, "/alarms")).toMatch(/^2 active · EES?T\n/);
  expect(await asked(ADMIN, "/history 1h")).toMatch(/^2 alarms/);
  expect(await asked(ADMIN, `/alarm ${id}`)).toContain(GUESSED);
  expect(await asked(ADMIN, `/why ${id}`)).toContain("sent a card, because it was new here");
  expect(labelsOf(card)).toEqual(["Acknowledge", "Close…", "Why?"]);
  const never = `#${id} is for admins: what they must know cannot be shelved.`;
  expect(await asked(ADMIN, `/shelve ${id} 4h`)).toBe(never);
  expect(await asked(ADMIN, `/shelve ${id} clears`)).toBe(never);
  for (const data of [`shelve:${id}:1:1`, `shelve:${id}:1:1:4h`, `shelve:${id}:1:1:shift`])
    expect(await forge(s, card, data, ADMIN)).toBe(never);
  expect(await asked(ADMIN, "/shelved")).toBe("Nothing is shelved.");
  expect(await s.press(card, "Acknowledge")).toBe(`Acknowledged #${id}.`);
  s.say(ADMIN, "It was a colleague", { replyTo: card.messageId });
  await s.seeIn(card, "It was a colleague");
});

it("a phone without the second factor handles none of it, in whatever way", async () => {
  const secret = new Secret({ size: 20 });
  const s = await scene({ TELEGRAM_ADMIN_TOTP: `${ADMIN}:${secret.base32}` });
  const card = await guess(s, STRANGER);
  const missing = "your six digits in private first";
  expect(await s.press(card, "Acknowledge")).toContain(missing);
  await s.press(card, "Close…");
  expect(await s.press(card, "False alarm")).toContain(missing);
  expect((await s.ask(ADMIN, "/close 1 it was me")).text).toContain(missing);
  expect((await s.ask(ADMIN, "it was me", { replyTo: card.messageId })).text).toContain(missing);
  const page = await s.ask(ADMIN, "/alarms");
  await s.press(page, "Close…");
  await s.press(page, "False alarm");
  expect(await s.press(page, "Close #1")).toContain(missing);
  expect((await s.ask(ADMIN, "/alarm 1")).text).not.toMatch(/it was me|Acknowledged|CLEARED/);
  expect((await s.ask(ADMIN, `/code ${new TOTP({ secret }).generate()}`)).text).toContain("Right.");
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain("button ack #1 → denied: needs the second factor");
  expect((await s.ask(ADMIN, "/close 1 it was me")).text).toContain("#1 is closed");
});

it("a second guesser rings, whatever became of the first one's alarm", async () => {
  const s = await scene();
  const first = await guess(s, STRANGER);
  await s.press(first, "Acknowledge");
  for (let i = 0; i < 5; i++) s.say(EVE.id, `/start wrong${i}`, { userId: EVE.id });
  const second = await s.telegram.waitFor(() =>
    s.said(ADMIN).find(({ text, messageId }) => text.includes(GUESSED) && messageId !== first.messageId),
  );
  expect(second.isSilent).toBe(false);
  expect(labelsOf(second)).toContain("Acknowledge");
});

it("who is an admin no more sees no more of it, neither in lists nor in the card that they have", async () => {
  const s = await scene();
  await s.app.stop();
  const database = new DatabaseSync(s.app.databasePath);
  database.exec(`INSERT INTO chats (chat_id, joined_at) VALUES (${CECILIA.id}, 1)`);
  database.close();
  await s.start();
  await guess(s, STRANGER);
  const theirs = await s.see(CECILIA.id, GUESSED);
  const number = /(\d) Cecilia/.exec((await s.ask(ADMIN, "/people")).text)?.[1] ?? "";
  expect((await s.ask(ADMIN, `/people ${number} operator`)).text).toBe("Cecilia is operator now.");
  await s.press(await s.see(ADMIN, GUESSED), "Acknowledge");
  await s.seeIn(await s.see(ADMIN, GUESSED), "Acknowledged by Aino");
  await s.warn(HOT);
  await s.see(CECILIA.id, "Coil hot");
  expect(s.said(CECILIA.id).find(({ messageId }) => messageId === theirs.messageId)?.text).not.toContain(
    "Acknowledged",
  );
  expect((await s.ask(CECILIA.id, "/alarms", { userId: CECILIA.id })).text).toMatch(/^1 active/);
  expect(await s.press(theirs, "Acknowledge", CECILIA.id)).toBe("This alarm is not kept here any more.");
  const reply = s.say(CECILIA.id, "seen", { userId: CECILIA.id, replyTo: theirs.messageId });
  await s.telegram.waitFor(() =>
    s
      .said(CECILIA.id)
      .find(({ text, messageId }) => messageId > reply && text === "This alarm is not kept here any more."),
  );
  expect((await s.ask(ADMIN, "/alarm 1")).text).not.toContain("seen");
});

it("one that was shelved when that could be is back after the start", async () => {
  const s = await scene();
  const card = await guess(s, STRANGER);
  await s.app.stop();
  const database = new DatabaseSync(s.app.databasePath);
  const shelf = { by: "Boris", userId: OTHER, at: Date.now(), untilAt: Date.now() + 7 * 86_400_000, reason: null };
  database
    .prepare("UPDATE alarms SET is_shelved = 1, course = json_set(course, '$.shelf', json(?)) WHERE topic = ?")
    .run(JSON.stringify({ ...shelf, isAnnounced: false }), ADMINS_TOPIC);
  // As after another version has run.
  database.exec("DELETE FROM facts WHERE name = 'alarm rules'");
  database.close();
  await s.start();
  const again = await s.telegram.waitFor(() =>
    s.said(ADMIN).find(({ text, messageId }) => text.includes("No longer shelved") && messageId > card.messageId),
  );
  expect(again.isSilent).toBe(false);
  expect((await s.ask(ADMIN, "/shelved")).text).toBe("Nothing is shelved.");
});
