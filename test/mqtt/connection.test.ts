import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { Link } from "../../src/mqtt/connection.ts";
import { anonymous, at } from "../support/mqtt-settings.ts";
import { until } from "../support/until.ts";
import { CONNACK, granting, messageOf, startCrudeBroker } from "./crude-broker.ts";
import { endLater } from "./opened.ts";

/** A link that is tried until the end of the test. */
function link(url: string, more: Partial<ConstructorParameters<typeof Link>[0]> = {}): MqttClient {
  const opened = new Link({
    settings: { ...anonymous, ...at([url]), topics: [] },
    clientId: "valvomo",
    clean: true,
    receive: (_packet, _stream, done) => done(),
    onTrouble: () => undefined,
    onEnd: () => undefined,
    ...more,
  });
  opened.client.connect();
  endLater({ remove: () => opened.end() });
  return opened.client;
}

/** A client of a broker that answers no ping, and sends something all the time if it is busy. */
async function connect({ isBusy }: { readonly isBusy: boolean }) {
  const broker = await startCrudeBroker(({ cmd }, socket) => {
    if (cmd !== "connect") return;
    socket.write(CONNACK);
    const timer = isBusy ? setInterval(() => socket.write(messageOf("a", "x")), 20) : undefined;
    socket.on("close", () => clearInterval(timer));
  });
  link(broker.url, { keepaliveSeconds: 1 });
  return { broker, pings: () => broker.received.filter(({ cmd }) => cmd === "pingreq").length };
}

it("keeps a link by which something comes, though the answer to a ping is late", async () => {
  const { broker, pings } = await connect({ isBusy: true });
  await until("the third ping", () => pings() >= 3);
  expect(broker.logins()).toBe(1);
});

it("gives up a link by which nothing comes any more", async () => {
  const { broker, pings } = await connect({ isBusy: false });
  await until("a second login", () => broker.logins() === 2);
  expect(pings()).toBe(1);
});

it("speaks WebSocket without compression, also where the broker offers it", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  endLater({ remove: () => server.close() });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const asked = once(server, "connection") as Promise<[WebSocket, IncomingMessage]>;
  link(`ws://127.0.0.1:${port}`);
  const [socket, { headers }] = await asked;
  expect(headers["sec-websocket-protocol"]).toBe("mqtt");
  expect(headers["sec-websocket-extensions"]).toBeUndefined();
  socket.terminate();
});

describe("a client that may not speak", () => {
  let isAllowed = true;
  const mayConnect = () => isAllowed;

  it("does not connect, and does once it may", async () => {
    const broker = await startCrudeBroker(granting(() => undefined));
    isAllowed = false;
    const client = link(broker.url, { mayConnect });
    let attempts = 0;
    client.on("close", () => (attempts += 1));
    await until("the second attempt", () => attempts === 2);
    expect(broker.connections()).toBe(0);
    isAllowed = true;
    await until("it is let in", () => client.connected);
    expect(broker.logins()).toBe(1);
  });

  it("writes nothing on a link that stands, and ends it", async () => {
    const broker = await startCrudeBroker(granting(() => undefined));
    isAllowed = true;
    const client = link(broker.url, { mayConnect });
    await until("it is let in", () => client.connected);
    isAllowed = false;
    client.publish("a", "x", { qos: 0 });
    await until("it ended", () => !client.connected);
    isAllowed = true;
    await until("the next login", () => broker.logins() === 2);
    expect(broker.received.filter(({ cmd }) => cmd === "publish")).toEqual([]);
  });

  it("comes back to the broker that it was at, as soon as it may, and says of nobody that he throws us out", async () => {
    const [first, second] = [
      await startCrudeBroker(granting(() => undefined)),
      await startCrudeBroker(granting(() => undefined)),
    ];
    isAllowed = true;
    const settings = { ...anonymous, ...at([first.url, second.url]), topics: [] };
    const contested: boolean[] = [];
    const client = link(first.url, {
      mayConnect,
      settings,
      onEnd: (_, isContested) => contested.push(isContested),
    });
    for (let login = 1; login <= 4; login += 1) {
      await until("it is let in", () => client.connected && first.logins() === login);
      isAllowed = false;
      const before = contested.length;
      client.publish("a", "x", { qos: 0 });
      await until("it was tried in vain", () => contested.length >= before + 3);
      isAllowed = true;
    }
    await until("it is let in once more", () => client.connected);
    expect(second.connections()).toBe(0);
    expect(contested).not.toContain(true);
  });
});
