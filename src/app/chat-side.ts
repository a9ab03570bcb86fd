import { createDispatcher, type Dispatcher } from "../dispatch/dispatcher.ts";
import { PACE } from "../pace/kept-pace.ts";
import { JOIN_GUARD_MS } from "../people/join-guard.ts";
import { openSecondFactor, SECOND_FACTOR } from "../people/second-factor.ts";
import { viewOf } from "../plots/view.ts";
import { openReportStore } from "../reports/report-store.ts";
import type { MonthlyQuality } from "../reports/monthly-quality.ts";
import { createReports, type Reports } from "../reports/reports.ts";
import { countAlarms } from "../store/alarms/alarm-lists.ts";
import { createKeeping } from "../store/keeping.ts";
import { openAnswers } from "../store/people/answers.ts";
import type { AlarmSide } from "./alarm-side.ts";
import { createChat, quietUntilOf, type Chat } from "./chat/chat.ts";
import type { ChatOptions } from "./chat/options.ts";
import type { Ground } from "./ground.ts";
import type { MeasurementSide } from "./measurement-side.ts";
import { monthlyQualityOf, qualityReportsOf } from "./quality-side.ts";
import { BUDGETS, pastBudgetsOf } from "./chat/access-options.ts";
import type { BrokerSide } from "./broker/broker-side.ts";

/** What people see and press: the chat, its cards, its reports. */
export interface ChatSide {
  readonly chat: Chat;
  readonly reports: Reports;
  readonly monthly: MonthlyQuality;
  readonly dispatcher: Dispatcher;
  /** Keeps what a take-over must know. */
  readonly keep: () => Promise<void>;
}

/** Opens the chat with what the last run left: its commands, its cards, its reports. */
export async function openChatSide(
  ground: Ground,
  alarmSide: AlarmSide,
  measurementSide: MeasurementSide,
  broker: BrokerSide,
  status: ChatOptions["status"],
): Promise<ChatSide> {
  const { config, database, later, teardown, meters, startedAt, clock, log } = ground;
  const { store, clockSince, notifier, recipients, pace, isServed } = alarmSide;
  const { feed } = measurementSide;
  const { now } = clock;
  const reportStore = await openReportStore(store.keyValue, log);
  const chat = createChat({
    ...(await chatOptions(ground, alarmSide, measurementSide, broker)),
    reportStore,
    quality: qualityReportsOf(ground, alarmSide),
    status,
  });
  later.built("chat", chat);
  const keep = createKeeping(store.keyValue, { [PACE]: pace.kept, [BUDGETS]: chat.budgets }, clock, clockSince);
  teardown.add("what a take-over must know", keep);
  const reports = createReports({
    store: reportStore,
    isServed,
    timeZoneOf: store.chats.timeZoneOf,
    currentId: store.chats.currentId,
    feed: {
      measurements: feed.plotter.measurements,
      read: feed.read,
      digest: feed.digest,
      plot: (field, startAt, endAt, timeZone) => feed.plotter.plot(viewOf([field], { startAt, endAt }), timeZone),
    },
    alarms: (since, chatId) => countAlarms(database, since, recipients.scopeOf(chatId)),
    startedAt,
    send: chat.sendReport,
    now,
    log,
  });
  const dispatcher = createDispatcher({
    store,
    sender: chat.sender,
    pace,
    floodRate: config.floodRate,
    togetherRate: config.togetherRate,
    quietUntil: (chatId, at) => quietUntilOf(store, chatId, at),
    clock,
    log,
    onMigrated: notifier.follow,
    onReachable: notifier.tellReachable,
    meter: meters,
  });
  later.built("dispatcher", dispatcher);
  return { chat, reports, monthly: monthlyQualityOf(ground, alarmSide, chat), dispatcher, keep };
}

async function chatOptions(
  ground: Ground,
  {
    store,
    formerClock,
    engine,
    duty,
    exchanges,
    handover,
    people,
    audit,
    routes,
    recipients,
    notifier,
    pace,
    apiHealth,
    wake,
    isServed,
  }: AlarmSide,
  { feed, fileColumns, twincat, bridging }: MeasurementSide,
  { drill, outbox, watchdog }: BrokerSide,
): Promise<Omit<ChatOptions, "reportStore" | "quality" | "status">> {
  const { config, plants, database, olderCopy, dropped, later, clock, log } = ground;
  const { now } = clock;
  const memory = {
    read: () => store.keyValue.read(SECOND_FACTOR),
    write: (content: unknown) => store.keyValue.write(SECOND_FACTOR, content),
  };
  const wrongCodes = await audit.wrongCodes(now() - JOIN_GUARD_MS);
  return {
    isServed,
    config,
    plants,
    store,
    engine,
    duty,
    exchanges,
    handover,
    people,
    audit,
    dropped,
    routes,
    recipients,
    notifier,
    drill,
    apiHealth,
    pace,
    feed,
    fileColumns,
    timeZone: config.timeZone,
    past: pastBudgetsOf(await store.keyValue.read(BUDGETS), formerClock),
    wrongCodes: wrongCodes.map(({ userId, at }) => ({ userId, at: formerClock.happened(at) })),
    secondFactor: await openSecondFactor({ secrets: config.telegram.adminTotp, memory, formerClock, ...clock }),
    answers: openAnswers(database, now),
    onAhead: (of, number) =>
      void olderCopy
        .seen(of, number)
        .catch((error: unknown) =>
          log.error({ err: error }, "could not continue numbering above what a chat has seen"),
        ),
    bridge: bridging.bridge,
    members: twincat.members,
    devices:
      config.twincat.mainTopics.length === 0
        ? null
        : { ...twincat, presences: () => watchdog.devices(), isWritable: config.twincat.isWritable },
    onChange(chatIds) {
      wake(chatIds);
      outbox.wake();
    },
    onSignOfLife: (chatId) => later.get("dispatcher").revive(chatId),
    clock,
    log,
  };
}
