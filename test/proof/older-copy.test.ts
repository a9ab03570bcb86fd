import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openScene } from "../support/scene.ts";
import { ADMIN } from "../support/world.ts";

const UNKNOWN = "I do not know this message any more. Use a newer one, or ask again: /alarms";

it("after an older copy of the database is restored, no button of what came since acts on anything, and that is noticed and told", async () => {
  const s = await openScene({ settings: { TELEGRAM_ALARM_CHAT_IDS: String(ADMIN) } });
  const warn = (name: string) => s.warn({ id: name, message: `Alarm ${name}.`, severity: "error" });
  const { databasePath } = s.app;
  await warn("a");
  const first = await s.see(ADMIN, "Alarm a.");
  expect(await s.app.stop()).toBe(0);
  const copy = readFileSync(databasePath);

  await s.start();
  await warn("b");
  const second = await s.see(ADMIN, "Alarm b.");
  await warn("c");
  const third = await s.see(ADMIN, "Alarm c.");
  const answer = await s.ask(ADMIN, "/alarm 2");
  const list = await s.ask(ADMIN, "/alarms");
  await s.press(list, "Close…");
  await s.buttonsOf(list, "False alarm");
  await s.press(list, "False alarm");
  await s.seeIn(list, "Which are over?");
  await s.app.stop();

  // On another machine: nothing is beside it that tells.
  writeFileSync(databasePath, copy);
  rmSync(`${databasePath}.numbers`);
  await s.start();
  await warn("d");
  await s.see(ADMIN, "Alarm d.");
  // It has the number that b had.
  for (const [message, label] of [
    [second, "Acknowledge"],
    [second, "Why?"],
    [answer, "Acknowledge"],
    [list, "Close #2"],
    [list, "Close all 3 of these"],
  ] as const)
    expect(await s.press(message, label)).toBe(UNKNOWN);
  const shown = (await s.ask(ADMIN, "/alarm 2")).text;
  expect(shown).toContain("Alarm d.");
  expect(shown).not.toMatch(/[Aa]cknowledged|[Cc]losed/);
  expect(await s.press(first, "Acknowledge")).toBe("Acknowledged #1.");

  // One that was never given out.
  expect(await s.press(third, "Acknowledge")).toBe(UNKNOWN);
  const told = await s.see(ADMIN, "The database is an older copy", 20_000);
  expect(told.text).toContain("chats have seen alarms up to 3, it knows them up to 2.");
  await warn("e");
  expect((await s.see(ADMIN, "Alarm e.")).text).toMatch(/#100\d/);

  // And in its own place.
  await s.app.stop();
  writeFileSync(databasePath, copy);
  await s.start();
  const again = await s.see(ADMIN, "it knows them up to 1.", 20_000);
  expect(again.text).toMatch(/chats have seen alarms up to 100\d/);
  await warn("f");
  expect((await s.see(ADMIN, "Alarm f.")).text).toMatch(/#200\d/);
}, 60_000);
