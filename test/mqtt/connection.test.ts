import { expect, it, onTestFinished } from "vitest";
import { createClient } from "../../src/mqtt/connection.ts";
import { until } from "../support/until.ts";
import { messageOf, startCrudeBroker } from "./crude-broker.ts";

/** A client of a broker that answers no ping, and sends something all the time if it is busy. */
async function connect({ isBusy }: { readonly isBusy: boolean }) {
  const broker = await startCrudeBroker(
    (socket) => {
      if (!isBusy) return;
      const timer = setInterval(() => socket.write(messageOf("a", "x")), 20);
      socket.on("close", () => clearInterval(timer));
    },
    { isEager: true },
  );
  const settings = { username: null, password: null, ca: null, cert: null, key: null, clientId: "valvomo", topics: [] };
  const client = createClient(
    { ...settings, url: broker.url },
    { clientId: "valvomo", clean: true, keepaliveSeconds: 1 },
  );
  client.on("error", () => undefined).connect();
  onTestFinished(async () => {
    await client.endAsync(true);
  });
  return { broker, pings: () => broker.received.filter(({ cmd }) => cmd === "pingreq").length };
}

it("keeps a link by which something comes, though the answer to a ping is late", async () => {
  const { broker, pings } = await connect({ isBusy: true });
  await until("the third ping", () => pings() >= 3);
  expect(broker.connections()).toBe(1);
});

it("gives up a link by which nothing comes any more", async () => {
  const { broker, pings } = await connect({ isBusy: false });
  await until("a second connection", () => broker.connections() === 2);
  expect(pings()).toBe(1);
});
