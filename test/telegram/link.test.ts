import { Bot, GrammyError } from "grammy";
import { expect, it, onTestFinished } from "vitest";
import { startTelegram } from "../../src/demo/telegram/server.ts";
import { createPace } from "../../src/dispatch/pace.ts";
import { createLink } from "../../src/telegram/link.ts";
import { createManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";

const TOKEN = "417:token-of-the-stand-in";
const [CHAT, OTHER] = [7, 8];

it("asks nothing of a chat before Telegram wants to hear of it again, whoever calls; others go on", async () => {
  const telegram = await startTelegram({ token: TOKEN });
  onTestFinished(() => telegram.stop());
  for (const id of [CHAT, OTHER]) telegram.addPrivateChat({ id, firstName: `User ${id}` });
  const clock = createManualClock();
  const pace = createPace({ isOn: false, elapsed: clock.elapsed });
  const { api } = new Bot(TOKEN, { client: { apiRoot: telegram.url } });
  api.config.use(createLink({ now: clock.now, pace, log: silentLog }).transformer);
  const failure = { status: 429, description: "Too Many Requests: retry after 30", retryAfterSeconds: 30 };
  telegram.fault({ method: "sendMessage", chatId: CHAT, failure });
  const refusal = async (): Promise<unknown> => {
    const error: unknown = await api.sendMessage(CHAT, "words").catch((thrown: unknown) => thrown);
    return error instanceof GrammyError ? error.parameters.retry_after : error;
  };

  expect(await refusal()).toBe(30);
  clock.advance(10_000);
  expect(await refusal()).toBe(20);
  expect(telegram.calls).toHaveLength(1);
  await api.sendMessage(OTHER, "words");
  clock.advance(20_000);
  await api.sendMessage(CHAT, "words");
  expect(telegram.calls.map(({ params, status }) => [params["chat_id"], status])).toEqual([
    [CHAT, 429],
    [OTHER, 200],
    [CHAT, 200],
  ]);
});
