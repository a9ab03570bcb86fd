import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Update } from "grammy/types";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../support/until.ts";
import { annaId, groupId, refusedWith, setUp } from "./support.ts";

/** A webhook that answers with the statuses in turn, then with 200. */
async function startHook(...statuses: readonly number[]) {
  const received: { text: string | undefined; secret: unknown; status: number }[] = [];
  const left = [...statuses];
  async function take(...[request, response]: Parameters<RequestListener>): Promise<void> {
    const { message } = (await json(request)) as Update;
    const status = left.shift() ?? 200;
    const secret = request.headers["x-telegram-bot-api-secret-token"];
    received.push({ text: message?.text, secret, status });
    response.writeHead(status).end();
  }
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

describe("a webhook", () => {
  it("gets what waits and what comes, with its secret, and nobody can poll meanwhile", async () => {
    const { telegram, api } = await setUp();
    const { received, url } = await startHook();
    const poll = refusedWith(api.getUpdates({ timeout: 30 }));
    await telegram.waitFor(() => telegram.calls.length === 1);
    await api.setWebhook(url);
    expect(await poll).toBe("Conflict: terminated by setWebhook request");
    await api.deleteWebhook();
    telegram.say({ chatId: annaId, text: "before" });
    await api.setWebhook(url, { secret_token: "se-cr_et" });
    telegram.say({ chatId: annaId, text: "after" });
    await until("received", () => received.length === 2);
    expect(received).toEqual(["before", "after"].map((text) => ({ text, secret: "se-cr_et", status: 200 })));
    expect(await api.getWebhookInfo()).toMatchObject({ url });
    expect(await refusedWith(api.getUpdates())).toMatch(
      /^Conflict: can't use getUpdates method while webhook is active/,
    );
    await api.deleteWebhook();
    telegram.say({ chatId: annaId, text: "polled" });
    expect((await api.getUpdates()).map(({ message }) => message?.text)).toContain("polled");
  });

  it("gets again what it does not take, in order for each chat, and says why", async () => {
    const { telegram, api } = await setUp({ webhookRetryMs: 20 });
    const { received, url } = await startHook(500, 401);
    await api.setWebhook(url);
    telegram.say({ chatId: annaId, text: "first" });
    telegram.say({ chatId: annaId, text: "second" });
    await until("received", () => received.length === 4);
    expect(received.map(({ text, status }) => [text, status])).toEqual([
      ["first", 500],
      ["first", 401],
      ["first", 200],
      ["second", 200],
    ]);
    expect(received[0]?.secret).toBeUndefined();
    await until("confirmed", async () => (await api.getWebhookInfo()).pending_update_count === 0);
    expect((await api.getWebhookInfo()).last_error_message).toBe("Wrong response from the webhook: 401 Unauthorized");
  });

  it("holds up no other chat", async () => {
    const { telegram, api } = await setUp({ webhookRetryMs: 60_000 });
    const { received, url } = await startHook(500);
    await api.setWebhook(url);
    telegram.say({ chatId: annaId, text: "stuck" });
    await until("refused", () => received.length === 1);
    telegram.say({ chatId: groupId, userId: annaId, text: "/status" });
    await until("received", () => received.length === 2);
    expect(received[1]?.text).toBe("/status");
  });

  it("is refused without TLS, and with a secret that is none", async () => {
    const { api } = await setUp();
    expect(await refusedWith(api.setWebhook("http://a.example/hook"))).toMatch("An HTTPS URL must be provided");
    expect(await refusedWith(api.setWebhook("https://a.example", { secret_token: "a b" }))).toMatch(
      "unallowed characters",
    );
  });
});
