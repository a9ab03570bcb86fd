import { expect, it } from "vitest";
import { HOT, labelsOf, openScene, type Scene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const CHIEF = 13;

const PLANTS = `
chats: { hall: ${GROUP}, boris: ${OTHER}, chief: ${CHIEF} }
routes: [ { to: hall } ]
escalation:
  error: { remind: 1s, then: [ { after: 1s, to: boris }, { after: 1s, to: chief } ], owner: 1s }
  warning: { then: [ { after: 1s, to: chief } ] }
`;

const open = (): Promise<Scene> =>
  openScene({
    plants: PLANTS,
    people: [{ id: CHIEF, name: "Chief", role: "operator" }],
    prepare(telegram) {
      telegram.addPrivateChat({ id: OTHER, firstName: "Boris" });
      telegram.addPrivateChat({ id: CHIEF, firstName: "Chief" });
    },
  });

it("reminds, tells the next and then the next; each card shows who is next and when", async () => {
  const s = await open();
  await s.warn(HOT);
  const card = await s.see(GROUP, "Coil hot");
  expect(card.text).toMatch(/⏭ Reminder at \d\d:\d\d:\d\d EES?T/);
  const reminder = await s.see(GROUP, "⏰ Nobody has acknowledged this");
  expect(reminder).toMatchObject({ isSilent: false, replyTo: card.messageId });
  expect(reminder.text).toMatch(/⏭ Next: boris at \d\d:\d\d:\d\d EES?T/);
  await s.seeIn(card, "⤵️ Continued below");
  const passed = await s.see(OTHER, "it is passed on to you");
  expect(passed.isSilent).toBe(false);
  expect(passed.text).toMatch(/Coil hot[\s\S]*⏭ Next: chief at/);
  // Who was told before learns silently who is next.
  await s.seeIn(reminder, "⏭ Next: chief at");
  await s.see(CHIEF, "it is passed on to you");
  await s.telegram.waitFor(
    () => [GROUP, OTHER, CHIEF].every((chatId) => !s.said(chatId).at(-1)?.text.includes("⏭")),
    10_000,
  );
  expect([s.said(GROUP), s.said(OTHER), s.said(CHIEF), s.said(ADMIN)].map(({ length }) => length)).toEqual([
    2, 1, 1, 0,
  ]);
  expect((await s.ask(OTHER, "/why 1", { userId: OTHER })).text).toContain(
    "sent a card, because nobody had acknowledged it, and this chat was next",
  );
});

it("stops at an acknowledgement, at a clear and on the shelf; the owner is reminded where they took it", async () => {
  const s = await open();
  const taken = { ...HOT, id: "taken", message: "Taken" };
  const over = { ...HOT, id: "over", message: "Over" };
  const shelved = { ...HOT, id: "shelved", message: "Shelved away" };
  for (const alarm of [taken, over, shelved]) await s.warn(alarm);
  for (const { message } of [over, shelved]) await s.see(GROUP, message);
  const first = await s.see(GROUP, "Taken");
  expect(await s.press(first, "Acknowledge", OTHER)).toBe("Acknowledged #1.");
  await s.warn({ ...over, state: "cleared" });
  await s.ask(GROUP, "/shelve 3 4h");
  // What comes later goes the whole way: what came before would have been there first.
  await s.warn(HOT);
  await s.see(CHIEF, "Coil hot");
  expect([...s.said(OTHER), ...s.said(CHIEF)].filter(({ text }) => !text.includes("Coil hot"))).toEqual([]);

  const reminder = await s.see(GROUP, "this is still active.");
  expect(reminder.text).toMatch(/^⏰ Boris, this is still active\.\n🟠 ERROR · AMB 1\nTaken/);
  expect(reminder.html).toContain(`<a href="tg://user?id=${OTHER}">Boris</a>`);
  expect(reminder.isSilent).toBe(false);
  expect(labelsOf(reminder)).not.toContain("Acknowledge");
  // Again and again, until it is over; each time the old message says that it went on.
  const again = await s.telegram.waitFor(
    () =>
      s.said(GROUP).find(({ text, messageId }) => text.includes("Boris, this is") && messageId > reminder.messageId),
    10_000,
  );
  expect(again.replyTo).toBe(reminder.messageId);
  await s.seeIn(reminder, "Continued below");
  await s.warn({ ...taken, state: "cleared" });
  const cleared = await s.telegram.waitFor(
    () => s.said(GROUP).find(({ text }) => text.includes("CLEARED") && text.includes("Taken")),
    10_000,
  );
  expect(cleared.text).toContain("👤 Acknowledged by Boris");
});

it("an alarm that gets worse begins anew, by the plan of what it is now", async () => {
  const s = await open();
  const mild = { ...HOT, severity: "warning" };
  await s.warn(mild);
  const card = await s.see(GROUP, "Coil hot");
  expect(card.text).toContain("⏭ Next: chief at");
  const passed = await s.see(CHIEF, "it is passed on to you");
  await s.press(passed, "Acknowledge", CHIEF);
  await s.seeIn(card, "👤 Acknowledged by Chief");
  await s.warn(HOT);
  expect((await s.see(GROUP, "🟠 ERROR")).text).toContain("⏭ Reminder at");
  await s.see(OTHER, "it is passed on to you");
  const ring = await s.see(CHIEF, "🟠 ERROR");
  expect(ring.text).not.toContain("Acknowledged");
});
