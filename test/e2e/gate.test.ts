import { DatabaseSync } from "node:sqlite";
import { UNKNOWN_MESSAGE } from "../../src/telegram/commands/bot.ts";
import { until } from "../support/until.ts";
import { expect, it } from "vitest";
import { HOT, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER, STRANGER } from "../support/world.ts";

/** What people can do only with clients of their own, or where they should not be: the program is sent it as it is. */

const AINO = { id: ADMIN, is_bot: false, first_name: "Aino" };
const HALL = { id: GROUP, type: "group", title: "Hall 6" } as const;
const PRIVATE = { id: ADMIN, type: "private", first_name: "Aino" } as const;
const OTHER_HALL = { id: -1_060, type: "group", title: "Hall 9" } as const;

/** A message that begins with a command, and what else is said about it. */
const command = (text: string, more: object = {}) => ({
  message_id: 900,
  date: 1,
  from: AINO,
  chat: HALL,
  text,
  entities: [{ type: "bot_command", offset: 0, length: text.split(" ", 1)[0]?.length }],
  ...more,
});

let forged = 0;

/** A press of the operator below a message, with whatever data; resolves with the words of the answer. */
async function forge(s: Scene, card: Shown, data: string, more: object = {}): Promise<string> {
  const id = `forged ${++forged}`;
  s.telegram.push({
    callback_query: {
      id,
      from: { id: OTHER, is_bot: false, first_name: "Boris" },
      chat_instance: "1",
      data,
      message: { message_id: card.messageId, date: 1, chat: HALL, reply_markup: { inline_keyboard: card.buttons } },
      ...more,
    },
  } as never);
  // Telegram does not know it, but was to tell this.
  const answer = await s.telegram.waitFor(
    () => s.telegram.calls.find(({ params }) => params["callback_query_id"] === id),
    10_000,
  );
  return answer.params["text"] as string;
}

/** Whether the audit log has a line of that. */
function notedIn(databasePath: string, action: string): boolean {
  const database = new DatabaseSync(databasePath, { readOnly: true });
  try {
    return database.prepare("SELECT 1 FROM audit WHERE action = ?").get(action) !== undefined;
  } finally {
    database.close();
  }
}

it("holds against messages that are not what they look like", async () => {
  const s = await openScene();
  const from = (userId: number) => ({ from: { ...AINO, id: userId } });
  const harmless: object[] = [
    // In the name of the group, or of a channel: it may be any of its admins.
    { message: command("/route critical here", { sender_chat: HALL }) },
    { message: command("/route critical here", { ...from(1_087_968_824), sender_chat: HALL }) },
    { message: command("/route critical here", { sender_chat: { id: -1_001, type: "channel", title: "News" } }) },
    // Somebody else's wish, passed on.
    { message: command("/route critical here", { forward_origin: { type: "user", sender_user: AINO, date: 1 } }) },
    { message: command("/route critical here", { via_bot: { id: 99, is_bot: true, first_name: "Helpful" } }) },
    { message: command("/route critical here", { chat: PRIVATE, forward_origin: { type: "hidden_user", date: 1 } }) },
    // An edit, a post without a person, a caption, another bot's command, one that stands in the middle.
    { edited_message: command("/route critical here", { edit_date: 2 }) },
    { channel_post: command("/route critical here", { from: undefined }) },
    { message: { ...command("/x"), text: undefined, entities: undefined, caption: "/route critical here", photo: [] } },
    { message: command("/route@other_bot critical here") },
    { message: command("look: /route critical here", { entities: [{ type: "bot_command", offset: 6, length: 6 }] }) },
  ];
  for (const update of harmless) s.telegram.push(update);
  s.say(ADMIN, "/routes");
  await s.see(ADMIN, "There are no routes");
  await s.see(ADMIN, "Forwarded messages, and messages of other bots, do nothing here. Write it yourself.");
  expect(s.said(GROUP)).toEqual([]);
  s.telegram.push({ message: command("/route@Valvomo_demo_bot critical here") } as never);
  expect((await s.see(GROUP, "Added")).text).toContain("1: critical → Hall 6");

  // A line is written when the answer is out.
  await until("it is noted", () => notedIn(s.app.databasePath, "/route"));
  const audit = (await s.ask(ADMIN, "/audit 1h")).text;
  expect(audit).toContain(`2 Aino in group ${GROUP}: /route critical → route 1 to group ${GROUP}`);
  expect(audit.match(/\/route/g)).toHaveLength(1);
  expect(audit.match(/stranger a message → silence/g)).toHaveLength(2);
});

it("holds against presses of what is not there", async () => {
  const s = await openScene();
  s.telegram.addGroup({ ...OTHER_HALL, members: [{ id: OTHER, firstName: "Boris" }] });
  await s.warn({ ...HOT, field: 1 });
  const card = await s.see(GROUP, "Coil hot");
  const old = "This button does not work any more.";
  // What would take the place of the card.
  for (const data of ["v:1.0.3600000", "vl:1.0.3600000", "vm:more:1.0.3600000", "alarms:0", "shelved:0", "board:1:0"])
    expect(`${data}: ${await forge(s, card, data)}`).toBe(`${data}: ${old}`);
  for (const data of ["join:no", "people:0"]) expect(await forge(s, card, data)).toMatch(/^Only an admin/);
  expect(await forge(s, card, "subscribe:yes")).toBe(old);
  for (const data of ["", "__proto__:1", "constructor", "ack:1:1", "\u202Eack:1:1:2"])
    expect(`${data}: ${await forge(s, card, data)}`).toBe(`${data}: ${old}`);
  for (const data of [`ack:${"9".repeat(50)}`, "ack:2:1:3"]) expect(await forge(s, card, data)).toBe(UNKNOWN_MESSAGE);
  // A card that Telegram does not show us any more can still be acknowledged; a group that has not joined is no place for it.
  const gone = { message_id: card.messageId, date: 0, chat: OTHER_HALL };
  expect(await forge(s, card, "ack:1:1:2", { message: gone })).toBe(
    "This group has not joined. An admin of Valvomo must let it join.",
  );
  expect(await forge(s, card, "ack:1:1:2", { message: { ...gone, chat: HALL } })).toBe("Acknowledged #1.");
  const after = await s.seeIn(card, "Acknowledged by Boris");
  expect(after.text).toContain("Coil hot");
  expect(s.said(OTHER_HALL.id)).toEqual([]);
  const audit = (await s.ask(ADMIN, "/audit 1h")).text;
  expect(audit).toContain("button people 0 → denied: needs admin");
  expect(audit).toContain("stranger a press → group has not joined");
});

it("lets nobody take a group's messages from the alarms, nor fill the audit log", async () => {
  const s = await openScene();
  for (let i = 0; i < 60; i++) s.say(GROUP, i % 2 === 0 ? "/invite admin" : "/alarm_1", { userId: OTHER });
  await s.see(GROUP, "That was a lot at once. Wait");
  for (let i = 0; i < 20; i++) s.say(GROUP, `@valvomo_demo_bot good morning ${i}`, { userId: OTHER });
  // In a group where the bot hears all, this is no talk.
  const boris = { id: OTHER, is_bot: false, first_name: "Boris" };
  for (let i = 0; i < 20; i++)
    s.telegram.push({ message: { ...command("Get Figure"), from: boris, entities: undefined } } as never);
  expect((await s.ask(ADMIN, "/alarms")).text).toContain("No alarm is active.");
  // What they press comes after all that they wrote.
  expect(await forge(s, await s.see(GROUP, "That was a lot at once"), "ack:9:1:3")).toBe(UNKNOWN_MESSAGE);
  expect(s.said(GROUP).length).toBeLessThanOrEqual(12);
  const audit = (await s.ask(ADMIN, "/audit 1h")).text;
  expect((audit.match(/denied/g) ?? []).length).toBeLessThanOrEqual(6);
});

it("says nothing to strangers, and little about them", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  const crowd = Array.from({ length: 2_000 }, (_, i) => ({
    id: 5_000_000 + (i % 900),
    is_bot: false,
    first_name: `S${i}`,
  }));
  const before = s.app.log.length;
  for (const [i, from] of crowd.entries()) {
    const chat = { id: from.id, type: "private", first_name: from.first_name };
    if (i % 3 === 0) s.telegram.push({ message: command("/status", { from, chat }) } as never);
    else if (i % 3 === 1) s.telegram.push({ message: command("/start guess", { from, chat }) } as never);
    else
      s.telegram.push({
        callback_query: {
          id: `stranger ${i}`,
          from,
          chat_instance: "1",
          data: "ack:1:1:2",
          message: { message_id: card.messageId, date: 1, chat: HALL, reply_markup: { inline_keyboard: card.buttons } },
        },
      } as never);
  }
  s.say(ADMIN, "/alarms");
  expect((await s.see(ADMIN, "active")).text).toContain("Coil hot");
  expect(s.app.log.length - before).toBeLessThan(200);
  s.say(ADMIN, "/audit 1h file");
  const file = await s.telegram.waitFor(() => s.said(ADMIN).find(({ document }) => document !== null), 10_000);
  const lines = Buffer.from(file.document?.bytes ?? [])
    .toString()
    .split("\n");
  expect(lines.length).toBeLessThan(200);
  expect(lines.filter((line) => line.includes("wrong code")).length).toBeLessThan(150);
  expect(s.said(STRANGER)).toEqual([]);
  expect((await s.seeIn(card, "Coil hot")).text).not.toContain("Acknowledged");
}, 60_000);
