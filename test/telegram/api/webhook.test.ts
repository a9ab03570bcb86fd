import { createHmac } from "node:crypto";
import { Bot } from "grammy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import { systemClock } from "../../../src/lib/time/clock.ts";
import { createPace } from "../../../src/pace/pace.ts";
import { createHttpServer, type HttpServer } from "../../../src/http/server.ts";
import type { Inbox } from "../../../src/telegram/api/inbox.ts";
import { createApiHealth, type ApiHealth } from "../../../src/telegram/api/api-health.ts";
import { createPolling } from "../../../src/telegram/api/polling.ts";
import { createUpdateWebhook, type UpdateWebhook } from "../../../src/telegram/api/webhook.ts";
import { freePort } from "../../support/free-port.ts";
import { openInbox, through } from "../../support/inbox.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token";

let telegram: Telegram;
let apiHealth: ApiHealth;
let bot: Bot;
let inbox: Inbox;
let webhook: UpdateWebhook;
let server: HttpServer;
let url: string;
let heard: string[];
let answered: Promise<void>;
let mayAct: boolean;

beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN, webhookRetryMs: 20 });
  telegram.addPrivateChat({ id: 11, firstName: "Aino" });
  heard = [];
  mayAct = true;
  answered = Promise.resolve();
  inbox = await openInbox();
  bot = through(inbox, new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) }));
  apiHealth = createApiHealth({
    clock: systemClock,
    pace: createPace({ isOn: false, clock: systemClock }),
    comeback: { note: () => undefined },
    mayAct: () => mayAct,
    log: silentLog,
  });
  bot.api.config.use(apiHealth.transformer);
  bot.catch(() => undefined);
  bot.on("message:text", async (ctx) => {
    heard.push(ctx.message.text);
    await answered;
    if (ctx.message.text === "boom") throw new Error("boom");
  });
  const port = await freePort();
  url = `http://127.0.0.1:${port}/telegram`;
  webhook = createUpdateWebhook({
    bot,
    inbox,
    url,
    token: TOKEN,
    log: silentLog,
    onReady: async () => undefined,
    mayTake: apiHealth.mayAct,
    retryMs: 20,
    checkMs: 20,
  });
  server = createHttpServer({ host: null, port, log: silentLog });
  server.serve([webhook]);
  await server.start();
});
afterEach(async () => {
  await webhook.stop();
  await server.stop();
  await telegram.stop();
});

const say = (text: string) => telegram.say({ chatId: 11, text });
const secretOf = () =>
  telegram.calls.findLast(({ method }) => method === "setWebhook")?.params["secret_token"] as string;
const update = (id: number, text: string) =>
  JSON.stringify({
    update_id: id,
    message: { message_id: id, date: 0, text, chat: { id: 11, type: "private" }, from: { id: 11, is_bot: false } },
  });
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
const withSecret = (secret = secretOf()) => ({ "x-telegram-bot-api-secret-token": secret });

describe("webhook", () => {
  it("hears what was said before and after it began, under a secret that Telegram takes and keeps", async () => {
    say("before");
    webhook.start();
    await until("heard", () => heard.length === 1);
    say("after");
    await until("heard", () => heard.length === 2);
    expect(heard).toEqual(["before", "after"]);
    expect(secretOf()).toMatch(/^[\w-]{43}$/);
    expect(apiHealth.status()).toMatchObject({ isUp: true, error: null });
    await until("confirmed", async () => (await bot.api.getWebhookInfo()).pending_update_count === 0);
  });

  it("takes nothing while another process may be the active one: Telegram delivers it again", async () => {
    webhook.start();
    await until("set", () => bot.isInited() && secretOf() !== undefined);
    mayAct = false;
    expect((await post(update(1, "into the dark"), withSecret())).status).toBe(503);
    expect(await inbox.left()).toEqual([]);
    say("meanwhile");
    mayAct = true;
    await until("heard", () => heard.length === 1);
    expect(heard).toEqual(["meanwhile"]);
  });

  it("lets in nobody without the secret, whatever he sends", async () => {
    webhook.start();
    await until("set", () => bot.isInited() && secretOf() !== undefined);
    for (const headers of [
      {},
      withSecret(""),
      withSecret("guess"),
      withSecret(secretOf().slice(1)),
      withSecret(`${secretOf()}=`),
    ]) {
      expect((await post(update(1, "forged"), headers)).status).toBe(401);
    }
    expect((await fetch(url)).status).toBe(401);
    expect((await post("x".repeat(2_000_000)).catch(() => ({ status: 401 }))).status).toBe(401);
    expect((await fetch(`${url}/x`, { method: "POST" })).status).toBe(404);
    expect(heard).toEqual([]);
  });

  it("takes nothing but updates of a reasonable size", async () => {
    webhook.start();
    await until("set", () => bot.isInited() && secretOf() !== undefined);
    for (const body of ["", "{", "[]", "null", '{"update_id":"1"}', '{"message":{}}']) {
      expect((await post(body, withSecret())).status).toBe(400);
    }
    expect((await fetch(url, { headers: withSecret() })).status).toBe(405);
    expect((await post(update(1, "x".repeat(1_000_000)), withSecret())).status).toBe(413);
    expect((await post(update(2, "well"), withSecret())).status).toBe(200);
    expect(heard).toEqual(["well"]);
  });

  it("hears once what is delivered again, also while it is answered", async () => {
    webhook.start();
    await until("set", () => bot.isInited() && secretOf() !== undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = promise;
    const statuses = await Promise.all(
      [7, 7, 8, 7].map(async (id) => (await post(update(id, `u${id}`), withSecret())).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(heard.toSorted()).toEqual(["u7", "u8"]);
    resolve();
  });

  it("is well after an update that cannot be handled", async () => {
    webhook.start();
    say("boom");
    say("next");
    await until("heard", () => heard.length === 2);
    expect(heard).toEqual(["boom", "next"]);
  });

  it("begins when Telegram can be reached, and sends back meanwhile what comes", async () => {
    const lift = telegram.fault({ method: "getMe", failure: "drop", times: Infinity });
    webhook.start();
    await until("down", () => apiHealth.status().error !== "not connected yet");
    // The secret is the same in each run.
    const earlier = createHmac("sha256", TOKEN).update(`webhook ${url}`).digest("base64url");
    expect((await post(update(1, "early"), withSecret(earlier))).status).toBe(503);
    lift();
    say("late");
    await until("heard", () => heard.length === 1);
    expect(heard).toEqual(["late"]);
  });

  it("takes the address back from another program", async () => {
    webhook.start();
    await until("set", () => telegram.calls.some(({ method }) => method === "setWebhook"));
    await bot.api.setWebhook("http://127.0.0.1:9/other");
    say("again");
    await until("heard", () => heard.length === 1);
  });

  it("says when Telegram cannot deliver, until it can", async () => {
    webhook.start();
    await until("set", () => apiHealth.status().isUp);
    await server.stop();
    say("lost?");
    await until("told", () => apiHealth.status().receiving?.startsWith("what people write is not delivered"));
    await server.start();
    await until("heard", () => heard.length === 1);
    await until("mended", () => apiHealth.status().receiving === null);
  });

  it("finishes what it is at when it stops, and leaves the rest to Telegram", async () => {
    webhook.start();
    await until("set", () => bot.isInited() && secretOf() !== undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = promise;
    say("first");
    await until("heard", () => heard.length === 1);
    let isStopped = false;
    const stopping = webhook.stop().then(() => (isStopped = true));
    expect((await post(update(1, "second"), withSecret())).status).toBe(503);
    expect(isStopped).toBe(false);
    resolve();
    await stopping;
    expect(heard).toEqual(["first"]);
  });

  it("gives way to polling, and back", async () => {
    webhook.start();
    say("pushed");
    await until("heard", () => heard.length === 1);
    await webhook.stop();
    say("fetched");
    const polling = createPolling({ bot, inbox, log: silentLog, onReady: async () => undefined, retryMs: 20 });
    polling.start();
    await until("heard", () => heard.includes("fetched"));
    await polling.stop();
  });
});
