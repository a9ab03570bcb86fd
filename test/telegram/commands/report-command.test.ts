import { Bot } from "grammy";
import { run } from "@grammyjs/runner";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import { openReportStore, type ReportStore } from "../../../src/reports/report-store.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { createKeyValue } from "../../../src/store/sql/key-value.ts";
import { createReportCommand } from "../../../src/telegram/commands/report-command.ts";
import { until } from "../../support/until.ts";
import { finish } from "../../../src/telegram/access/outcome.ts";
import { collectingLog, silentLog } from "../../support/log.ts";
import { openTables } from "../../support/store.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:report-command-test";
const AINO = 11;
const FORUM = -1_001_000_000_007;
const NOW = Date.parse("2026-11-23T13:00:00Z");

let telegram: Telegram;
let database: Database;
let store: ReportStore;
let stopBot: () => Promise<void>;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  const aino = { id: AINO, firstName: "Aino" };
  telegram.addPrivateChat(aino);
  telegram.addGroup({ id: FORUM, title: "Hall 6", members: [aino], isForum: true, threadIds: [5] });
  database = await openTables();
  store = await openReportStore(createKeyValue(database), silentLog);
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const command = createReportCommand({ store, timeZoneOf: () => "Europe/Helsinki", now: () => NOW });
  bot.command(command.name, async (ctx, next) => finish(ctx, await command.run?.(ctx, ctx.match, next)));
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

/** What the bot answers. */
async function ask(text: string, where: { chatId?: number; userId?: number; threadId?: number } = {}): Promise<string> {
  const chatId = where.chatId ?? AINO;
  const answers = () => telegram.messages(chatId).filter(({ from }) => from === "bot");
  const before = answers().length;
  telegram.say({ chatId, text, ...where });
  return telegram.waitFor(() => answers()[before]?.text);
}

it("leaves a plan as it is that it does not understand, and says so; the others go on", async () => {
  const keyValue = createKeyValue(database);
  const plan = { chatId: AINO, threadId: null, schedule: { minute: 930, weekday: 1 }, sentAt: NOW };
  const newer = { chatId: 12, schedule: "every full moon" };
  await keyValue.write("reports", [newer, plan]);
  const { log, lines } = collectingLog();
  const opened = await openReportStore(keyValue, log);
  expect(opened.all()).toEqual([plan]);
  expect(lines().map(({ msg }) => msg)).toEqual(["could not read the plan of a report: it is not sent"]);
  await opened.save(AINO, null);
  expect(await keyValue.read("reports")).toEqual([newer]);
});

it("sets, shows and ends it, also over a restart", async () => {
  expect(await ask("/report")).toContain("This chat gets no reports. Write /report daily 07:00");
  expect(await ask("/report daily 07:00")).toContain(
    "A report comes each day at 07:00 (Europe/Helsinki), the next one at 2026-11-24 07:00:00 EET.",
  );
  expect(await ask("/report weekly MON 15:30")).toContain(
    "each Monday at 15:30 (Europe/Helsinki), the next one at 15:30:00",
  );
  const plan = { chatId: AINO, threadId: null, schedule: { minute: 930, weekday: 1 }, sentAt: NOW };
  expect((await openReportStore(createKeyValue(database), silentLog)).all()).toEqual([plan]);
  expect(await ask("/report")).toContain("each Monday at 15:30");
  expect(await ask("/report off")).toContain("This chat gets no reports.");
  expect((await openReportStore(createKeyValue(database), silentLog)).all()).toEqual([]);
});

it("says how to write it, and leaves what was", async () => {
  await ask("/report daily 07:00");
  expect(await ask("/report daily 25:00")).toContain("I cannot read at what time. Write /report daily 07:00");
  expect(store.all()).toHaveLength(1);
});

it("remembers the thread", async () => {
  await ask("/report daily 07:00", { chatId: FORUM, userId: AINO, threadId: 5 });
  expect(store.all().map(({ chatId, threadId }) => [chatId, threadId])).toEqual([[FORUM, 5]]);
});
