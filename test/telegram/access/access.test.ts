import { Api, Bot } from "grammy";
import { run } from "@grammyjs/runner";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import { createBudgets, EACH, IN_GROUPS } from "../../../src/people/budget.ts";
import type { Role } from "../../../src/people/role.ts";
import { Access } from "../../../src/telegram/access/access.ts";
import { toast } from "../../../src/telegram/access/card-buttons.ts";
import { createDenials } from "../../../src/telegram/access/denials.ts";
import { createAuditWriter } from "../../../src/telegram/access/audit-writer.ts";
import { handled } from "../../../src/telegram/access/outcome.ts";
import { createStrangers } from "../../../src/telegram/access/strangers.ts";
import { requestedActionOf } from "../../../src/telegram/people/requested-action.ts";
import { createManualClock } from "../../support/clock.ts";
import { collectingLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:access-test";
const HALL = -1_007;
const [AINO, BORIS, MALLORY] = [11, 12, 66];
const ROLES: Readonly<Record<number, Role>> = { [AINO]: "admin", [BORIS]: "operator" };

let telegram: Telegram;
let stopBot: () => Promise<void>;
let done: string[];
let lines: object[];
/** What the store answers. */
let failure: Error | null;
/** What *Shelve…* fails with. */
let fault: Error;
const { log, lines: logged } = collectingLog();

beforeEach(async () => {
  [done, lines, failure, fault] = [[], [], null, new Error("broken")];
  telegram = await startTelegram({ token: TOKEN });
  const members = [AINO, BORIS, MALLORY].map((id) => ({ id, firstName: `P${id}` }));
  telegram.addGroup({ id: HALL, title: "Hall 6", members });
  const clock = createManualClock();
  const people = {
    roleOf: (userId: number) => ROLES[userId] ?? null,
    meet: async (user: { userId: number }) => (failure ? Promise.reject(failure) : user.userId),
  };
  const audit = { append: async (line: object) => (failure ? Promise.reject(failure) : void lines.push(line)) };
  const writeAuditLine = createAuditWriter({ people, audit, log });
  const strangers = createStrangers({
    writeAuditLine,
    audit,
    isStranger: (userId) => ROLES[userId] === undefined,
    enter: async () => undefined,
    onDropped: () => undefined,
    now: clock.now,
    log,
  });
  const access = new Access({
    people,
    writeAuditLine,
    denials: createDenials({ writeAuditLine, audit, personOf: async ({ from }) => from?.id ?? 0, now: clock.now }),
    isServed: () => true,
    requestedActionOf: (ctx) => requestedActionOf(ctx, []),
    budgets: createBudgets({ ...EACH, ...clock }),
    groupBudgets: createBudgets({ ...IN_GROUPS, ...clock }),
    secondFactor: { isNeeded: () => false },
    strangers,
    offerToJoin: async () => undefined,
    log,
  });
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  bot.use((ctx, next) => access.enter(ctx, next));
  bot.callbackQuery(
    /^ack:/,
    handled(async (ctx) => {
      done.push(`${ctx.from.id} ${ctx.callbackQuery.data}`);
      return { result: "acknowledged", tell: () => toast(ctx, "Acknowledged.") };
    }),
  );
  bot.callbackQuery(/^shelve:/, () => Promise.reject(fault));
  bot.catch(() => undefined);
  const runner = run(bot);
  stopBot = async () => {
    await runner.stop();
    await until("all updates are handled", () => runner.size() === 0);
  };
  await bot.api.sendMessage(HALL, "Coil hot", {
    reply_markup: {
      inline_keyboard: [
        [
          { text: "Acknowledge", callback_data: "ack:1:1:3" },
          { text: "Shelve…", callback_data: "shelve:1:1:3:4h" },
        ],
      ],
    },
  });
});
afterEach(async () => {
  await stopBot();
  await telegram.stop();
});

const answerTo = (queryId: string) => telegram.waitFor(() => telegram.answers.get(queryId));

it("lets a critical alarm be acknowledged also when the store takes no line of the audit log, which stands in the log then", async () => {
  failure = new Error("disk full");
  const answer = await answerTo(telegram.press({ chatId: HALL, userId: BORIS, label: "Acknowledge" }));
  expect(answer.text).toBe("Acknowledged.");
  expect(done).toEqual(["12 ack:1:1:3"]);
  const line = await until("the line is logged", () =>
    logged().find(({ msg }) => msg === "a line of the audit log was lost"),
  );
  expect(line).toMatchObject({ action: "button ack", details: "#1", result: "acknowledged", userId: BORIS });
  // Who has no right to it is answered as well.
  const denied = await answerTo(telegram.press({ chatId: HALL, userId: MALLORY, label: "Acknowledge" }));
  expect(denied.text).toBe("Only people whom an admin has invited can press this.");
});

it("does what two persons press at once in the order in which they pressed", async () => {
  const presses = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? AINO : BORIS));
  const queries = presses.map((userId) => telegram.press({ chatId: HALL, userId, label: "Acknowledge" }));
  for (const query of queries) await answerTo(query);
  expect(done).toEqual(presses.map((userId) => `${userId} ack:1:1:3`));
  await until("all are noted", () => lines.length === presses.length);
});

it("says that a press came to nothing, and why, before the audit log waits for the same", async () => {
  fault = Object.assign(new Error("database is locked"), { code: "ERR_SQLITE_ERROR", errcode: 5 });
  failure = fault;
  const locked = await answerTo(telegram.press({ chatId: HALL, userId: BORIS, label: "Shelve…" }));
  expect(locked.text).toBe(
    "Not done: nothing can be stored now (another program holds its lock). Try it again in a minute.",
  );
  fault = new Error("broken");
  const broken = await answerTo(telegram.press({ chatId: HALL, userId: BORIS, label: "Shelve…" }));
  expect(broken.text).toBe("Something went wrong: it may not be done. Try again; if it stays so, tell an admin.");
});

it("takes what it did itself for no stranger's: Telegram tells it that it has pinned a board", async () => {
  for (const id of [AINO, MALLORY]) telegram.addPrivateChat({ id, firstName: `P${id}` });
  const api = new Api(TOKEN, clientOf(telegram.url, outgoing));
  const { message_id } = await api.sendMessage(AINO, "3 alarms are active");
  await api.pinChatMessage(AINO, message_id);
  telegram.say({ chatId: MALLORY, text: "hello" });
  await until("the stranger is noted", () => lines.length > 0);
  expect(lines).toEqual([expect.objectContaining({ action: "stranger", personId: MALLORY })]);
});

it("notes what failed as failed", async () => {
  telegram.press({ chatId: HALL, userId: BORIS, label: "Shelve…" });
  await until("it is noted", () => lines.length > 0);
  const line = { personId: BORIS, groupId: HALL, action: "button shelve", details: "#1 4h", result: "failed" };
  expect(lines).toEqual([line]);
});
