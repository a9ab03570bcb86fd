import { Composer, type Api, type Context } from "grammy";
import { quietUntil } from "./alarms/quiet-hours.ts";
import { nextStep } from "./alarms/elapse.ts";
import { shiftEndAfter, shiftStartBefore } from "./alarms/shift.ts";
import type { Alarm } from "./alarms/types.ts";
import type { Audience } from "./audience.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createDialogues, dialogueKey } from "./conversations/dialogues.ts";
import { createPlotDialogue, type DialogueContext } from "./conversations/plot.ts";
import { withDeadline } from "./deadline.ts";
import type { Drill } from "./drill.ts";
import type { Pace } from "./dispatch/pace.ts";
import type { CardSender } from "./dispatch/types.ts";
import { UpstreamError } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Plants } from "./plants/plants.ts";
import type { Measuring } from "./measuring.ts";
import { createAlarmPictures } from "./plots/alarm-pictures.ts";
import type { Anchors } from "./plots/typed-time.ts";
import type { ReportStore } from "./reports/report-store.ts";
import type { StatusLine } from "./status/status.ts";
import type { Routes } from "./store/routes.ts";
import type { Store } from "./store/store.ts";
import { createAccess } from "./telegram/access.ts";
import { createAlarmCommands } from "./telegram/alarm-commands.ts";
import { createBoardButtons } from "./telegram/board-buttons.ts";
import { createBot, registerCommands } from "./telegram/bot.ts";
import { createCardButtons } from "./telegram/card-buttons.ts";
import type { CardContext } from "./telegram/card-view.ts";
import { createCommands } from "./telegram/commands.ts";
import { createDrillCommand } from "./telegram/drill-command.ts";
import { createFeedCommands } from "./telegram/feed-commands.ts";
import type { Link } from "./telegram/link.ts";
import { createNotes } from "./telegram/notes.ts";
import { createPlotButtons } from "./telegram/plot-buttons.ts";
import { createPlotReply } from "./telegram/plot-reply.ts";
import { createPolling } from "./telegram/polling.ts";
import { createQuietCommand } from "./telegram/quiet-command.ts";
import { threadOf } from "./telegram/reply.ts";
import { createReportCommand } from "./telegram/report-command.ts";
import { createReportSender } from "./telegram/report-sender.ts";
import { createRouteCommands } from "./telegram/route-commands.ts";
import { createCardSender } from "./telegram/sender.ts";
import { createShelving } from "./telegram/shelving.ts";

/** The chat side of the program: what people ask and press, and what they are shown. */
export interface Chat {
  readonly sender: CardSender;
  /** Takes the updates. */
  readonly polling: ReturnType<typeof createPolling>;
  readonly sendReport: ReturnType<typeof createReportSender>;
  /** Ends what goes on by itself. */
  stop(): Promise<void>;
}

/** What it is made from. */
export interface ChatOptions {
  readonly config: Config;
  readonly plants: Plants;
  readonly store: Store;
  readonly routes: Routes;
  readonly audience: Audience;
  readonly drill: Drill;
  readonly link: Link;
  readonly pace: Pace;
  readonly clock: Clock;
  /** `null`: there is no ThingSpeak channel to plot. */
  readonly measuring: Measuring | null;
  readonly reportStore: ReportStore;
  readonly status: (timeZone: string) => Promise<readonly StatusLine[]>;
  /** Cards of these chats may be out of date. */
  readonly onChange: (chatIds: readonly number[]) => void;
  /** A chat that is served wrote something, or took the bot in again. */
  readonly onSignOfLife: (chatId: number) => void;
  readonly now: () => number;
  readonly log: Logger;
}

/** The dialogue keeps its person waiting for the first question. */
const ASK_TIMEOUT_MS = 5_000;
/** “Since the last alarm” begins earlier: what led to it. */
const BEFORE_ALARM_MS = 3_600_000;

/** Builds commands, buttons and dialogues around one bot. */
export function createChat(options: ChatOptions): Chat {
  const { config, plants, store, routes, audience, drill, link, measuring, onChange, now, log } = options;
  const plotter = measuring?.plotter ?? null;
  const { timeZoneOf } = store.chats;
  const isAdmin = (userId: number): boolean => config.telegram.adminIds.includes(userId);

  function contextOf(alarm: Alarm, chatId: number): CardContext {
    const next = nextStep(alarm, plants.escalation);
    return {
      timeZone: timeZoneOf(chatId),
      now: now(),
      next: next && { at: next.at, to: next.to?.name ?? null },
      orphaned: audience.orphaned(alarm),
      lateAfterMs: config.alarms.lateAfterMs,
    };
  }

  const anchorsOf = async (chatId: number): Promise<Anchors> => {
    const alarmAt = await store.lastStartAt();
    return {
      shift: shiftStartBefore(plants.shiftStarts, timeZoneOf(chatId), now()),
      alarm: alarmAt === null ? null : Math.min(alarmAt, now()) - BEFORE_ALARM_MS,
    };
  };

  const alarmCommands = createAlarmCommands({
    store,
    contextOf,
    isFor: (alarm, chatId) => audience.destinationsOf(alarm).some((to) => to.chatId === chatId),
    now,
  });
  const shelving = createShelving({
    store,
    onChange,
    shiftEndAfter: (timeZone, at) => shiftEndAfter(plants.shiftStarts, timeZone, at),
    now,
    log,
  });
  const cardButtons = createCardButtons({
    store,
    onChange,
    onTrend: plotter && ((ctx, field) => void plotReply?.order({ ...placeOf(ctx), typed: `${field} 2h` })),
    log,
  });
  async function followQuietHours(chatId: number): Promise<void> {
    await store.boards.wakeAt(chatId, quietUntilOf(store, chatId, now()) ?? now());
    onChange([chatId]);
  }
  const pictures =
    plotter &&
    createAlarmPictures({
      plotter,
      timeZoneOf,
      now,
      onReady: (alarmId, chatId) =>
        void store.picture(alarmId, chatId).then(
          () => onChange([chatId]),
          (error: unknown) => log.error({ err: error }, "a trend could not be noted"),
        ),
      log,
    });
  const plotButtons =
    plotter &&
    createPlotButtons({
      plotter,
      pace: options.pace,
      timeZoneOf,
      onFile: (ctx, view) => void plotReply?.files(placeOf(ctx), view),
      clock: options.clock,
      log,
    });
  const commands = createCommands({
    hasChannel: plotter !== null,
    order: (order) => void plotReply?.order(order),
    status: options.status,
    chats: store.chats,
    onTimeZone: followQuietHours,
    alarmCommands: [
      ...(measuring
        ? createFeedCommands({
            measurements: measuring.plotter.measurements,
            read: measuring.read,
            latest: measuring.latest,
            timeZoneOf,
            anchorsOf,
            now,
            log,
          })
        : []),
      createReportCommand({ store: options.reportStore, timeZoneOf, now }),
      ...alarmCommands.commands,
      shelving.command,
      createQuietCommand({ chats: store.chats, onChange: followQuietHours, now }),
      createDrillCommand({ drill, isAdmin }),
      ...createRouteCommands({ routes, plants, isAdmin, onChange: audience.review }),
    ],
    now,
  });
  const dialogues =
    measuring &&
    createDialogues({
      plot: createPlotDialogue({
        now,
        channel: () =>
          withDeadline(measuring.channel(), ASK_TIMEOUT_MS, () => new UpstreamError("slow", "no answer in time")),
        zoneOf: timeZoneOf,
        anchorsOf,
        onQuery: (query) => void plotReply?.order({ ...query, request: query }),
      }),
      storage: store.dialogues,
    });
  const bot = createBot<DialogueContext>({
    ...config.telegram,
    link,
    access: createAccess({ ...config.telegram, isAlarmChat: audience.includes }),
    commands,
    onSignOfLife: options.onSignOfLife,
    onMigrated: audience.follow,
    buttons: new Composer<Context>(
      alarmCommands.buttons,
      cardButtons,
      shelving.buttons,
      createBoardButtons({ store, onChange, now, log }),
      createNotes({ store, onChange }),
      ...(plotButtons ? [plotButtons.composer] : []),
    ),
    keyOf: dialogueKey,
    dialogues,
    log,
  });
  const api: Api = bot.api;
  const plotReply = plotter && createPlotReply({ api, plotter, timeZoneOf, anchorsOf, now, log });
  return {
    sender: createCardSender({ api, contextOf, buttonsBelow: shelving.buttonsBelow, pictures, timeZoneOf, now }),
    polling: createPolling({ bot, log, onReady: () => registerCommands(bot, commands) }),
    sendReport: createReportSender({ api, log }),
    stop: async () => plotButtons?.stop(),
  };
}

/** When the quiet time of a chat ends in which `at` lies; `null` if it is not quiet. Epoch ms. */
export function quietUntilOf({ chats }: Pick<Store, "chats">, chatId: number, at: number): number | null {
  const quiet = chats.quietHoursOf(chatId);
  return quiet === null ? null : quietUntil(quiet, chats.timeZoneOf(chatId), at);
}

const placeOf = (ctx: Context) => ({ chatId: ctx.chatId ?? 0, threadId: threadOf(ctx) });
