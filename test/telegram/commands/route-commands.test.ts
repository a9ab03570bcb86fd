import { run } from "@grammyjs/runner";
import { Bot } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Route } from "../../../src/alarms/cards/route.ts";
import type { Destination } from "../../../src/alarms/types.ts";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openRoutes, type Routes } from "../../../src/store/people/routes.ts";
import { openPeople } from "../../../src/store/people/people.ts";
import { finish, handledResult } from "../../../src/telegram/access/outcome.ts";
import { createRouteCommands } from "../../../src/telegram/commands/route-commands.ts";
import { rejoined } from "../../../src/telegram/api/unlinked.ts";
import { until } from "../../support/until.ts";
import { openTables } from "../../support/store.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:route-commands-test";
const ADMIN = 11;
const OTHER = 12;
const FORUM = -1_001_000_000_007;
const HALL: Destination = { chatId: -1_001_234_567_890, threadId: 7, name: "hall6" };
const HERE: Destination = { chatId: ADMIN, threadId: null, name: "Aino" };
const FILE_ROUTE: Route = { severity: "error", sources: [], topics: ["lut/#"], to: [HALL] };

let telegram: Telegram;
let database: Database;
let routes: Routes;
let stopBot: () => Promise<void>;
/** For the audit log. */
let outcomes: (string | undefined)[];

/** The bot with the commands alone, over real sockets and a real database. */
async function start(fileRoutes: readonly Route[]): Promise<void> {
  telegram = await startTelegram({ token: TOKEN });
  const people = [
    { id: ADMIN, firstName: "Aino" },
    { id: OTHER, firstName: "Boris" },
  ];
  for (const person of people) telegram.addPrivateChat(person);
  telegram.addGroup({ id: FORUM, title: "Hall <6> & co", members: people, isForum: true, threadIds: [5] });
  outcomes = [];
  database = await openTables();
  routes = await openRoutes(database, (id) => expect.fail(`route ${id} is bad`));
  const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const commands = createRouteCommands({
    routes,
    plants: { routes: fileRoutes, chats: { hall6: HALL } },
    onChange: async () => undefined,
    placeOf: (await openPeople(database, { adminIds: [], now: () => 0 })).placeOf,
  });
  for (const { name, run } of commands)
    bot.command(name, async (ctx, next) => {
      await finish(ctx, await run?.(ctx, ctx.match, next));
      outcomes.push(handledResult(ctx));
    });
  const runner = run(bot);
  stopBot = async () => {
    await runner.stop();
    await until("all updates are handled", () => runner.size() === 0);
  };
}

beforeEach(() => start([]));
afterEach(async () => {
  await stopBot();
  await telegram.stop();
  await database.close();
});

/** What the bot answers. */
async function ask(text: string, where: { chatId?: number; userId?: number; threadId?: number } = {}): Promise<string> {
  const chatId = where.chatId ?? ADMIN;
  const answers = () => telegram.messages(chatId).filter(({ from }) => from === "bot");
  const before = answers().length;
  telegram.say({ chatId, text, ...where });
  return telegram.waitFor(() => answers()[before]?.text);
}
const stored = () => routes.list().map(({ severity, sources, topics, to }) => ({ severity, sources, topics, to }));

describe("/route", () => {
  it.each<[string, Partial<Route>]>([
    ["here", {}],
    ["error lut/# here", { severity: "error", topics: ["lut/#"] }],
    ['warning "AMB *" hall6', { sources: ["AMB *"], to: [HALL] }],
    [
      "“AMB *” „Pump 3“ a/+ + crit Hall6",
      { severity: "critical", sources: ["AMB *", "Pump 3"], topics: ["a/+", "+"], to: [HALL] },
    ],
    [
      'info "lut/#" -1009',
      { severity: "info", sources: ["lut/#"], to: [{ chatId: -1_009, threadId: null, name: "-1009" }] },
    ],
  ])("%s", async (args, expected) => {
    expect(await ask(`/route ${args}`)).toContain("Added: 1: ");
    expect(stored()).toEqual([{ severity: "warning", sources: [], topics: [], to: [HERE], ...expected }]);
  });

  it("takes the thread where it is written", async () => {
    expect(await ask("/route here", { chatId: FORUM, userId: ADMIN, threadId: 5 })).toContain(
      "Hall <6> & co (thread 5)",
    );
    expect(stored()[0]?.to).toEqual([{ chatId: FORUM, threadId: 5, name: "Hall <6> & co" }]);
  });

  it.each([
    ["", "Which alarms, and where to?"],
    ["error lut/#", "I know no chat “lut/#”."],
    ['"AMB *"', 'I know no chat “"AMB *"”.'],
    ["toString", "I know no chat “toString”."],
    ["0", "I know no chat “0”."],
    ["alarms here", "I cannot read “alarms”."],
    ["a/#/b here", "I cannot read “a/#/b”."],
    ["error warning here", "I cannot read “warning”."],
    ['"AMB here', 'I cannot read “"”.'],
    [`"${"x".repeat(300)}" here`, "is too long."],
    ["<b>x</b>", "I know no chat “<b>x</b>”."],
  ])("refuses %j and says how to write it", async (args, problem) => {
    const answer = await ask(`/route ${args}`);
    expect(rejoined(answer)).toContain(problem);
    expect(answer).toContain("/route error lut/# here");
    expect(stored()).toEqual([]);
  });

  it("says what the first route changes, once", async () => {
    expect(await ask("/route here")).toContain("from now on, alarms that no route takes go to the admins only");
    expect(await ask("/route critical hall6")).not.toContain("from now on");
  });
});

describe("/routes", () => {
  it("says what holds without any", async () => {
    expect(await ask("/routes")).toBe("There are no routes: each alarm goes to every alarm chat.");
  });

  it("counts what does not fit", async () => {
    const [source] = [`<${"&".repeat(190)}>`];
    for (let i = 0; i < 30; i++) await routes.add({ ...FILE_ROUTE, sources: [source, source] });
    const answer = await ask("/routes");
    const shown = answer.split("\n").filter((line) => line.includes(" → "));
    expect(shown).not.toEqual([]);
    expect(answer).toContain(`+${30 - shown.length} more`);
  });

  describe("with a plants file", () => {
    beforeEach(async () => {
      await stopBot();
      await telegram.stop();
      await database.close();
      await start([FILE_ROUTE]);
    });

    it("shows those of the file too, to everybody", async () => {
      expect(await ask('/route "AMB <1>" "b" a/# c critical here')).toContain("I cannot read “c”");
      expect(await ask('/route "AMB <1>" "b" a/# critical here')).not.toContain("first route");
      expect(await ask("/route info hall6")).toContain("Added: 2: all alarms → hall6 (thread 7)");
      expect((await ask("/routes", { chatId: OTHER })).split("\n").slice(1)).toEqual([
        "plants file: error and worse, on lut/# → hall6 (thread 7)",
        "1: critical, from “AMB <1>” or “b”, on a/# → Aino",
        "2: all alarms → hall6 (thread 7)",
      ]);
    });
  });
});

describe("/unroute", () => {
  it("removes a route by its number, once", async () => {
    for (const args of ["here", "error hall6"]) await ask(`/route ${args}`);
    expect(await ask("/unroute #1")).toBe("Route 1 is removed.");
    expect(await ask("/unroute 1")).toBe("There is no route 1. /routes shows them.");
    expect(await ask("/unroute all")).toContain("Which route?");
    expect(routes.list().map(({ id }) => id)).toEqual([2]);
  });
});

describe("the audit log", () => {
  it("is told where a route leads: a group and thread by number, somebody's private chat by their number among people", async () => {
    for (const args of ["critical hall6", "error 99", "error 99", "info 12"]) await ask(`/route ${args}`);
    await ask("/unroute 2");
    await ask("/unroute 9");
    await until("all are told", () => outcomes.length === 6);
    expect(outcomes).toEqual([
      `route 1 to group ${HALL.chatId} thread 7`,
      "route 2 to person 1",
      "route 3 to person 1",
      "route 4 to person 2",
      "removed, to person 1",
      "not done",
    ]);
  });
});
