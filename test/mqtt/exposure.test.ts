import { expect, it } from "vitest";
import { exposuresOf } from "../../src/mqtt/exposure.ts";

const link = { username: null, cert: null };
const open = (settings: Parameters<typeof exposuresOf>[0]) =>
  exposuresOf(settings)
    .filter(({ isOpen }) => isOpen)
    .map(({ id }) => id.slice("broker link: ".length));

it.each([
  ["mqtt://broker.example", ["readable", "anonymous"]],
  ["ws://10.0.0.7:9001/mqtt", ["readable", "anonymous"]],
  ["mqtts://broker.example", ["anonymous"]],
  ["wss://broker.example/mqtt", ["anonymous"]],
  ["mqtt://me@broker.example", ["readable"]],
  ["mqtt://127.0.0.1.example", ["readable", "anonymous"]],
  ["mqtt://localhost", []],
  ["mqtt://LOCALHOST:1883", []],
  ["mqtt://127.8.9.10", []],
  ["ws://[::1]:9001", []],
])("%s is open as %j", (url, exposures) => expect(open({ ...link, url })).toEqual(exposures));

it("is not anonymous with a user name or a client certificate", () => {
  expect(open({ ...link, url: "mqtts://broker.example", username: "me" })).toEqual([]);
  expect(open({ ...link, url: "mqtts://broker.example", cert: Buffer.from("…") })).toEqual([]);
});

it("names the broker, and no login", () => {
  const messages = exposuresOf({ ...link, url: "mqtt://me@broker.example:1884" }).map(({ message }) => message);
  for (const message of messages) expect(message).toContain("broker.example:1884");
  expect(messages.join()).not.toContain("me@");
});
