import { Api, Bot, type Transformer } from "grammy";
import type { Update } from "grammy/types";
import { expect, it } from "vitest";
import { WorkerError } from "../../../src/lib/worker-error.ts";
import { createQualityCommand } from "../../../src/telegram/quality/quality-command.ts";
import { finish } from "../../../src/telegram/access/outcome.ts";
import { silentLog } from "../../support/log.ts";

it("says why there is no report on the quality of alarms, where it cannot be worked out", async () => {
  const said: string[] = [];
  const noting: Transformer = async (_call, _method, payload) => {
    if ("text" in payload) said.push(payload.text);
    return { ok: true, result: true as never };
  };
  const bot = new Bot("1:a", { botInfo: { id: 1, is_bot: true, first_name: "V", username: "v" } as never });
  bot.api.config.use(noting);
  const { command } = createQualityCommand({
    reports: {
      of: async () => Promise.reject(new WorkerError("slow", "too slow")),
      picture: async () => new Uint8Array(),
    },
    api: new Api("1:a"),
    timeZoneOf: () => "UTC",
    nameOfChat: String,
    now: () => 1_790_000_000_000,
    log: silentLog,
  });
  bot.on("message", async (ctx, next) => finish(ctx, await command.run?.(ctx, "", next)));
  const person = { id: 5, is_bot: false, first_name: "Anna" };
  const chat = { id: 5, type: "private", first_name: "Anna" } as const;
  const update: Update = { update_id: 1, message: { message_id: 1, date: 0, chat, from: person, text: "/quality" } };
  await bot.handleUpdate(update);
  expect(said).toEqual(["Drawing took too long. Ask for a shorter period."]);
});
