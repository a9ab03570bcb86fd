import { Api, Composer, type Context, type Transformer } from "grammy";
import type { Bridge } from "../bridge/bridge.ts";
import { quietUntil } from "../alarms/cards/quiet-hours.ts";
import { nextStep } from "../alarms/lifecycle/elapse.ts";
import { shiftEndAfter, shiftStartBefore } from "../alarms/shift.ts";
import type { Alarm } from "../alarms/types.ts";
import type { MemberAccess } from "../devices/member-access.ts";
import { NOBODY, type Caller } from "../devices/permitted.ts";
import { createDialogues, dialogueKey } from "../telegram/dialogues/dialogues.ts";
import { PlotDialogue, type DialogueContext } from "../telegram/dialogues/plot.ts";
import { withDeadline } from "../lib/time/deadline.ts";
import type { Drill } from "../engine/drill.ts";
import type { Pace } from "../dispatch/pace.ts";
import type { CardSender } from "../dispatch/types.ts";
import { UpstreamError } from "../lib/errors.ts";
import type { HttpRoute } from "../http/server.ts";
import type { Answers } from "../store/people/answers.ts";
import { createOwnMessages } from "../telegram/access/own-messages.ts";
import { createMembership, type Membership, type MembershipOptions } from "./membership.ts";
import type { Measuring } from "./measuring.ts";
import { createAlarmPictures } from "../plots/alarm-pictures.ts";
import type { Anchors } from "../queries/typed-time.ts";
import type { PlotView } from "../plots/view.ts";
import type { StatusLine } from "../lib/status-line.ts";
import type { Store } from "../store/store.ts";
import { onlyTo } from "../telegram/access/addressees.ts";
import { createAcknowledging } from "../telegram/cards/acknowledging.ts";
import { createAlarmAnswers } from "../telegram/cards/alarm-answers.ts";
import { answering } from "../telegram/api/answering.ts";
import { alarmView } from "../telegram/cards/alarm-views.ts";
import { HISTORY_LENGTH, createAlarmCommands } from "../telegram/commands/alarm-commands.ts";
import { callerOf, createAskerIn } from "../telegram/plots/asker.ts";
import { createBoardButtons } from "../telegram/cards/board-buttons.ts";
import { createBot } from "../telegram/commands/bot.ts";
import { createBridgeCommand } from "../telegram/commands/bridge-command.ts";
import { BUTTON_RIGHTS } from "../telegram/access/button-rights.ts";
import { createCardButtons } from "../telegram/access/card-buttons.ts";
import type { CardContext } from "../telegram/cards/card-view.ts";
import { clientOf } from "../telegram/api/client.ts";
import { createCardMenus } from "../telegram/cards/card-menus.ts";
import { createClosing } from "../telegram/cards/closing.ts";
import type { Command } from "../telegram/access/command.ts";
import { createCommands } from "../telegram/commands/commands.ts";
import { createDeviceCommands, type DeviceCommandOptions } from "../telegram/commands/device-commands.ts";
import { createDrillCommand } from "../telegram/commands/drill-command.ts";
import { createFeedCommands } from "../telegram/commands/feed-commands.ts";
import { inTurn } from "../telegram/api/in-turn.ts";
import { createInbox } from "../telegram/api/inbox.ts";
import type { ApiHealth } from "../telegram/api/api-health.ts";
import { inAnotherForm } from "../telegram/api/other-form.ts";
import { createWriteCommand, type WriteOptions } from "../telegram/commands/write-command.ts";
import { createNote } from "../telegram/access/noting.ts";
import { createNotes } from "../telegram/cards/notes.ts";
import { PlotButtons } from "../telegram/plots/plot-buttons.ts";
import { PlotReply } from "../telegram/plots/plot-reply.ts";
import { plainly } from "../telegram/api/plainly.ts";
import { createPolling } from "../telegram/api/polling.ts";
import { toGrammySignal } from "../telegram/api/signals.ts";
import type { Updates } from "../telegram/api/updates.ts";
import { createUpdateWebhook } from "../telegram/api/webhook.ts";
import { createQuietCommand } from "../telegram/commands/quiet-command.ts";
import { createReportCommand } from "../telegram/commands/report-command.ts";
import { createReportSender } from "../telegram/commands/report-sender.ts";
import { createRouteCommands } from "../telegram/commands/route-commands.ts";
import { TelegramCards } from "../telegram/cards/sender.ts";
import { createSeal } from "../telegram/api/sealed.ts";
import { createShelving } from "../telegram/cards/shelving.ts";
import { createVisibleTo } from "../telegram/access/visible-alarms.ts";
import { servedIn } from "../telegram/access/person.ts";

/** The chat side of the program: what people ask and press, and what they are shown. */
export interface Chat {
  readonly sender: CardSender;
  /** Takes what people write and press. */
  readonly updates: Updates;
  /** What Telegram must reach of us. */
  readonly routes: readonly HttpRoute[];
  readonly sendReport: ReturnType<typeof createReportSender>;
  /** Writes to each admin in private, at once and with nothing stored; rejects if none of them could be reached. */
  sayToAdmins(text: string): Promise<void>;
  /** Asks Telegram whether it is there; rejects if it is not. */
  probe(signal: AbortSignal): Promise<unknown>;
  /** Goes on with what the last run kept up to date. */
  resume(): Promise<void>;
  /** To be called every few seconds: keeps answers about alarms up to date. */
  refreshAnswers(): Promise<void>;
  /** To be called now and then: tells the audit log what has no line of its own. */
  settle(): Promise<void>;
  /** What people have left of their budgets, for the next run. */
  budgets: Membership["budgets"];
  /** Ends what goes on by itself. */
  stop(): Promise<void>;
}

/** What it is made from. */
export interface ChatOptions extends Omit<MembershipOptions, "api" | "allCommands" | "stopIn"> {
  readonly answers: Answers;
  /** See own-messages.ts. */
  readonly onAhead: (of: "alarm" | "board" | "person", number: number) => void;
  readonly drill: Drill;
  readonly bridge: Bridge | null;
  readonly link: ApiHealth;
  readonly pace: Pace;
  readonly measuring: Measuring;
  /** TwinCAT's devices; `null`: none are listened to. */
  readonly devices:
    | (Pick<DeviceCommandOptions, "devices" | "presences" | "numberOf"> &
        Pick<WriteOptions, "write" | "ask"> & { readonly isWritable: boolean })
    | null;
  readonly members: MemberAccess;
  readonly status: (timeZone: string) => Promise<readonly StatusLine[]>;
  /** Whether anything is shown in a chat: it gets alarms, or its person has a role. */
  readonly isServed: (chatId: number) => boolean;
  /** A chat that is served wrote something, or took the bot in again. */
  readonly onSignOfLife: (chatId: number) => void;
}

/** The dialogue keeps its person waiting for the first question. */
const ASK_TIMEOUT_MS = 5_000;
/** So many members of devices are offered as buttons, of which a message may have a hundred (FACTS: C1); the others are typed. */
const MAX_ASKED = 60;
/** “Since the last alarm” begins earlier: what led to it. */
const BEFORE_ALARM_MS = 3_600_000;

/** Builds commands, buttons and dialogues around one bot. */
export function createChat(options: ChatOptions): Chat {
  const {
    config,
    plants,
    store,
    engine,
    routes,
    audience,
    drill,
    link,
    pace,
    measuring,
    members,
    onChange,
    clock,
    log,
  } = options;
  const { now } = clock;
  const { plotter } = measuring;
  const { timeZoneOf } = store.chats;
  const client = clientOf(config.telegram.apiRoot, config.outgoing);
  const own = createOwnMessages({ store, answers: options.answers, onAhead: options.onAhead, log });
  const checked: readonly Transformer[] = [link.transformer, onlyTo(options.isServed), plainly, own.remember];
  const apiWith = (...transformers: readonly Transformer[]): Api => {
    const made = new Api(config.telegram.token, client);
    made.config.use(...transformers);
    return made;
  };
  const askerIn = createAskerIn(options.people.roleOf);
  const inSomeForm = inAnotherForm({ onMigrated: audience.follow });
  /** For those who ask for their turns themselves. */
  const unpaced = apiWith(...checked);

  function contextOf(alarm: Alarm, chatId: number): CardContext {
    // What is shown now is heard now.
    const next = nextStep(alarm.owedRing ? { ...alarm, owedRing: null, heardAt: now() } : alarm, plants.escalation);
    return {
      timeZone: timeZoneOf(chatId),
      now: now(),
      next: next && { at: next.at, to: next.to?.name ?? null },
      orphaned: audience.orphaned(alarm),
      isAlike: audience.isAlike(alarm),
      lateAfterMs: config.alarms.lateAfterMs,
    };
  }

  const anchorsOf = async (chatId: number): Promise<Anchors> => {
    const alarmAt = await store.alarms.lastStartAt();
    return {
      shift: shiftStartBefore(plants.shiftStarts, timeZoneOf(chatId), now()),
      alarm: alarmAt === null ? null : Math.min(alarmAt, now()) - BEFORE_ALARM_MS,
    };
  };

  const visibleTo = createVisibleTo(store, engine, audience.scopeOf, (userId) => membership.isLocked(userId));
  const alarmAnswers = createAlarmAnswers({
    find: (chatId, alarmId) => visibleTo(chatId).find(alarmId),
    async show({ chatId, messageId }, alarm) {
      const direct = apiWith(...checked, inTurn(pace, "edit"));
      if (alarm === null) return void (await direct.editMessageReplyMarkup(chatId, messageId));
      const history = await store.history.of(alarm.id, HISTORY_LENGTH);
      await direct.editMessageText(chatId, messageId, alarmView(alarm, history, contextOf(alarm, chatId)).html, {
        parse_mode: "HTML",
        reply_markup: { inline_keyboard: menus.buttonsBelow(alarm, chatId, messageId) },
      });
    },
    facts: store.facts,
    clock,
    log,
  });
  const alarmCommands = createAlarmCommands({
    store,
    visibleTo,
    contextOf,
    onAnswer: alarmAnswers.follow,
    isFor: (alarm, chatId) => audience.destinationsOf(alarm).some((to) => to.chatId === chatId),
    now,
  });
  const menus = createCardMenus({ store, now });
  const closing = createClosing({ store, visibleTo, menus, onChange, now, log });
  const shelving = createShelving({
    store,
    visibleTo,
    menus,
    onChange,
    shiftEndAfter: (timeZone, at) => shiftEndAfter(plants.shiftStarts, timeZone, at),
    now,
    log,
  });
  const acknowledging = createAcknowledging({ visibleTo, menus, showPage: alarmCommands.showPage, onChange, log });
  const cardButtons = createCardButtons({
    visibleTo,
    onChange,
    onTrend: (ctx, field) => answering(plotReply.order({ ...placeOf(ctx), typed: `${field} 2h` })),
    log,
  });
  async function followQuietHours(chatId: number): Promise<void> {
    await store.boards.wakeAt(chatId, quietUntilOf(store, chatId, now()) ?? now());
    onChange([chatId]);
  }
  const pictures = createAlarmPictures({
    plotter,
    isOpen: (field) => members.maySee([field], NOBODY),
    timeZoneOf,
    now,
    onReady: (alarmId, chatId) =>
      void store.cards.notePicture(alarmId, chatId).then(
        () => onChange([chatId]),
        (error: unknown) => log.error({ err: error }, "a trend could not be noted"),
      ),
    log,
  });
  const plotButtons = new PlotButtons({
    isServed: options.isServed,
    maySee: (chatId: number, by: Caller, { fields }: PlotView) => members.maySee(fields, askerIn(chatId, by)),
    api: apiWith(...checked, inSomeForm),
    facts: store.facts,
    plotter,
    pace,
    timeZoneOf,
    onFile: (ctx, view) => answering(plotReply.files(placeOf(ctx), view)),
    onDraw: (ctx, view) => answering(plotReply.order({ ...placeOf(ctx), view })),
    clock: options.clock,
    log,
  });
  const deviceCommands =
    options.devices &&
    createDeviceCommands({
      ...options.devices,
      askerIn,
      api: unpaced,
      pace,
      facts: store.facts,
      isServed: options.isServed,
      timeZoneOf,
      clock: options.clock,
      log,
    });
  const writeCommand =
    options.devices && options.devices.isWritable
      ? createWriteCommand({
          ...options.devices,
          askerOf: (ctx) => askerIn(servedIn(ctx).chatId, callerOf(ctx)),
          confirm: () => plants.confirm,
          note: createNote(options),
          facts: store.facts,
          clock: options.clock,
          log,
        })
      : null;
  const membership = createMembership({
    ...options,
    api: () => api,
    allCommands: () => commands,
    stopIn(chatId) {
      plotButtons.stopIn(chatId);
      deviceCommands?.stopIn(chatId);
    },
  });
  const bridgeCommand = createBridgeCommand({
    bridge: options.bridge,
    mayResume: (ctx) => membership.access.allows(ctx, BUTTON_RIGHTS["resend"]!),
    timeZoneOf,
    now,
  });
  const commands: readonly Command[] = createCommands({
    order: (order) => answering(plotReply.order(order)),
    async status(chatId) {
      const scope = audience.scopeOf(chatId);
      const all = await options.status(timeZoneOf(chatId));
      return all.filter(({ isForAdmins }) => isForAdmins !== true || scope === "everything");
    },
    chats: store.chats,
    allows: membership.access.allows,
    onTimeZone: followQuietHours,
    alarmCommands: [
      ...createFeedCommands({
        measurements: plotter.measurements,
        read: measuring.read,
        digest: measuring.digest,
        latest: measuring.latest,
        latestOf: measuring.latestOf,
        members,
        askerIn,
        timeZoneOf,
        anchorsOf,
        now,
        log,
      }),
      ...(deviceCommands?.commands ?? []),
      ...(writeCommand ? [writeCommand.command] : []),
      createReportCommand({ store: options.reportStore, timeZoneOf, now }),
      ...alarmCommands.commands,
      shelving.command,
      closing.command,
      createQuietCommand({ chats: store.chats, onChange: followQuietHours, now }),
      createDrillCommand({ drill }),
      bridgeCommand.command,
      ...createRouteCommands({ routes, plants, onChange: audience.review, placeOf: options.people.placeOf }),
      ...membership.commands,
    ],
    now,
  });
  const dialogues = createDialogues({
    plot: new PlotDialogue({
      now,
      async channel(chatId, by) {
        const late = () => new UpstreamError("slow", "no answer in time");
        const channel = await withDeadline(measuring.channel(), ASK_TIMEOUT_MS, late);
        return { ...channel, fields: [...channel.fields, ...members.first(MAX_ASKED, askerIn(chatId, by))] };
      },
      zoneOf: timeZoneOf,
      anchorsOf,
      onQuery: (query) => answering(plotReply.order({ ...query, request: query })),
    }),
    storage: store.dialogues,
  });
  const inbox = createInbox({
    store: store.inbox,
    bot: config.telegram.token.replace(/:.*/s, ""),
    seal: createSeal(config.telegram.token),
    passesOver: membership.strangers.passesOver,
    log,
  });
  const bot = createBot<DialogueContext>({
    token: config.telegram.token,
    client,
    transformers: [...checked, own.keep, inTurn(pace, "answer"), inSomeForm],
    access: membership.access,
    onCode: membership.joining.enter,
    commands,
    isAudience: (chatId) => audience.recipients().includes(chatId),
    onSignOfLife: options.onSignOfLife,
    onMigrated: audience.follow,
    onMoved: (ctx) => membership.joining.moved(ctx, membership.strangers),
    inbox,
    knows: own.knows,
    buttons: new Composer<Context>(
      alarmCommands.buttons,
      cardButtons,
      acknowledging,
      shelving.buttons,
      closing.buttons,
      createBoardButtons({ store, visibleTo, onChange, now, log }),
      createNotes({ store, visibleTo, access: membership.access, onChange }),
      ...membership.buttons,
      plotButtons.composer,
      bridgeCommand.buttons,
      ...(deviceCommands ? [deviceCommands.buttons] : []),
      ...(writeCommand ? [writeCommand.buttons] : []),
    ),
    keyOf: dialogueKey,
    dialogues,
    log,
  });
  const api: Api = bot.api;
  const plotReply = new PlotReply({ api, plotter, members, askerIn, timeZoneOf, anchorsOf, now, log });
  const receiving = { bot, inbox, log, onReady: membership.showMenus, mayTake: link.mayAct };
  const { token, webhookUrl } = config.telegram;
  const webhook = webhookUrl === null ? null : createUpdateWebhook({ ...receiving, token, url: webhookUrl });
  return {
    sender: new TelegramCards({
      api: unpaced,
      contextOf,
      buttonsBelow: menus.buttonsBelow,
      pictures,
      timeZoneOf,
      now,
    }),
    updates: webhook ?? createPolling(receiving),
    routes: webhook === null ? [] : [webhook],
    sendReport: createReportSender({ api: apiWith(...checked, inTurn(pace, "edit"), inSomeForm), log }),
    async sayToAdmins(text) {
      const direct = apiWith(...checked, inTurn(pace, "answer"));
      await Promise.any(options.people.admins().map((userId) => direct.sendMessage(userId, text)));
    },
    probe: (signal) => unpaced.getMe(toGrammySignal(signal)),
    async resume() {
      await Promise.all([
        plotButtons.resume(),
        deviceCommands?.resume(),
        writeCommand?.resume(),
        alarmAnswers.resume(),
      ]);
    },
    refreshAnswers: alarmAnswers.refresh,
    settle: () => membership.settle(),
    budgets: membership.budgets,
    async stop() {
      plotButtons.stop();
      deviceCommands?.stopAll();
      pace.close();
      await membership.settle(true);
    },
  };
}

/** When the quiet time of a chat ends in which `at` lies; `null` if it is not quiet. Epoch ms. */
export function quietUntilOf({ chats }: Pick<Store, "chats">, chatId: number, at: number): number | null {
  const quiet = chats.quietHoursOf(chatId);
  return quiet === null ? null : quietUntil(quiet, chats.timeZoneOf(chatId), at);
}

function placeOf(ctx: Context) {
  const { chatId, threadId } = servedIn(ctx);
  return { chatId, threadId, by: callerOf(ctx) };
}
