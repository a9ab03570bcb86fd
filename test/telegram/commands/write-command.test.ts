import { Bot } from "grammy";
import type { UserFromGetMe } from "grammy/types";
import { beforeEach, describe, expect, it } from "vitest";
import type { Device, Member } from "../../../src/devices/types.ts";
import { WriteCommand } from "../../../src/telegram/commands/write-command.ts";
import { createManualClock, type ManualClock } from "../../support/clock.ts";
import { silentLog } from "../../support/log.ts";
import { until } from "../../support/until.ts";
import { finish } from "../../../src/telegram/access/outcome.ts";

const ROOT = "plants/AMB/TcIotCommunicator/";
const AINO = { id: 11, is_bot: false, first_name: "Aino" };
const CHAT = { id: 11, type: "private" as const, first_name: "Aino" };

let clock: ManualClock;
/** What the plant says of its fan, and when it said so. */
let fan: Pick<Member, "value" | "at">;
let written: unknown[];
let kept: unknown;
let said: string[];
/** The data on the question's button. */
let yes: string;

beforeEach(() => {
  clock = createManualClock();
  fan = { value: 40, at: clock.now() };
  [written, said, kept, yes] = [[], [], null, ""];
});

const device = (): Device => ({
  number: 1,
  root: ROOT,
  name: "AMB",
  icon: "",
  permittedUsers: ["*"],
  members: [
    {
      group: "",
      path: "nFan",
      displayName: "Fan",
      unit: "%",
      isReadOnly: false,
      min: 0,
      max: 100,
      decimals: 0,
      permittedUsers: null,
      ...fan,
    },
  ],
  dataAt: fan.at,
});

/** A run of the program. @param write what it does to the plant */
async function run(write = async (): Promise<void> => undefined): Promise<(update: object) => Promise<void>> {
  const bot = new Bot("1:a", { botInfo: { id: 1, is_bot: true, username: "valvomo_bot" } as UserFromGetMe });
  bot.api.config.use(async (_, method, payload) => {
    if ("text" in payload && method !== "answerCallbackQuery") said.push(payload.text);
    const question = /write:\w+:yes/.exec(JSON.stringify(payload));
    if (question) yes = question[0];
    return { ok: true, result: true } as never;
  });
  const command = new WriteCommand({
    devices: { list: () => [device()], get: () => device() },
    presences: () => [{ root: ROOT, isUp: true, since: 0 }],
    askerOf: () => ({ userId: AINO.id, username: null, isAdmin: true }),
    async write(_, path, value) {
      written.push([path, value]);
      await write();
    },
    ask: () => undefined,
    confirm: () => 1,
    writeAuditLine: async () => undefined,
    keyValue: { read: async () => kept, write: async (_, content) => void (kept = structuredClone(content)) },
    clock,
    log: silentLog,
  });
  bot.command("set", async (ctx, next) => finish(ctx, await command.command.run?.(ctx, ctx.match, next)));
  bot.use(command.buttons);
  await command.resume();
  return (update) => bot.handleUpdate(update as never);
}

const ask = {
  update_id: 1,
  message: {
    message_id: 1,
    date: 0,
    chat: CHAT,
    from: AINO,
    text: "/set AMB fan 60",
    entities: [{ type: "bot_command", offset: 0, length: 4 }],
  },
};
const press = (id: number) => ({
  update_id: id,
  callback_query: { id: String(id), from: AINO, data: yes, message: { message_id: 2, date: 0, chat: CHAT } },
});

describe("a value that is to be written", () => {
  it("can be agreed to in the next run", async () => {
    await (
      await run()
    )(ask);
    expect(said).toEqual([expect.stringContaining("from <b>40 %</b> to <b>60 %</b>?")]);
    const next = await run();
    await next(press(2));
    expect(written).toEqual([["nFan", 60]]);
    expect(said.at(-1)).toContain("The plant is told");
  });

  it("is written once, whatever run the press comes to, and what the plant says of it is told", async () => {
    const first = await run(() => new Promise<void>(() => undefined));
    await first(ask);
    void first(press(2));
    await until("it is written", () => written.length === 1);
    clock.advance(4_000);
    const next = await run();
    await next(press(2));
    expect(said.at(-1)).toContain("Valvomo was cut off while it told the plant");
    fan = { value: 60, at: clock.now() };
    clock.advance(1_000);
    await until("told", () => said.at(-1)?.includes("✅ The plant took it"));
    // Another press finds nothing to agree to.
    await next(press(3));
    expect(written).toHaveLength(1);
  });

  it("is nobody's after five minutes, and nothing is kept of who asked", async () => {
    const first = await run();
    await first(ask);
    clock.advance(5 * 60_000 + 1);
    await until("forgotten", () => JSON.stringify(kept) === "[]");
    await (
      await run()
    )(press(2));
    expect(written).toEqual([]);
  });
});
