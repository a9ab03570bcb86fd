import { Composer, type Context } from "grammy";
import type { FormerClock } from "../../lib/time/former-clock.ts";
import { quietUntil } from "../../alarms/cards/quiet-hours.ts";
import type { CardSender } from "../../dispatch/types.ts";
import type { HttpRoute } from "../../http/server.ts";
import { createChatAccess, type ChatAccess } from "./access.ts";
import type { Store } from "../../store/store.ts";
import { answering } from "../../telegram/api/answering.ts";
import { createBridgeCommand } from "../../telegram/commands/bridge-command.ts";
import { rightOf } from "../../telegram/access/button-rights.ts";
import type { Command } from "../../telegram/access/command.ts";
import { createCommands } from "../../telegram/commands/commands.ts";
import { createDrillCommand } from "../../telegram/commands/drill-command.ts";
import { inTurn } from "../../telegram/api/in-turn.ts";
import { createCardNotes } from "../../telegram/cards/card-notes.ts";
import { toGrammySignal } from "../../telegram/api/abort-signals.ts";
import type { Updates } from "../../telegram/api/updates.ts";
import { createQuietCommand } from "../../telegram/commands/quiet-command.ts";
import { createRouteCommands } from "../../telegram/commands/route-commands.ts";
import { createHelp } from "../../telegram/commands/help.ts";
import { createReportCommand } from "../../telegram/commands/report-command.ts";
import { createQualityCommand } from "../../telegram/quality/quality-command.ts";
import { createReportSender } from "../../telegram/commands/report-sender.ts";
import { TelegramCards } from "../../telegram/cards/sender.ts";
import { createRuleFile } from "../../plants/rule-file.ts";
import { createChatAlarms, type ChatAlarms } from "./alarms.ts";
import { createChatApi, type ChatApi } from "./api.ts";
import { createChatDevices, type ChatDevices } from "./devices.ts";
import type { ChatOptions } from "./options.ts";
import { createChatPlots, placeOf, type ChatPlots } from "./plots.ts";
import { createReceiving } from "./receiving.ts";

/** The chat side of the program: what people ask and press, and what they are shown. */
export interface Chat {
  readonly sender: CardSender;
  /** Takes what people write and press. */
  readonly updates: Updates;
  /** What Telegram must reach of us. */
  readonly routes: readonly HttpRoute[];
  readonly sendReport: ReturnType<typeof createReportSender>;
  readonly sendQuality: ReturnType<typeof createQualityCommand>["send"];
  /** Writes to each admin in private, at once and with nothing stored; rejects if none of them could be reached. */
  sayToAdmins(text: string): Promise<void>;
  /** Asks Telegram whether it is there; rejects if it is not. */
  probe(signal: AbortSignal): Promise<unknown>;
  /** Goes on with what the last run kept up to date. */
  resume(former: Pick<FormerClock, "ends">): Promise<void>;
  /** To be called every few seconds: keeps answers about alarms up to date, and asks whoever comes on duty to take over. */
  look(): Promise<void>;
  /** To be called now and then: tells the audit log what has no line of its own. */
  settle(): Promise<void>;
  /** What people have left of their budgets, for the next run. */
  budgets: ChatAccess["budgets"];
  /** Ends what goes on by itself. */
  stop(): Promise<void>;
}

/** Builds commands, buttons and dialogues around one bot. */
export function createChat(options: ChatOptions): Chat {
  const { store, pace, clock } = options;
  const chatApi = createChatApi(options);
  const { own, inSomeForm } = chatApi;
  const answersWith = [own.keep, inTurn(pace, "answer"), inSomeForm] as const;
  const api = chatApi.with(...answersWith);
  const plots = createChatPlots(options, chatApi, api);
  const alarms = createChatAlarms(options, chatApi, (ctx, field) =>
    answering(plots.reply.order({ ...placeOf(ctx), typed: `${field} 2h` })),
  );
  const devices = createChatDevices(options, chatApi, plots.askerIn);
  const chatAccess = createChatAccess({
    ...options,
    api,
    // Asked for when somebody writes, and when menus are shown.
    allCommands: () => commands,
    stopIn(chatId) {
      plots.buttons.stopIn(chatId);
      devices.stopIn(chatId);
    },
  });
  const { access } = chatAccess;
  const bridge = createBridgeCommand({
    bridge: options.bridge,
    mayResume(ctx) {
      const right = rightOf("resend");
      return right !== null && access.allows(ctx, right);
    },
    timeZoneOf: store.chats.timeZoneOf,
    now: clock.now,
  });
  const quality = createQualityCommand({
    reports: options.quality,
    rules: {
      ruleFile: createRuleFile(options.config.plantsFile),
      plants: options.plants,
      isShared: options.config.database.kind !== "file",
      find: (chatId, alarmId) => alarms.visibleTo(chatId).find(alarmId),
    },
    api: chatApi.with(own.keep, inTurn(pace, "edit"), inSomeForm),
    timeZoneOf: store.chats.timeZoneOf,
    nameOfChat: (chatId) => nameOfChat(options.plants, chatId),
    now: clock.now,
    log: options.log,
  });
  const help = createHelp({ commands: () => commands, allows: access.allows });
  const commands = commandsOf(options, { plots, alarms, devices, chatAccess, bridge, quality, help });
  const receiving = createReceiving(options, {
    chatAccess,
    commands,
    chatApi,
    transformers: [...chatApi.checked, ...answersWith],
    dialogue: plots.dialogue,
    buttons: new Composer<Context>(
      ...alarms.buttons,
      createCardNotes({ ...alarms, store, access, onChange: options.onChange }),
      ...chatAccess.buttons,
      ...plots.composers,
      bridge.buttons,
      quality.buttons,
      help.buttons,
      ...devices.buttons,
    ),
  });
  return {
    ...sendingOf(options, chatApi, plots, alarms),
    ...receiving,
    sendQuality: quality.send,
    async resume(former) {
      await Promise.all([plots.buttons.resume(former), devices.resume(former), alarms.answers.resume(former)]);
    },
    look: alarms.look,
    settle: () => chatAccess.settle(),
    budgets: chatAccess.budgets,
    async stop() {
      plots.buttons.stop();
      devices.stopAll();
      pace.close();
      await chatAccess.settle(true);
    },
  };
}

/** What goes to chats without being asked for, and the question whether Telegram is there. */
function sendingOf(
  { store, pace, clock, people, log }: ChatOptions,
  chatApi: ChatApi,
  plots: ChatPlots,
  alarms: ChatAlarms,
): Pick<Chat, "sender" | "sendReport" | "sayToAdmins" | "probe"> {
  const { unpaced, inSomeForm } = chatApi;
  return {
    sender: new TelegramCards({
      api: unpaced,
      contextOf: alarms.contextOf,
      buttonsBelow: alarms.menus.buttonsBelow,
      pictures: plots.pictures,
      timeZoneOf: store.chats.timeZoneOf,
      now: clock.now,
    }),
    sendReport: createReportSender({ api: chatApi.with(inTurn(pace, "edit"), inSomeForm), log }),
    async sayToAdmins(text) {
      const direct = chatApi.with(inTurn(pace, "answer"));
      await Promise.any(people.admins().map((userId) => direct.sendMessage(userId, text)));
    },
    probe: (signal) => unpaced.getMe(toGrammySignal(signal)),
  };
}

/** Every command, in the order of the menu. */
function commandsOf(
  options: ChatOptions,
  parts: {
    readonly plots: ChatPlots;
    readonly alarms: ChatAlarms;
    readonly devices: ChatDevices;
    readonly chatAccess: ChatAccess;
    readonly bridge: ReturnType<typeof createBridgeCommand>;
    readonly quality: ReturnType<typeof createQualityCommand>;
    readonly help: ReturnType<typeof createHelp>;
  },
): readonly Command[] {
  const { plants, store, routes, recipients, notifier, drill, reportStore, people, onChange } = options;
  const { plots, alarms, devices, chatAccess, bridge, quality, help } = parts;
  const { now } = options.clock;
  const { chats } = store;
  const { timeZoneOf } = chats;
  async function followQuietHours(chatId: number): Promise<void> {
    await store.boards.wakeAt(chatId, quietUntilOf(store, chatId, now()) ?? now());
    onChange([chatId]);
  }
  return createCommands({
    order: (order) => answering(plots.reply.order(order)),
    async status(chatId) {
      const scope = recipients.scopeOf(chatId);
      const all = await options.status(timeZoneOf(chatId));
      return all.filter(({ isForAdmins }) => isForAdmins !== true || scope === "everything");
    },
    chats,
    allows: chatAccess.access.allows,
    onTimeZone: followQuietHours,
    alarmCommands: [
      ...plots.commands,
      ...devices.commands,
      createReportCommand({ store: reportStore, timeZoneOf, now }),
      quality.command,
      ...alarms.commands,
      createQuietCommand({ chats, onChange: followQuietHours, now }),
      createDrillCommand({ drill }),
      bridge.command,
      ...createRouteCommands({ routes, plants, onChange: notifier.review, placeOf: people.placeOf }),
      ...chatAccess.commands,
    ],
    help: help.command,
    now,
  });
}

/** As the plants file names a chat; otherwise what it is. */
const nameOfChat = ({ chats }: ChatOptions["plants"], chatId: number): string =>
  Object.values(chats).find((chat) => chat.chatId === chatId)?.name ?? (chatId > 0 ? "a private chat" : "a group");

/** When the quiet time of a chat ends in which `at` lies; `null` if it is not quiet. Epoch ms. */
export function quietUntilOf({ chats }: Pick<Store, "chats">, chatId: number, at: number): number | null {
  const quiet = chats.quietHoursOf(chatId);
  return quiet === null ? null : quietUntil(quiet, chats.timeZoneOf(chatId), at);
}
