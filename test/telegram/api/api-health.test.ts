import { Bot } from "grammy";
import { expect, it, onTestFinished } from "vitest";
import { startTelegram } from "../../../src/demo/telegram/server.ts";
import { createPace } from "../../../src/pace/pace.ts";
import { inTurn } from "../../../src/telegram/api/in-turn.ts";
import { createApiHealth } from "../../../src/telegram/api/api-health.ts";
import { createManualClock } from "../../support/clock.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const TOKEN = "417:token-of-the-stand-in";
const [CHAT, OTHER] = [7, 8];
const WAIT_30_S = { status: 429, description: "Too Many Requests: retry after 30", retryAfterSeconds: 30 };

async function open() {
  const telegram = await startTelegram({ token: TOKEN });
  onTestFinished(() => telegram.stop());
  for (const id of [CHAT, OTHER]) telegram.addPrivateChat({ id, firstName: `User ${id}` });
  const clock = createManualClock();
  const pace = createPace({ isOn: true, clock });
  const { api } = new Bot(TOKEN, { client: clientOf(telegram.url, outgoing) });
  const apiHealth = createApiHealth({ clock, pace, comeback: { note: () => undefined }, log: silentLog });
  api.config.use(apiHealth.transformer, inTurn(pace, "answer"));
  const asked = () => telegram.calls.map(({ params, status }) => [params["chat_id"], status]);
  return { telegram, clock, pace, api, asked };
}

it("an answer that Telegram refuses for its pace is made again when that may be, and none before; other chats go on", async () => {
  const { telegram, clock, pace, api, asked } = await open();
  telegram.fault({ method: "sendMessage", chatId: CHAT, failure: WAIT_30_S });
  const first = api.sendMessage(CHAT, "first");
  await until("it was refused", () => pace.heldMs(CHAT) > 0);
  const second = api.sendMessage(CHAT, "second");
  clock.advance(29_000);
  await api.sendMessage(OTHER, "words");
  expect(asked()).toEqual([
    [CHAT, 429],
    [OTHER, 200],
  ]);
  clock.advance(1_000);
  await Promise.all([first, second]);
  expect(telegram.messages(CHAT).map(({ text }) => text)).toEqual(["first", "second"]);
});

it("answers come in the order in which they were made, at their chat's pace", async () => {
  const { telegram, clock, api } = await open();
  const answers = Array.from({ length: 12 }, (_, i) => api.sendMessage(CHAT, `answer ${i}`));
  await until("the burst is there", () => telegram.messages(CHAT).length === 4);
  for (let second = 1; second <= 8; second++) {
    clock.advance(1_000);
    await until("one more is there", () => telegram.messages(CHAT).length === 4 + second);
  }
  await Promise.all(answers);
  expect(telegram.messages(CHAT).map(({ text }) => text)).toEqual(answers.map((_, i) => `answer ${i}`));
});

it("what is refused costs no pace", async () => {
  const { telegram, api } = await open();
  for (let i = 0; i < 20; i++) await expect(api.editMessageText(CHAT, 1_000 + i, "words")).rejects.toThrow("not found");
  await api.sendMessage(CHAT, "words");
  expect(telegram.messages(CHAT)).toHaveLength(1);
});

it("nobody waits for a chat on hold when the program stops, nor behind more than two hundred others", async () => {
  const { telegram, pace, api } = await open();
  telegram.fault({ method: "sendMessage", chatId: CHAT, failure: WAIT_30_S });
  const answers = Array.from({ length: 250 }, (_, i) =>
    api.sendMessage(CHAT, `answer ${i}`).then(
      () => "sent",
      (error: unknown) => String(error),
    ),
  );
  await until("it was refused", () => pace.heldMs(CHAT) > 0);
  expect((await Promise.all(answers.slice(210))).filter((said) => !said.includes("429"))).toEqual([]);
  pace.close();
  const said = await Promise.all(answers);
  expect(said.filter((one) => one.includes("retry after 30")).length).toBeGreaterThan(200);
});
