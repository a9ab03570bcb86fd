import { expect, it } from "vitest";
import { labelsOf, openScene } from "../support/scene.ts";
import { ADMIN, GROUP, OTHER } from "../support/world.ts";

const TOPICS = ["Plots", "Alarms", "Quiet and reports", "People", "Plant"];

it("is five topics to press, each in the same message, with what this person may do there", async () => {
  const s = await openScene();
  const help = await s.ask(ADMIN, "Help");
  expect(labelsOf(help)).toEqual(TOPICS);
  expect(
    help.text
      .split("\n")
      .slice(1, 6)
      .map((line) => line.split(":")[0]),
  ).toEqual(TOPICS);

  await s.press(help, "People");
  const people = await s.seeIn(help, "Who may do what");
  expect(people.text).toContain("· /people 7 operator");
  expect(people.text).not.toContain("/plot");
  expect(labelsOf(people)).toEqual(TOPICS.filter((topic) => topic !== "People"));

  await s.press(help, "Plots");
  expect((await s.seeIn(help, "Draw a measurement")).text).toContain("· /plot 24h");
});

it("leaves out what nobody may do there, and tells a press what its own person may", async () => {
  const s = await openScene();
  const his = await s.ask(GROUP, "/help", { userId: OTHER });
  expect(labelsOf(his)).toEqual(["Plots", "Alarms", "People", "Plant"]);
  const hers = await s.ask(GROUP, "/help");
  await s.press(hers, "Quiet and reports", OTHER);
  await s.seeIn(hers, "Nothing of this is yours to do in this chat.");
  await s.press(hers, "Plant");
  await s.press(hers, "People");
  expect((await s.seeIn(hers, "/leave")).text).not.toMatch(/\/(people|invite|audit|forget)\b/);
  expect((await s.ask(GROUP, "/help ALARMS", { userId: OTHER })).text).toMatch(/^Alarms\n/);

  // From when the bot is an administrator, who may not do something is told so alone.
  const refused = async () => (await s.ask(GROUP, "/quiet off", { userId: OTHER })).receiverId;
  expect(await refused()).toBeUndefined();
  s.telegram.setBotAdmin(GROUP, true);
  expect(await refused()).toBe(OTHER);
});

it("turns the page also where Telegram has forgotten the press", async () => {
  const s = await openScene();
  const help = await s.ask(ADMIN, "/help");
  const description = "Bad Request: query is too old and response timeout expired or query ID is invalid";
  s.telegram.fault({ method: "answerCallbackQuery", failure: { status: 400, description } });
  s.telegram.press({ chatId: ADMIN, userId: ADMIN, messageId: help.messageId, label: "Plots" });
  expect((await s.seeIn(help, "Draw a measurement")).text).toMatch(/^Plots\n/);
});

it("has a topic by its word, and says which there are", async () => {
  const s = await openScene();
  expect((await s.ask(ADMIN, "/help quiet")).text).toMatch(/^Quiet and reports\n/);
  expect((await s.ask(ADMIN, "/help constructor")).text).toBe(
    "There is no help on that. Topics are /help plots, /help alarms, /help quiet, /help people, /help plant",
  );
});

it("begins with three things that somebody can do now", async () => {
  const s = await openScene();
  expect((await s.ask(ADMIN, "/start")).text.match(/^· .*$/gm)).toEqual([
    "· press Acknowledge below a warning: the others see that you have it, and nobody else is called",
    "· see how a measurement went: Get Figure, or /plot 24h",
    "· let somebody in: /invite operator",
  ]);
  expect((await s.ask(GROUP, "/start", { userId: OTHER })).text).toContain("· see whether all is alive: Status");
});
