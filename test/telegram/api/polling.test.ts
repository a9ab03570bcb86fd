import { Bot } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import { systemClock } from "../../../src/lib/time/clock.ts";
import { createPace } from "../../../src/pace/pace.ts";
import type { Inbox } from "../../../src/telegram/api/inbox.ts";
import { createApiHealth, type ApiHealth } from "../../../src/telegram/api/api-health.ts";
import { RIVAL_GONE_MS } from "../../../src/telegram/api/reception.ts";
import { createPolling } from "../../../src/telegram/api/polling.ts";
import type { Updates } from "../../../src/telegram/api/updates.ts";
import { openInbox, through } from "../../support/inbox.ts";
import { collectingLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token";

let telegram: Telegram;
let apiHealth: ApiHealth;
let polling: Updates;
let inbox: Inbox;
let heard: string[];
let readies: number;
/** How far the clock was moved on. */
let ahead: number;
let mayAct: boolean;
let logged: ReturnType<typeof collectingLog>;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  telegram.addPrivateChat({ id: 11, firstName: "Aino" });
  heard = [];
  readies = 0;
  ahead = 0;
  mayAct = true;
  logged = collectingLog();
  inbox = await openInbox();
  const bot = through(inbox, new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) }));
  apiHealth = createApiHealth({
    clock: { ...systemClock, now: () => Date.now() + ahead },
    pace: createPace({ isOn: false, clock: systemClock }),
    comeback: { note: () => undefined },
    mayAct: () => mayAct,
    log: logged.log,
  });
  bot.api.config.use(apiHealth.transformer);
  bot.on("message:text", (ctx) => void heard.push(ctx.message.text));
  polling = createPolling({
    bot,
    inbox,
    log: logged.log,
    retryMs: 50,
    onReady: async () => {
      await bot.api.setMyCommands([]);
      readies += 1;
    },
  });
});
afterEach(async () => {
  await polling.stop();
  await telegram.stop();
});

describe("polling", () => {
  it("tells Telegram what it heard before it stops, so that the next run does not hear it again", async () => {
    telegram.say({ chatId: 11, text: "before" });
    polling.start();
    // The poll that would tell it does not get there.
    await until("polled", () => telegram.calls.some(({ method }) => method === "getUpdates"));
    telegram.fault({ method: "getUpdates", failure: "drop" });
    await until("heard", () => heard.length === 1);
    await polling.stop();
    const bot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
    expect(await bot.api.getUpdates({ timeout: 0 })).toEqual([]);
  });

  it("takes nothing of what a poll brings that ends while another process may be the active one: Telegram sends it again", async () => {
    polling.start();
    await until(
      "a poll waits",
      () => apiHealth.status().isUp && telegram.calls.some(({ method }) => method === "getUpdates"),
    );
    mayAct = false;
    telegram.say({ chatId: 11, text: "meanwhile" });
    await until("it came to nothing", () => !apiHealth.status().isUp);
    expect([heard, await inbox.left()]).toEqual([[], []]);
    mayAct = true;
    await until("heard", () => heard.length === 1);
    expect(heard).toEqual(["meanwhile"]);
  });

  it("hears what was said before and after it began", async () => {
    telegram.say({ chatId: 11, text: "before" });
    polling.start();
    await until("heard", () => heard.length === 1);
    telegram.say({ chatId: 11, text: "after" });
    await until("heard", () => heard.length === 2);
    expect(heard).toEqual(["before", "after"]);
    expect(apiHealth.status()).toMatchObject({ isUp: true, error: null });
    expect(readies).toBe(1);
  });

  it.each([
    ["its token is refused for a while", { status: 401, description: "Unauthorized" }],
    ["a front end answers with a page", "html"],
    ["the connection breaks", "drop"],
  ] as const)("goes on after %s, and says so meanwhile", async (_, failure) => {
    polling.start();
    await until("up", () => apiHealth.status().isUp);
    const lift = telegram.fault({ method: "getUpdates", failure, times: Infinity });
    telegram.say({ chatId: 11, text: "wakes the poll that waits" });
    await until("told", () => apiHealth.status().error !== null);
    if (typeof failure === "object") expect(apiHealth.status().error).toBe(`${failure.status} ${failure.description}`);
    expect(apiHealth.status().isUp).toBe(false);
    lift();
    telegram.say({ chatId: 11, text: "again" });
    await until("heard", () => heard.includes("again"));
    expect(apiHealth.status()).toMatchObject({ isUp: true, error: null });
  });

  it.each([
    ["as it starts", "getMe"],
    ["later", "getUpdates"],
    ["while it registers the commands", "setMyCommands"],
  ])(
    "of a token that is refused %s, the log says what is to be done, and of no try that cannot help",
    async (_, method) => {
      telegram.fault({ method, failure: { status: 401, description: "Unauthorized" }, times: 3 });
      polling.start();
      const tries = () => telegram.calls.filter((call) => call.method === method).length;
      await until("it was refused three times, and then not", () => tries() > 3 && readies === 1);
      const lines = logged.lines().map(({ msg }) => msg);
      expect(new Set(lines)).toEqual(
        new Set(["Telegram refuses the token: nothing can be shown until TELEGRAM_BOT_TOKEN is right"]),
      );
    },
  );

  it("says for as long as a rival fetches, too, that people's words do not all come: also when a call between succeeds", async () => {
    const rivalBot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
    polling.start();
    await until("up", () => apiHealth.status().isUp);
    while (apiHealth.status().receiving === null) await rivalBot.api.getUpdates({ timeout: 1 }).catch(() => undefined);
    expect(apiHealth.status()).toMatchObject({ isUp: true, error: null });
    expect(apiHealth.status().receiving).toMatch(/^another program with the same bot token takes/);
    expect(apiHealth.status().receiving).toContain("409 Conflict: terminated by other getUpdates request");

    // The rival does not come again, but who knows: the poll that brings a command is no sign of that.
    telegram.say({ chatId: 11, text: "/status" });
    await until("heard", () => heard.includes("/status"));
    const fetched = telegram.calls.filter(({ method }) => method === "getUpdates").length;
    telegram.say({ chatId: 11, text: "more" });
    await until("fetched again", () => telegram.calls.filter((call) => call.method === "getUpdates").length > fetched);
    expect(apiHealth.status().receiving).not.toBeNull();
    ahead = RIVAL_GONE_MS;
    expect(apiHealth.status().receiving).toBeNull();
  });

  it("says that a webhook which another program sets takes the words away, and takes it back", async () => {
    polling.start();
    await until("polled", () => telegram.calls.some(({ method }) => method === "getUpdates"));
    const rivalBot = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
    await rivalBot.api.setWebhook("http://127.0.0.1:9/stolen");
    await until("told", () => apiHealth.status().receiving?.includes("409 Conflict"));
    telegram.say({ chatId: 11, text: "back" });
    await until("heard", () => heard.includes("back"));
    expect(apiHealth.status().receiving).not.toBeNull();
  });

  it("fetches a flood by the hundred, so that whoever comes after it need not wait for long", async () => {
    for (let i = 0; i < 2_000; i++) telegram.say({ chatId: 11, text: `flood ${i}` });
    polling.start();
    await until("heard", () => heard.length === 2_000);
    expect(telegram.calls.filter(({ method }) => method === "getUpdates").length).toBeLessThanOrEqual(22);
  });

  it("begins as soon as a Telegram that was away is back", async () => {
    const lift = telegram.fault({ method: "getMe", failure: "drop", times: Infinity });
    telegram.say({ chatId: 11, text: "waiting" });
    polling.start();
    await until("down", () => apiHealth.status().error !== "not connected yet");
    expect(apiHealth.status().isUp).toBe(false);
    lift();
    await until("heard", () => heard.length === 1);
  });

  it("never tells the token", async () => {
    telegram.fault({ method: "*", failure: "drop", times: Infinity });
    polling.start();
    await until("down", () => apiHealth.status().error !== "not connected yet");
    expect(apiHealth.status().error).not.toContain(TOKEN);
  });
});
