import type { Composer, Context } from "grammy";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import { servedIn } from "../../telegram/access/person.ts";
import { callerOf, type AskerIn } from "../../telegram/plots/asker.ts";
import type { Command } from "../../telegram/access/command.ts";
import { DeviceCommands } from "../../telegram/commands/device-commands.ts";
import { WriteCommand } from "../../telegram/commands/write-command.ts";
import { createAuditWriter } from "../../telegram/access/audit-writer.ts";
import type { ChatApi } from "./api.ts";
import type { ChatOptions } from "./options.ts";

/** TwinCAT's devices in a chat; empty where none are listened to. */
export interface ChatDevices {
  readonly commands: readonly Command[];
  readonly buttons: readonly Composer<Context>[];
  resume(former: Pick<FormerClock, "ends">): Promise<void>;
  /** Ends live cards in a chat. */
  stopIn(chatId: number): void;
  stopAll(): void;
}

/** Wires the commands about TwinCAT devices, live cards and `/set`; without devices, nothing. */
export function createChatDevices(options: ChatOptions, { unpaced }: ChatApi, askerIn: AskerIn): ChatDevices {
  const { devices, plants, store, pace, isServed, clock, log } = options;
  if (devices === null) {
    const nothing = (): void => undefined;
    return { commands: [], buttons: [], resume: async () => undefined, stopIn: nothing, stopAll: nothing };
  }
  const { keyValue, chats } = store;
  const { timeZoneOf } = chats;
  const looking = new DeviceCommands({
    ...devices,
    askerIn,
    api: unpaced,
    pace,
    keyValue,
    isServed,
    timeZoneOf,
    clock,
    log,
  });
  const writing = devices.isWritable
    ? new WriteCommand({
        ...devices,
        askerOf: (ctx) => askerIn(servedIn(ctx).chatId, callerOf(ctx)),
        confirm: () => plants.confirm,
        writeAuditLine: createAuditWriter(options),
        keyValue,
        clock,
        log,
      })
    : null;
  return {
    commands: [...looking.commands, ...(writing ? [writing.command] : [])],
    buttons: [looking.buttons, ...(writing ? [writing.buttons] : [])],
    async resume(former) {
      await Promise.all([looking.resume(former), writing?.resume(former)]);
    },
    stopIn: (chatId) => looking.stopIn(chatId),
    stopAll: () => looking.stopAll(),
  };
}
