import { readFileSync } from "node:fs";
import { Secret, TOTP } from "otpauth";
import { expect, it } from "vitest";
import { until } from "../support/until.ts";
import { HOT, labelsOf, openScene, type Scene, type Shown } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER, STRANGER } from "../support/world.ts";

const NEW_GROUP = -1_050;

/** An admin's invitation, and the code in its link. */
async function invite(s: Scene, text = "/invite operator 24h"): Promise<{ message: Shown; code: string }> {
  const asked = s.say(ADMIN, text);
  const answers = (): Shown[] => s.said(ADMIN).filter(({ messageId }) => messageId > asked);
  // Something of the program's own may come before it.
  const message = await until("it is shown", () => answers().find(({ photo }) => photo !== null)).catch(() => {
    throw new Error(
      `no invitation, but: ${answers()
        .map((answer) => answer.text)
        .join(" | ")}`,
    );
  });
  const code = /https:\/\/t\.me\/valvomo_demo_bot\?start=([\w-]+)/.exec(message.caption ?? "")?.[1] ?? "";
  return { message, code };
}

it("come in by a link that works once; what they may do then, they may do at once", async () => {
  const s = await openScene();
  await until("it says where the bot is, and to whom it cannot write", () =>
    s.app.log.some(({ bot, admins }) => bot === "t.me/valvomo_demo_bot" && JSON.stringify(admins) === `[${ADMIN}]`),
  );
  const { message, code } = await invite(s);
  expect(message.photo?.width).toBe(message.photo?.height);
  expect(message.caption).toContain("whoever opens it first becomes an operator");
  s.say(STRANGER, "/status", { userId: STRANGER });
  const welcome = await s.ask(STRANGER, `/start ${code}`, { userId: STRANGER });
  expect(welcome.text).toContain("You are an operator");
  const question = await s.see(STRANGER, "Send you alarms here");
  expect((await s.ask(STRANGER, "/status", { userId: STRANGER })).text).toContain("Broker");
  expect((await s.ask(STRANGER, `/start ${code}`, { userId: STRANGER })).text).toBe(
    "This invitation has been used already: each lets in one person. You are still an operator.",
  );
  // Neither on disk nor in the log: only its hash.
  expect(readFileSync(s.app.databasePath).includes(code)).toBe(false);
  expect(readFileSync(`${s.app.databasePath}-wal`).includes(code)).toBe(false);
  expect(JSON.stringify(s.app.log)).not.toContain(code);

  await s.press(question, "Yes, send me alarms", STRANGER);
  await s.see(STRANGER, "All alarms come here from now on");
  await s.warn(HOT);
  expect(await s.press(await s.see(STRANGER, "Coil hot"), "Acknowledge", STRANGER)).toBe("Acknowledged #1.");
  await s.see(GROUP, "Acknowledged by Mallory");
  // Once removed, the same moment: silence, no alarms, and the number is all that remains where they were.
  const list = await s.ask(ADMIN, "/people");
  expect(list.text.split("\n").slice(1).join("\n")).toMatch(
    /^\d Aino · admin \(by TELEGRAM_ADMIN_IDS\) · seen \d s ago\n\d Boris · operator · seen .*\n\d Mallory · operator/,
  );
  const number = /(\d) Mallory/.exec(list.text)?.[1] ?? "";
  await s.press(list, `${number} Mallory`);
  const before = s.said(STRANGER).length;
  // Whoever goes may hold another link.
  await invite(s, "/invite viewer 7d");
  expect(await s.press(await s.seeIn(list, "Joined"), "Remove at once")).toMatch(
    /^Mallory has no role any more\. Whoever has the link of an open invitation can come in: viewer, by Aino, until /,
  );
  await s.seeIn(list, "/invite off takes all of them back.");
  s.say(STRANGER, "/status", { userId: STRANGER });
  await s.warn({ ...HOT, id: "second", message: "Pump leaks" });
  await s.see(GROUP, "Pump leaks");
  expect((await s.ask(ADMIN, `/people ${number} viewer`)).text).toBe(`I know nobody with the number ${number}.`);
  expect(s.said(STRANGER)).toHaveLength(before);

  const audit = (await s.ask(ADMIN, "/audit 7d")).text;
  for (const line of [
    /Aino: \/invite operator 24h → done/,
    /Mallory: stranger a message → silence/,
    /Mallory: join invited by person \d → operator now/,
    /Mallory: join → wrong code/,
    /Mallory: button ack #1 → done/,
    new RegExp(`Aino: button role ${number}:none → removed`),
    new RegExp(`Aino: /people ${number} viewer → not done`),
  ]) {
    expect(audit).toMatch(line);
  }
  s.say(ADMIN, "/audit 7d file");
  const file = await s.telegram.waitFor(() =>
    s.said(ADMIN).find(({ document }) => document?.fileName.endsWith(".csv")),
  );
  expect(file.caption).toBe("Times in the file are UTC.");
  expect(Buffer.from(file.document?.bytes ?? []).toString()).toMatch(
    /^time,person,name,place,action,details,result\n.*Z,\d,Aino,private,\/audit,7d,done/,
  );
});

it("are forgotten: a pseudonym stands for them, and what is theirs alone goes", async () => {
  const s = await openScene();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  await s.press(card, "Acknowledge", OTHER);
  await s.seeIn(card, "Acknowledged by Boris");
  s.say(GROUP, "The fan was off", { userId: OTHER, replyTo: card.messageId });
  await s.seeIn(card, "The fan was off");
  const number = /(\d) Boris/.exec((await s.ask(ADMIN, "/people")).text)?.[1] ?? "";
  expect((await s.ask(ADMIN, "/forget 1234")).text).toContain("Whom?");
  const question = await s.ask(ADMIN, `/forget ${number}`);
  await s.press(question, `Forget person ${number}`);
  await s.seeIn(question, "is forgotten");
  await s.seeIn(card, `Acknowledged by person ${number}`);
  expect((await s.seeIn(card, "The fan was off")).text).not.toContain("Boris");
  const told = [await s.ask(ADMIN, "/alarm 1"), await s.ask(ADMIN, "/audit 1d"), await s.ask(ADMIN, "/people")];
  expect(told.map(({ text }) => text).join("\n")).not.toContain("Boris");
  expect(told[1]?.text).toContain(`person ${number} in group ${GROUP}: button ack`);
  expect(await s.press(card, "Why?", OTHER)).toBe("Only people whom an admin has invited can press this.");
  expect((await s.ask(ADMIN, "/forget 2")).text).toMatch(/Whom\?|TELEGRAM_ADMIN_IDS/);
});

it("are locked out after five wrong codes, which all admins and nobody else are told; also over a restart", async () => {
  const cecilia = { id: 13, firstName: "Cecilia" };
  const s = await openScene({
    people: [{ id: cecilia.id, name: "Cecilia", role: "admin" }],
    prepare: (telegram) => telegram.addPrivateChat(cecilia),
  });
  const { code } = await invite(s);
  for (let i = 0; i < 5; i++) s.say(STRANGER, `/start wrong${i}`, { userId: STRANGER });
  const card = await s.see(ADMIN, "gave five wrong invitation codes");
  // Neither by the name that they chose nor by the number that Telegram knows them by.
  expect(card.text).toMatch(/Person \d+ gave five/);
  expect(card.text).not.toMatch(new RegExp(`Mallory|${STRANGER}`));
  await s.see(cecilia.id, "gave five wrong invitation codes");
  expect(s.said(GROUP)).toEqual([]);
  await s.app.stop();
  await s.start();
  s.say(STRANGER, "/start wrong6", { userId: STRANGER });
  expect((await s.ask(ADMIN, "/audit 1h")).text.match(/wrong code/g)).toHaveLength(5);
  expect(s.said(STRANGER)).toEqual([]);
  // That keeps nobody out who has a good one.
  expect((await s.ask(STRANGER, `/start ${code}`, { userId: STRANGER })).text).toContain("You are an operator");
});

it("come in by a good code whatever ten strangers do, who get no answer", async () => {
  const strangers = Array.from({ length: 10 }, (_, i) => ({ id: 1_000 + i, firstName: `S${i}` }));
  const s = await openScene({
    prepare(telegram) {
      for (const person of strangers) telegram.addPrivateChat(person);
    },
  });
  const { code } = await invite(s);
  for (const { id } of strangers) for (let i = 0; i < 6; i++) s.say(id, `/start ${"x".repeat(31)}${i}`, { userId: id });
  await s.see(ADMIN, "Fifty wrong invitation codes came within an hour");
  expect((await s.ask(STRANGER, `/start ${code}`, { userId: STRANGER })).text).toContain("You are an operator");
  for (const { id } of strangers) expect(s.said(id)).toEqual([]);
});

it("do not bring groups in, unless an admin takes the bot there and says so", async () => {
  const members = [
    { id: ADMIN, firstName: "Aino" },
    { id: OTHER, firstName: "Boris" },
    { id: STRANGER, firstName: "Mallory" },
  ];
  const s = await openScene({
    prepare(telegram) {
      telegram.addGroup({ id: NEW_GROUP, title: "Hall 7", members });
      telegram.block(NEW_GROUP);
    },
  });
  const alarm = async (id: string): Promise<void> => {
    await s.warn({ ...HOT, id, message: `Machine ${id} hot` });
    await s.see(GROUP, `Machine ${id} hot`);
  };
  s.telegram.addBot(NEW_GROUP, STRANGER);
  await until("turned away", () => s.app.log.some(({ msg, chatId }) => msg === "not served" && chatId === NEW_GROUP));
  s.say(NEW_GROUP, "/status", { userId: OTHER });
  await alarm("one");
  expect(s.said(NEW_GROUP)).toEqual([]);
  // What an admin writes is answered with the question, and nothing of the plant is shown before it is answered.
  const offer = await s.ask(NEW_GROUP, "/status");
  expect(offer.text).toContain("Send alarms to this group?");
  expect(await s.press(offer, "Join", OTHER)).toBe(
    "Only an admin may do that here; you are an operator. Ask an admin.",
  );
  expect(await s.press(offer, "Join")).toBe("");
  await s.seeIn(offer, "This group has joined. All alarms come here from now on");
  await alarm("two");
  const card = await s.see(NEW_GROUP, "Machine two hot");
  expect(await s.press(card, "Acknowledge", STRANGER)).toBe("Only people whom an admin has invited can press this.");
  expect(await s.press(card, "Acknowledge", OTHER)).toBe("Acknowledged #2.");
  await s.app.stop();
  await s.start();
  await alarm("three");
  await s.see(NEW_GROUP, "Machine three hot");
  expect((await s.ask(GROUP, "/leave")).text).toContain("named in TELEGRAM_ALARM_CHAT_IDS");
  const leaving = await s.ask(NEW_GROUP, "/leave");
  expect(leaving.text).toBe("Stop all alarms to this group?");
  expect(await s.press(leaving, "No more alarms", OTHER)).toContain("Only an admin may do that here");
  await s.press(leaving, "No more alarms");
  await s.seeIn(leaving, "No alarms come here any more.");
  await s.telegram.waitFor(() => s.telegram.calls.some(({ method }) => method === "leaveChat"));
  await alarm("four");
  expect(s.said(NEW_GROUP).filter(({ text }) => text.includes("four"))).toEqual([]);
  s.telegram.addBot(NEW_GROUP, ADMIN);
  const again = await s.see(NEW_GROUP, "Send alarms to this group");
  expect(labelsOf(again)).toEqual(["Join", "No, leave"]);
  // As the README says, for who wants to name the group somewhere.
  expect((await s.ask(ADMIN, "/audit 1h")).text).toContain(`in group ${NEW_GROUP}: bot taken in → done`);
  await s.press(again, "No, leave");
  await s.seeIn(again, "Good-bye.");
});

it("who are admins need their second factor, where it is set up", async () => {
  const secret = new Secret({ size: 20 });
  const s = await openScene({ settings: { TELEGRAM_ADMIN_TOTP: `${ADMIN}:${secret.base32}` } });
  expect((await s.ask(ADMIN, "/invite viewer 1h")).text).toContain("your six digits in private first");
  expect((await s.ask(ADMIN, "/status")).text).toContain("Broker");
  expect((await s.ask(GROUP, "/code 123456")).text).toContain("Others can read that here");
  expect((await s.ask(ADMIN, "/code 000000")).text).toContain("That code is wrong");
  const code = new TOTP({ secret }).generate();
  const right = await s.ask(ADMIN, `/code ${code}`);
  expect(right.text).toBe("Right. Admin actions work for 10 min.");
  // The message with the code is gone from the chat.
  expect(s.telegram.messages(ADMIN).filter(({ text }) => text.includes(code))).toEqual([]);
  expect((await invite(s, "/invite viewer 1h")).code).toHaveLength(32);
  const audit = (await s.ask(ADMIN, "/audit 1h")).text;
  expect(audit).toContain("/invite viewer 1h → denied: needs the second factor");
  expect(audit).not.toContain(code);
  expect(readFileSync(s.app.databasePath).includes(code)).toBe(false);
});

it("who are in a hurry hold up nobody else", async () => {
  const s = await openScene();
  for (let i = 0; i < 60; i++) s.say(GROUP, "/alarms", { userId: OTHER });
  expect((await s.see(GROUP, "That was a lot at once. Wait")).text).toMatch(/Wait \d+ s\.$/);
  expect((await s.ask(ADMIN, "/alarms")).text).toContain("No alarm is active.");
});
