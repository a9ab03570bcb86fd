import { Api } from "grammy";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startTelegram, type Telegram } from "../../../src/demo/telegram/server.ts";
import type { Role } from "../../../src/people/role.ts";
import { createMenus } from "../../../src/telegram/people/menus.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "123456:menus-test";
const HALL = -1_007;
const PEOPLE: readonly { userId: number; role: Role }[] = [
  { userId: 11, role: "admin" },
  { userId: 12, role: "operator" },
  { userId: 13, role: "viewer" },
  { userId: 14, role: "viewer" },
];
const run = null;
const COMMANDS = [
  { name: "status", description: "s", topic: "plant", usage: [], right: { role: "viewer" }, run },
  { name: "quiet", description: "q", topic: "plant", usage: [], right: { role: "viewer", roleInGroups: "admin" }, run },
  { name: "shelve", description: "s", topic: "plant", usage: [], right: { role: "operator" }, run },
  { name: "people", description: "p", topic: "plant", usage: [], right: { role: "admin", isPrivate: true }, run },
] as const;

let telegram: Telegram;
beforeEach(async () => {
  telegram = await startTelegram({ token: TOKEN });
  for (const id of [11, 12, 13, 66]) telegram.addPrivateChat({ id, firstName: `P${id}` });
  telegram.addGroup({ id: HALL, title: "Hall 6", members: [{ id: 66, firstName: "P66" }] });
});
afterEach(() => telegram.stop());

function menus(onCall = (): void => undefined) {
  const api = new Api(TOKEN, clientOf(telegram.url, outgoing));
  api.config.use((call, ...rest) => {
    onCall();
    return call(...rest);
  });
  return createMenus({ api, commands: () => COMMANDS, people: () => PEOPLE, groups: () => [HALL] });
}

/** By chat, the newest menu that Telegram took. */
const shown = (): Record<string, string> =>
  Object.fromEntries(
    telegram.calls
      .filter(({ method, status }) => method.endsWith("MyCommands") && status === 200)
      .map(({ params }) => {
        const { scope, commands = [] } = params as { scope?: { chat_id: number }; commands?: { command: string }[] };
        return [scope?.chat_id ?? "all", commands.map(({ command }) => command).join(" ")];
      }),
  );

it("show each what they may do, groups what they may, and strangers nothing", async () => {
  await menus().showAll();
  const hall = "status shelve";
  expect(shown()).toMatchObject({
    all: "",
    11: "status quiet shelve people",
    12: "status quiet shelve",
    13: "status quiet",
    [HALL]: hall,
  });
  await menus().showTo(12, null);
  expect(shown()["12"]).toBe("");
});

it("go on after a failure where they stopped", async () => {
  let calls = 0;
  const all = menus(() => {
    calls += 1;
    if (calls === 4)
      telegram.fault({ failure: { status: 429, description: "Too Many Requests", retryAfterSeconds: 1 } });
  });
  await expect(all.showAll()).rejects.toThrow("Too Many Requests");
  await all.showAll();
  const tries = telegram.calls.map(({ method, status }) => `${method} ${status}`);
  const [taken, limited] = ["setMyCommands 200", "setMyCommands 429"];
  expect(tries).toEqual(["deleteMyCommands 200", taken, taken, limited, taken, taken, taken]);
});
