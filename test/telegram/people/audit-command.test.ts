import { Bot } from "grammy";
import { run } from "@grammyjs/runner";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import { openAudit } from "../../../src/store/people/audit.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openPeople } from "../../../src/store/people/people.ts";
import { createAuditCommand } from "../../../src/telegram/people/audit-command.ts";
import { until } from "../../support/until.ts";
import { finish } from "../../../src/telegram/access/outcome.ts";
import { openTables } from "../../support/store.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:audit-command-test";
const AINO = { userId: 11, name: '=Aino, "the" first' };
const NOW = Date.UTC(2026, 10, 24, 3);
const COUNT = 5_001;

let telegram: Telegram;
let database: Database;
let stopBot: () => Promise<void>;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  telegram.addPrivateChat({ id: AINO.userId, firstName: "Aino" });
  database = await openTables();
  let at = NOW - 48 * 3_600_000;
  const audit = openAudit(database, () => at);
  const people = await openPeople(database, { adminIds: [], now: () => at });
  const personId = await people.meet(AINO);
  const line = { personId, groupId: -7, result: "done" };
  await audit.append({ ...line, action: "/old", details: "" });
  at = NOW;
  await Promise.all(
    Array.from({ length: COUNT }, (_, i) => audit.append({ ...line, action: "/shelve", details: `${i} 4h` })),
  );
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const command = createAuditCommand({ audit, timeZoneOf: () => "UTC", now: () => NOW });
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

async function ask(text: string) {
  const asked = telegram.say({ chatId: AINO.userId, text });
  return telegram.waitFor(() => telegram.messages(AINO.userId).find(({ messageId }) => messageId > asked), 10_000);
}

it("of thousands of lines, a message has the newest and counts the others; a file has them all", async () => {
  const { text } = await ask("/audit 24h");
  const lines = text.split("\n");
  // Nothing to be tapped and so done again, but in the line that says how to go on.
  const { entities } = telegram.messages(AINO.userId).at(-1) ?? {};
  expect(entities?.filter(({ type }) => type === "bot_command")).toHaveLength(1);
  expect(text.length).toBeLessThanOrEqual(4_096);
  expect(lines[1]).toBe(`03:00:00 · 1 ${AINO.name} in group -7: /shelve ${COUNT - 1} 4h → done`);
  expect(lines.at(-1)).toBe(`+${COUNT - (lines.length - 2)} more`);

  const { document } = await ask("/audit 24h file");
  const rows = Buffer.from(document?.bytes ?? [])
    .toString()
    .trimEnd()
    .split("\n");
  expect(document?.fileName).toBe("valvomo-audit-2026-11-24.csv");
  expect(rows).toHaveLength(COUNT + 1);
  // No name is a formula in a spreadsheet.
  expect(rows[1]).toBe(`2026-11-24T03:00:00.000Z,1,"'=Aino, ""the"" first",group -7,/shelve,${COUNT - 1} 4h,done`);
  expect(rows.at(-1)).toContain(",0 4h,done");
  expect((await ask("/audit 7d")).text).toContain(`+${COUNT + 1 - (lines.length - 2)} more`);
});

it("is asked for by a time that makes sense", async () => {
  for (const text of ["/audit 0h", "/audit 367d"])
    expect((await ask(text)).text).toMatch(/^I cannot look back “\w+”. Write/);
  for (const text of ["/audit yesterday", "/audit 7d files"])
    expect((await ask(text)).text).toMatch(/^I cannot read “[\w ]+” as a length of time. Write/);
});
