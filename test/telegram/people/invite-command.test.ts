import { run } from "@grammyjs/runner";
import { Bot } from "grammy";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Failure } from "../../../src/demo/telegram/faults.ts";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openPeople, type People } from "../../../src/store/people/people.ts";
import { createInviteCommand } from "../../../src/telegram/people/invite-command.ts";
import { finish, handledResult } from "../../../src/telegram/access/outcome.ts";
import { until } from "../../support/until.ts";
import { openTables } from "../../support/store.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:invite-command-test";
const ADMIN = 11;

let telegram: Telegram;
let database: Database;
let people: People;
let outcomes: (string | undefined)[];
let failures: unknown[];
let stopBot: () => Promise<void>;

beforeEach(async () => {
  [outcomes, failures] = [[], []];
  telegram = await startTelegram({ token: TOKEN });
  telegram.addPrivateChat({ id: ADMIN, firstName: "Aino" });
  database = await openTables();
  people = await openPeople(database, { adminIds: [ADMIN], now: Date.now });
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const { run: invite } = createInviteCommand({ people, timeZoneOf: () => "UTC", now: Date.now });
  bot.command("invite", async (ctx, next) => {
    try {
      await finish(ctx, await invite?.(ctx, ctx.match, next));
    } finally {
      outcomes.push(handledResult(ctx));
    }
  });
  bot.catch(({ error }) => void failures.push(error));
  const runner = run(bot);
  stopBot = async () => {
    await runner.stop();
    await until("all updates are handled", () => runner.size() === 0);
  };
});
afterEach(async () => {
  await stopBot();
  await telegram.stop();
  await database.close();
});

it.each<[string, Failure]>([
  ["refuses the picture", { status: 400, description: "Bad Request: IMAGE_PROCESS_FAILED" }],
  ["asks to wait", { status: 429, description: "Too Many Requests: retry after 9", retryAfterSeconds: 9 }],
  ["is cut off, so that nobody knows whether it was shown", "dropAfter"],
])("leaves no invitation open when Telegram %s, and leaves the others alone", async (_, failure) => {
  telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/invite viewer 7d" });
  await until("one is shown", () => outcomes.length === 1);
  telegram.fault({ method: "sendPhoto", failure });
  telegram.say({ chatId: ADMIN, userId: ADMIN, text: "/invite admin 1h" });
  await telegram.waitFor(() =>
    telegram.messages(ADMIN).find(({ text }) => text.startsWith("The invitation could not be shown")),
  );
  await until("it is over", () => outcomes.length === 2);
  expect(outcomes).toEqual(["done", "not shown"]);
  expect((await people.invitations.list()).map(({ role }) => role)).toEqual(["viewer"]);
  // What went wrong is for the log.
  expect(failures).toHaveLength(1);
});
