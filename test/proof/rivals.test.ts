import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import mqtt from "mqtt";
import { expect, it, onTestFinished, vi } from "vitest";
import { openScene } from "../support/scene.ts";
import { until } from "../support/until.ts";
import { ADMIN, GROUP, TOKEN } from "../support/world.ts";

vi.setConfig({ testTimeout: 90_000 });

it("two programs with one client id: the admins are told which, and nobody else", async () => {
  const s = await openScene();
  const rival = mqtt.connect(s.broker.url, { clientId: "valvomo", clean: false, reconnectPeriod: 50 });
  onTestFinished(() => rival.endAsync(true));
  const told = await s.see(ADMIN, "client id “valvomo”", 30_000);
  expect(told.text).toContain("🔴 CRITICAL");
  expect(told.text).toContain("Give each program a client id of its own");
  expect((await s.ask(ADMIN, "/status")).text).toMatch(/❌ Broker: .*client id “valvomo”/);
  expect(s.said(GROUP).filter(({ text }) => text.includes("client id"))).toEqual([]);
});

it("a rival with the same bot token: the admins are told, and /status that it brings says so still", async () => {
  const s = await openScene();
  const poll = async (): Promise<void> => {
    const url = `${s.telegram.url}/bot${TOKEN}/getUpdates?timeout=1`;
    await fetch(url).catch(() => undefined);
  };
  let isThere = true;
  const polling = (async () => {
    while (isThere) await poll();
  })();
  const told = await s.see(ADMIN, "Valvomo does not get what people write and press, or not all of it", 30_000);
  expect(told.text).toContain("409 Conflict");
  isThere = false;
  await polling;
  const status = await s.ask(ADMIN, "/status");
  expect(status.text).toMatch(/❌ Telegram: another program with the same bot token/);
});

it("a token that is revoked is told by the second path, as no chat can be", async () => {
  const posted: string[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    posted.push(await text(request));
    response.end();
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => server[Symbol.asyncDispose]());
  const s = await openScene({
    settings: {
      SECOND_PATH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siren`,
      SECOND_PATH_AFTER: "1s",
    },
  });
  s.telegram.fault({
    method: "*",
    failure: { status: 401, description: "Unauthorized" },
    times: Number.POSITIVE_INFINITY,
  });
  // Whatever asks Telegram next finds out.
  await s.warn({ id: "door", message: "Door open", severity: "info", state: "active" });
  await until("the siren", () => posted.length > 0, 30_000);
  expect(JSON.parse(posted[0] ?? "")).toMatchObject({
    severity: "critical",
    source: "Valvomo",
    message: expect.stringContaining("Telegram refuses our token (401 Unauthorized)") as string,
  });
});
