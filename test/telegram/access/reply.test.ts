import { Bot } from "grammy";
import { expect, it, onTestFinished } from "vitest";
import { startTelegram } from "../../../src/demo/telegram/server.ts";
import { html } from "../../../src/telegram/api/render.ts";
import { reply } from "../../../src/telegram/access/reply.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token";

it.each([
  ["once", 1, ["<b>"]],
  ["twice", 2, []],
])("an answer whose connection breaks %s is tried a second time, and no third", async (_, times, expected) => {
  const telegram = await startTelegram({ token: TOKEN });
  onTestFinished(() => telegram.stop());
  telegram.addPrivateChat({ id: 11, firstName: "Aino" });
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  await bot.init();
  const failures: unknown[] = [];
  bot.on("message", (ctx) => reply(ctx, html`${"<b>"}`).catch((error: unknown) => void failures.push(error)));
  telegram.fault({ method: "sendMessage", failure: "drop", times });
  telegram.say({ chatId: 11, text: "hello" });
  for (const update of await bot.api.getUpdates()) await bot.handleUpdate(update);
  const answers = telegram.messages(11).filter(({ from }) => from === "bot");
  expect(answers.map(({ text }) => text)).toEqual(expected);
  expect(failures).toHaveLength(times - 1);
});
