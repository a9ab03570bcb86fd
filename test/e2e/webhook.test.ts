import { afterEach, expect, it } from "vitest";
import { startBroker, type DemoBroker } from "../../src/demo/broker.ts";
import { freePort } from "../support/free-port.ts";
import { ADMIN, createWorld, GROUP, OTHER, TOKEN, type World } from "../support/world.ts";

let broker: DemoBroker;
let w: World;
afterEach(async () => {
  await w.remove();
  await broker.stop();
});

const said = (chatId: number, words: string) =>
  w.telegram.waitFor(() => w.telegram.messages(chatId).find(({ text }) => text.includes(words)), 10_000);

it("with a webhook people are heard as ever, also after a crash; without it they are fetched again", async () => {
  broker = await startBroker();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/telegram`;
  const settings = { HTTP_PORT: String(port), TELEGRAM_WEBHOOK_URL: url };
  w = await createWorld(broker.url, settings, { webhookRetryMs: 50 });
  await w.start();
  await w.warn({ id: "a", message: "Coil hot", severity: "error", state: "active" });
  const card = await said(GROUP, "Coil hot");
  w.telegram.say({ chatId: ADMIN, text: "/status" });
  await said(ADMIN, "Valvomo: ");
  expect(w.telegram.calls.map(({ method }) => method)).not.toContain("getUpdates");
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(401);
  expect(await (await fetch(`${w.app.url()}/healthz`)).text()).toBe("active\n");
  // What stands before the port may hand on all of it.
  for (const path of ["/status.json", "/metrics"]) expect((await fetch(w.app.url() + path)).status).toBe(404);

  await w.app.kill();
  w.telegram.press({ chatId: GROUP, userId: OTHER, messageId: card.messageId, label: "Acknowledge" });
  await w.start();
  await said(GROUP, "Acknowledged by Boris");
  await said(ADMIN, "Acknowledged by Boris");

  expect(await w.app.stop()).toBe(0);
  w.telegram.say({ chatId: ADMIN, text: "/alarm 1" });
  w.app.change({ TELEGRAM_WEBHOOK_URL: "" });
  await w.start();
  await said(ADMIN, "Newest first");
  const params = w.telegram.calls.find(({ method }) => method === "setWebhook")?.params;
  expect(params?.["allowed_updates"]).toEqual(["message", "callback_query", "my_chat_member"]);
  for (const secret of [TOKEN, String(params?.["secret_token"])])
    expect(JSON.stringify(w.app.log)).not.toContain(secret);
});
