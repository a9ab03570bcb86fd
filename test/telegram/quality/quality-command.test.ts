import { Api, Bot, type Transformer } from "grammy";
import type { Update } from "grammy/types";
import { expect, it } from "vitest";
import { QualityMeasure } from "../../../src/quality/measure.ts";
import { inAnotherForm } from "../../../src/telegram/api/other-form.ts";
import { WorkerError } from "../../../src/lib/worker-error.ts";
import type { QualityReport } from "../../../src/quality/verdict.ts";
import { createRuleFile } from "../../../src/plants/rule-file.ts";
import { createQualityCommand } from "../../../src/telegram/quality/quality-command.ts";
import { finish } from "../../../src/telegram/access/outcome.ts";
import { annaId, groupId, png, setUp, token } from "../../demo/telegram/support.ts";
import { until } from "../../support/until.ts";
import { silentLog } from "../../support/log.ts";
import { clientOf } from "../../../src/telegram/api/client.ts";
import { outgoing } from "../../support/outgoing.ts";

const noRules = {
  ruleFile: createRuleFile(null),
  plants: { alarms: [] },
  isShared: false,
  find: async () => null,
};

it("says why there is no report on the quality of alarms, where it cannot be worked out, and keeps nobody waiting till then", async () => {
  const said: string[] = [];
  const failed = Promise.withResolvers<QualityReport>();
  const noting: Transformer = async (_call, _method, payload) => {
    if ("text" in payload) said.push(payload.text);
    return { ok: true, result: true as never };
  };
  const bot = new Bot("1:a", { botInfo: { id: 1, is_bot: true, first_name: "V", username: "v" } as never });
  bot.api.config.use(noting);
  const { command } = createQualityCommand({
    reports: {
      of: () => failed.promise,
      picture: async () => new Uint8Array(),
      whatIf: async () => null,
    },
    rules: noRules,
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
  // They are handled while the report is not there yet: what else that person presses does not wait for it.
  await bot.handleUpdate(update);
  expect(said).toEqual([]);
  failed.reject(new WorkerError("slow", "too slow"));
  await until("it is told", () => said.length > 0);
  expect(said).toEqual(["Drawing took too long. Ask for a shorter period."]);
});

it("shows its pages in a group that takes no pictures, too", async () => {
  const { telegram, api } = await setUp();
  api.config.use(inAnotherForm({ onMigrated: async () => undefined }));
  const span = { startAt: 0, endAt: 30 * 86_400_000 };
  const rules = { timeZone: "UTC", shiftStarts: [0], returnAfterMs: 900_000, alarms: [] };
  const report = { quality: new QualityMeasure({ ...span, ...rules }).finish(), former: null };
  const { buttons, send } = createQualityCommand({
    reports: { of: async () => report, picture: async () => png(10, 10), whatIf: async () => null },
    rules: noRules,
    api,
    timeZoneOf: () => "UTC",
    nameOfChat: String,
    now: () => span.endAt,
    log: silentLog,
  });
  const bot = new Bot(token, { client: clientOf(telegram.url, outgoing) });
  await bot.init();
  bot.use(buttons);
  const description = "Bad Request: not enough rights to send photos to the chat";
  for (const method of ["sendPhoto", "sendDocument"])
    telegram.fault({ method, times: 1, failure: { status: 400, description } });
  expect(await send({ chatId: groupId, threadId: null }, span)).toMatchObject({ kind: "done" });
  const last = () => telegram.messages(groupId).at(-1);
  expect(last()?.text).toContain("I may not send pictures");
  telegram.press({ chatId: groupId, userId: annaId, label: "Floods" });
  for (const update of await bot.api.getUpdates()) await bot.handleUpdate(update);
  await until("the page has turned", () => last()?.text?.includes("No flood."));
});
