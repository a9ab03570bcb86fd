import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { generate, parser, type Packet } from "mqtt-packet";
import { expect, it, onTestFinished } from "vitest";
import { createClient } from "../../src/mqtt/connection.ts";
import { until } from "../support/until.ts";

const CONNACK = generate({ cmd: "connack", returnCode: 0, sessionPresent: false });
const MESSAGE = generate({ cmd: "publish", topic: "a", payload: "x", qos: 0, dup: false, retain: false });

/** A broker that never answers a ping, and a client of it. */
async function connect({ isBusy }: { readonly isBusy: boolean }) {
  const seen: Packet[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet) => seen.push(packet));
    socket.on("data", (bytes: Buffer) => void reader.parse(bytes)).on("error", () => undefined);
    socket.write(CONNACK);
    const timer = isBusy ? setInterval(() => socket.write(MESSAGE), 20) : undefined;
    socket.on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const settings = { username: null, password: null, ca: null, cert: null, key: null, clientId: "valvomo", topics: [] };
  const client = createClient(
    { ...settings, url: `mqtt://127.0.0.1:${port}` },
    { clientId: "valvomo", clean: true, keepaliveSeconds: 1 },
  );
  client.on("error", () => undefined).connect();
  onTestFinished(async () => {
    await client.endAsync(true);
    server.close();
  });
  return { pings: () => seen.filter(({ cmd }) => cmd === "pingreq").length, connections: () => connections };
}

it("keeps a link by which something comes, though the answer to a ping is late", async () => {
  const { pings, connections } = await connect({ isBusy: true });
  await until("the third ping", () => pings() >= 3);
  expect(connections()).toBe(1);
});

it("gives up a link by which nothing comes any more", async () => {
  const { pings, connections } = await connect({ isBusy: false });
  await until("a second connection", () => connections() === 2);
  expect(pings()).toBe(1);
});
