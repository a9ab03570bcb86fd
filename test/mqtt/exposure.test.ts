import { expect, it } from "vitest";
import { exposuresOf } from "../../src/mqtt/exposure.ts";
import { at } from "../support/mqtt-settings.ts";

const link = { cert: null };
const open = (settings: Parameters<typeof exposuresOf>[0]) =>
  exposuresOf(settings)
    .filter(({ isOpen }) => isOpen)
    .map(({ id }) => id.slice("broker link: ".length));

it.each([
  ["mqtt://broker.example", ["readable", "anonymous"]],
  ["ws://10.0.0.7:9001/mqtt", ["readable", "anonymous"]],
  ["mqtts://broker.example", ["anonymous"]],
  ["wss://broker.example/mqtt", ["anonymous"]],
  ["mqtt://127.0.0.1.example", ["readable", "anonymous"]],
  ["mqtt://localhost", []],
  ["mqtt://LOCALHOST:1883", []],
  ["mqtt://127.8.9.10", []],
  ["ws://[::1]:9001", []],
])("%s is open as %j", (url, exposures) => expect(open({ ...link, ...at([url]) })).toEqual(exposures));

it("is not anonymous with a user name or a client certificate", () => {
  expect(open({ ...link, ...at(["mqtts://broker.example"], { username: "me" }) })).toEqual([]);
  expect(open({ ...at(["mqtts://broker.example"]), cert: Buffer.from("…") })).toEqual([]);
});

it("is that of any of several, each named", () => {
  const { brokers } = at(["mqtts://a.example", "mqtt://b.example", "mqtt://localhost"], { username: "me" });
  expect(open({ ...link, brokers })).toEqual(["readable"]);
  expect(exposuresOf({ ...link, brokers })[0]?.message).toContain("the broker b.example is not encrypted");
});

it("names the broker, and no login", () => {
  const messages = exposuresOf({ ...link, ...at(["mqtt://me@broker.example:1884"]) }).map(({ message }) => message);
  for (const message of messages) expect(message).toContain("broker.example:1884");
  expect(messages.join()).not.toContain("me@");
});
