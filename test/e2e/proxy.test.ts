import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { startBroker } from "../../src/demo/broker.ts";
import { startConnectProxy, type ConnectProxy } from "../support/connect-proxy.ts";
import { createPki } from "../support/pki.ts";
import { startTlsFront } from "../support/tls-front.ts";
import { until } from "../support/until.ts";
import { ADMIN, createWorld, READ_KEY, TOKEN, type World } from "../support/world.ts";

const PASSWORD = "p@ss/wörd";
const HOOK_TOKEN = "secret-of-the-hook";

const opened: { remove(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).toReversed()) await thing.remove();
});

let proxy: ConnectProxy;
let w: World;
let posted: string[];
/** Where each service is reached, as the proxy sees it. */
let hosts: Record<"telegram" | "thingspeak" | "hook", string>;

/** The stand-ins as the real ones are: reached by TLS only. */
async function build(more: Readonly<Record<string, string>> = {}): Promise<void> {
  const pki = createPki();
  opened.push(pki);
  const broker = await startBroker();
  opened.push({ remove: () => broker.stop() });
  proxy = await startConnectProxy("me", PASSWORD);
  opened.push({ remove: () => proxy.close() });
  posted = [];
  const hook = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => response.end(String(posted.push(body))));
  });
  await once(hook.listen(0, "127.0.0.1"), "listening");
  opened.push({ remove: () => hook[Symbol.asyncDispose]() }, { remove: () => hook.closeAllConnections() });
  const front = async (port: number | string): Promise<string> => {
    const started = await startTlsFront(Number(port), pki.server);
    opened.push(started);
    return `localhost:${started.port}`;
  };
  w = await createWorld(broker.url, async ({ telegram, thingspeak }) => {
    hosts = {
      telegram: await front(new URL(telegram.url).port),
      thingspeak: await front(new URL(thingspeak.url).port),
      hook: await front((hook.address() as AddressInfo).port),
    };
    return {
      TELEGRAM_API_ROOT: `https://${hosts.telegram}`,
      THINGSPEAK_URL: `https://${hosts.thingspeak}`,
      SECOND_PATH_URL: `https://${hosts.hook}/alarms?token=${HOOK_TOKEN}`,
      SECOND_PATH_AFTER: "1s",
      HTTPS_PROXY: `http://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: pki.ca,
      ...more,
    };
  });
  opened.push(w);
}

const said = (words: string) =>
  w.telegram.waitFor(() => w.telegram.messages(ADMIN).find(({ text: shown }) => shown.includes(words)), 10_000);

it("Telegram, ThingSpeak and the second path are reached through a proxy that wants a login, and no other way", async () => {
  await build();
  await w.start();
  await w.warn("Coil hot");
  await said("Coil hot");
  w.telegram.say({ chatId: ADMIN, text: "/plot 1 1h" });
  await w.telegram.waitFor(() => w.telegram.messages(ADMIN).some(({ photo }) => photo !== null), 10_000);
  w.telegram.fault({ method: "sendMessage", failure: "drop", times: Infinity });
  await w.warn("CRITICAL: rotor touches");
  await until("the second path was taken", () => posted.length > 0);
  expect(posted[0]).toContain("rotor touches");
  expect(new Set(proxy.tunnels)).toEqual(new Set(Object.values(hosts)));
  expect(proxy.refusals()).toBe(0);
});

it("a host of NO_PROXY is reached without it", async () => {
  await build({ NO_PROXY: "localhost" });
  await w.start();
  await w.warn("Coil hot");
  await said("Coil hot");
  expect(proxy.tunnels).toEqual([]);
});

it("a proxy that does not let us through is told in words, without its password, and tried again", async () => {
  await build({ LOG_LEVEL: "debug" });
  proxy.spoil("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
  await w.app.start();
  await until("told", () => w.app.log.some(({ msg }) => msg === "Telegram updates do not come; trying again"));
  const status = await fetch(`${w.app.url()}/status.json`).then((response) => response.text());
  expect(status).toContain("the proxy does not let us through: is HTTPS_PROXY right?");
  const told = JSON.stringify(w.app.log) + status;
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), HOOK_TOKEN, TOKEN, READ_KEY]) {
    expect(told).not.toContain(secret);
  }
  proxy.spoil(undefined);
  await w.warn("Coil hot");
  await said("Coil hot");
});

it("a proxy that never answers does not hold up the end of the program", async () => {
  await build();
  proxy.spoil(null);
  await w.app.start();
  await until("asked", () => proxy.asked() > 0);
  expect(await w.app.stop()).toBe(0);
  expect(w.app.log.map(({ msg }) => msg)).not.toContain("stopping anyway");
});
