import type { AlarmRules } from "../alarms/lifecycle/escalation-plan.ts";
import { ownEvent } from "../alarms/payloads/own.ts";
import type { Severity } from "../alarms/types.ts";
import { createAudience } from "./audience.ts";
import { createBridging, keysIn } from "./bridging.ts";
import { createChat, quietUntilOf } from "./chat.ts";
import { secretsOf, type Config } from "../config/config.ts";
import { openMemberBook } from "../devices/member-book.ts";
import { createDropped } from "../health/dropped.ts";
import { createDispatcher } from "../dispatch/dispatcher.ts";
import { PACE, readKeptPace } from "../dispatch/kept-pace.ts";
import { createPace } from "../dispatch/pace.ts";
import { withDeadline } from "../lib/time/deadline.ts";
import type { HttpServer } from "../http/server.ts";
import type { HeldLease } from "../lease/lease.ts";
import type { ServerClock } from "../lease/server-clock.ts";
import { takeOverMessage } from "../lease/words.ts";
import { createInsight } from "./insight.ts";
import { createMeasuring } from "./measuring.ts";
import { createRecording } from "./recording.ts";
import { noteHeld, watchMainThread } from "../lib/main-thread.ts";
import { createLogger } from "../lib/log.ts";
import { createOlderCopy } from "./older-copy.ts";
import { BUDGETS, NO_BUDGETS, type PastBudgets } from "./membership.ts";
import { createPlant } from "./plant.ts";
import { openLivePlants } from "../plants/live-plants.ts";
import { createMeters } from "../status/meters.ts";
import { openAudit } from "../store/people/audit.ts";
import { openAnswers } from "../store/people/answers.ts";
import { openPeople } from "../store/people/people.ts";
import { holds } from "../people/role.ts";
import { JOIN_GUARD_MS } from "../people/join-guard.ts";
import { openSecondFactor, SECOND_FACTOR } from "../people/second-factor.ts";
import { createRedactor } from "../lib/redact.ts";
import { openDatabase } from "../store/open-database.ts";
import { createMemberTable } from "../store/members.ts";
import { openRoutes } from "../store/people/routes.ts";
import { countAlarms } from "../store/alarms/alarm-counts.ts";
import { openReportStore } from "../reports/report-store.ts";
import { createReports } from "../reports/reports.ts";
import { viewOf } from "../plots/view.ts";
import { createStoreHealth } from "../store/health.ts";
import { createKeeping } from "../store/keeping.ts";
import { createEngine } from "../engine/engine.ts";
import { openStore } from "../store/store.ts";
import { createLimiting } from "./limiting.ts";
import { createComeback } from "../telegram/api/comeback.ts";
import { createApiHealth } from "../telegram/api/api-health.ts";
import { createTicker } from "../lib/time/ticker.ts";
import { createTimekeeper } from "./timekeeper.ts";
import { openTwinCat } from "./twincat.ts";
import { createUnreadCounts } from "../measurements/unread.ts";
import { VERSION } from "../lib/version.ts";
import { createUpkeep } from "./upkeep.ts";
import { createWorker } from "../worker/pool.ts";

/** The whole program. */
export interface App {
  start(): Promise<void>;
  /** The lease is nearly over and cannot be renewed: says what is wrong while it may. */
  sayLastWords(reason: unknown): Promise<void>;
  /** Stops the sources, then the sinks, and closes the store last; gives up waiting after `deadlineMs`. */
  stop(deadlineMs?: number): Promise<void>;
}

/** A call to Telegram may take twelve seconds (client.ts), and what came of it is to be noted; service managers wait for longer (deploy/). */
const STOP_DEADLINE_MS = 14_000;
/** How exactly reminders and the like are on time. */
const TICK_MS = 1_000;
/** A file that is not changed for so long is read; what becomes of the database is known as soon. */
const LOOK_MS = 1_000;
const SAVE_MS = 60_000;
const NUMBERS_MS = 10_000;
const SAY_MS = 60_000;
/** As a live board. */
const ANSWERS_MS = 5_000;
const REPORT_MS = 30_000;

/**
 * Builds every part, in the order in which data flows.
 * @param options.http what is to be had there is the app's from its start on; whoever opened it closes it
 * @param options.lease the right to act, which is held
 * @param options.clock where several share a database, that one’s
 * @param options.write takes a line of the log
 * @throws ConfigError if the plants file or the database cannot be used
 */
export async function createApp(
  config: Config,
  options: {
    readonly http: HttpServer;
    readonly lease: HeldLease;
    readonly clock: ServerClock;
    readonly write: (line: string) => void;
  },
): Promise<App> {
  const { http, lease, clock, write } = options;
  const { now } = clock;
  const startedAt = now();
  /** Those of the plants file. */
  let keys: readonly string[] = [];
  const redact = createRedactor(secretsOf(config), () => keys);
  const log = createLogger({ level: config.logLevel, redact, write });
  const { plants, look } = await openLivePlants({
    path: config.plantsFile,
    async onChange(former) {
      keys = keysIn(plants);
      bridging.follow();
      follow();
      await limiting.follow();
      await timekeeper.follow(former.escalation);
      await audience.review();
    },
    report: (message) => audience.tell(message),
    log,
  });

  keys = keysIn(plants);
  const worker = createWorker({ log });
  const dropped = createDropped({ now, log });
  const unread = createUnreadCounts({ now });

  // Store
  const meters = createMeters();
  const mainThread = watchMainThread(({ ms, by, underWay }) =>
    by === null
      ? log.warn({ ms, underWay }, "the main thread stood still")
      : log.warn({ ms, by }, "the main thread was held up by one handler"),
  );
  const health = createStoreHealth(config.database, now);
  const database = await openDatabase(
    config.database,
    {
      onStored: health.stored,
      onFailure: health.failed,
      onCommit(seconds) {
        meters.committed(seconds);
        // A file is written by this thread.
        if (config.database.kind === "file") noteHeld("a commit to the disk", seconds * 1_000);
      },
      onOpenToOthers: (problem) => log.warn(problem),
      onPutAside: (problem) => log.error(problem),
      onNotRebuilt: (error) =>
        log.warn({ err: error }, "could not rebuild the database: deleted data may still be in it"),
    },
    lease.right(),
  );
  const rules: AlarmRules = {
    ...config.alarms,
    get escalations() {
      return plants.escalation;
    },
  };
  const store = await openStore(database, { timeZone: config.timeZone, now });
  const engine = createEngine(store, {
    rules,
    destinationsOf: (alarm) => audience.destinationsOf(alarm),
    answers: { suffix: config.ackSuffix },
    now,
  });
  const olderCopy = createOlderCopy({
    path: config.database.kind === "file" ? `${config.database.path}.numbers` : null,
    database,
    tell: (message) => audience.take([ownEvent(message, now())]),
    log,
  });
  await olderCopy.check();
  const people = await openPeople(database, { ...config.telegram, now });
  const audit = openAudit(database, now);
  const routes = await openRoutes(database, (route, problem) =>
    log.warn({ route, problem }, "a route was not understood"),
  );

  // Alarms: broker → store → dispatcher → chats
  const pace = createPace({
    isOn: config.telegram.pace,
    past: readKeptPace(await store.facts.read(PACE)),
    clock,
  });
  const comeback = createComeback({
    probe: (signal) => chat.probe(signal),
    onBack() {
      link.pollAnew();
      dispatcher.back().catch((error: unknown) => log.error({ err: error }, "could not end the waits for Telegram"));
    },
    clock,
  });
  const link = createApiHealth({ clock, pace, comeback, mayAct: lease.isHeld, onCall: meters.called, log });
  const wake = (chatIds: readonly number[]): void => dispatcher.wake(chatIds);
  const timekeeper = createTimekeeper({ engine, store, rules, secondPath: config.secondPath, wake, clock });
  const audience = createAudience({
    adminIds: people.admins,
    isRemoved: people.isRemoved,
    alarmChatIds: () => [...config.telegram.alarmChatIds, ...store.chats.joined()],
    routes: () => [...plants.routes, ...routes.list()],
    escalations: () => plants.escalation,
    drilled: (alarm) => drill.destinationsOf(alarm),
    engine,
    store,
    wake,
    now,
    log,
  });
  const recording = await createRecording({
    config,
    database,
    readSpace: () => upkeep.readSpace(),
    clock,
    log,
  });
  const { recorder } = recording;
  /** Whatever measures: it is recorded, and held against its limits. */
  function onValue(...[key, at, value]: Parameters<typeof recorder.record>): void {
    recorder.record(key, at, value);
    limiting.take(key, at, value);
  }
  const members = await openMemberBook(createMemberTable(database));
  const severityOf = (device: string): Severity =>
    plants.devices.find(({ device: name }) => name === device)?.severity ?? "warning";
  const twincat = await openTwinCat({
    config,
    facts: store.facts,
    members,
    severityOf,
    onNumber: onValue,
    broker: () => mqtt,
    silence: () => silence,
    onUnread: unread.add,
    clock,
    log,
  });
  const measuring = createMeasuring({
    config,
    plants,
    recorder,
    onValue,
    members,
    devices: { devices: twincat.devices, severityOf },
    worker,
    database,
    store,
    onUnread: unread.add,
    now,
    log,
  });
  const limiting = createLimiting({
    config,
    plants,
    devices: () => twincat.devices.list(),
    numberOf(root, member) {
      const stored = members.of(root, member);
      return stored?.isOpen === true ? stored.number : null;
    },
    recorder,
    measuring,
    store,
    audience,
    clock,
    log,
  });
  const bridging = await createBridging({
    config,
    plants,
    database,
    audience,
    onEntries: measuring.takeEntries,
    mayAct: lease.isHeld,
    clock,
    log,
  });
  const { mqtt, silence, outbox, drill, filterWatch, loopTest, save, follow, exposures, tellToMend } = createPlant({
    config,
    plants,
    store,
    audience,
    measuring,
    devices: twincat.devices,
    dropped,
    onUnread: unread.add,
    isForBridge: bridging.isForBridge,
    mayAct: lease.isHeld,
    onRetry: meters.retriedOut,
    clock,
    log,
  });
  const upkeep = createUpkeep({
    config,
    database,
    store,
    audit,
    health,
    links: () => ({
      clientId: config.mqtt.clientId,
      mqtt: mqtt.status(),
      processes: lease.processes(),
      clockAheadMs: clock.aheadMs(),
      loops: loopTest.status(),
      telegram: link.status(),
      secondPathFailures: outbox.secondPathFailures(),
    }),
    tell: audience.tell,
    say: (text) => chat.sayToAdmins(text),
    clock,
    log,
  });
  const reportStore = await openReportStore(store.facts);
  const tickers = [
    ...upkeep.tickers,
    ...recording.tickers,
    ...limiting.tickers,
    createTicker({
      what: "looking at the clock",
      async work() {
        await timekeeper.tick();
        outbox.wake();
      },
      everyMs: TICK_MS,
      clock,
      log,
    }),
    createTicker({
      what: "looking at the database",
      work: database.look,
      everyMs: LOOK_MS,
      clock,
      log,
    }),
    createTicker({
      what: "keeping which numbers were given out",
      work: olderCopy.save,
      everyMs: NUMBERS_MS,
      clock,
      log,
    }),
    createTicker({
      what: "keeping what the next run must know",
      work: save,
      everyMs: SAVE_MS,
      clock,
      log,
    }),
    createTicker({
      what: "testing the way through the broker",
      work: loopTest.check,
      everyMs: TICK_MS,
      clock,
      log,
    }),
    createTicker({
      what: "looking at what topic filters bring",
      work: filterWatch.check,
      everyMs: SAVE_MS,
      clock,
      log,
    }),
    createTicker({
      what: "telling what was dropped",
      work: async () => dropped.say(),
      everyMs: SAY_MS,
      clock,
      log,
    }),
    createTicker({
      what: "looking at the plants file",
      work: look,
      everyMs: LOOK_MS,
      clock,
      log,
    }),
  ];

  const insight = createInsight({
    http: config.http,
    hasWebhook: config.telegram.webhookUrl !== null,
    timeZone: config.timeZone,
    storeStatus: health.status,
    historySince: store.history.since,
    disk: upkeep.readSpace,
    mqtt: mqtt.status,
    clientId: config.mqtt.clientId,
    exposures,
    lease,
    isActive: lease.isHeld,
    bridge: bridging,
    notes: config.notes,
    idleFilters: filterWatch.idle,
    loops: loopTest.status,
    telegram: link.status,
    outbox: outbox.status,
    store,
    database,
    meters,
    latest: measuring.thingspeak?.latest ?? measuring.latest,
    recorded: recording.status,
    limits: limiting.status,
    measurements: measuring.plotter.measurements,
    silence: () => silence.status(),
    dropped: dropped.lately,
    droppedTotals: dropped.totals,
    unread: unread.lately,
    unreadTotal: unread.total,
    mainThread: mainThread.delays,
    alarmChats: () => audience.recipients(),
    isOperator: (userId) => holds(people.roleOf(userId), "operator"),
    async isHealthy() {
      const isStoring = health.status().failure === null && mqtt.status().storeError === null;
      if (!isStoring || link.status().isTokenRefused) return false;
      // What is known to fail is not waited for.
      await store.cards.backlog();
      return true;
    },
    version: VERSION,
    startedAt,
    redact,
    now,
  });

  // Queries: chat → ThingSpeak → worker → chat
  // A private chat has the id of its person.
  const isServed = (chatId: number): boolean =>
    people.roleOf(chatId) !== null || audience.recipients().includes(chatId);
  const chat = createChat({
    isServed,
    config,
    plants,
    store,
    engine,
    people,
    audit,
    dropped,
    past: ((await store.facts.read(BUDGETS)) ?? NO_BUDGETS) as PastBudgets,
    wrongCodes: await audit.wrongCodes(now() - JOIN_GUARD_MS),
    secondFactor: await openSecondFactor({
      secrets: config.telegram.adminTotp,
      memory: {
        read: () => store.facts.read(SECOND_FACTOR),
        write: (content) => store.facts.write(SECOND_FACTOR, content),
      },
      ...clock,
    }),
    answers: openAnswers(database, now),
    onAhead: (of, number) =>
      void olderCopy
        .seen(of, number)
        .catch((error: unknown) =>
          log.error({ err: error }, "could not continue numbering above what a chat has seen"),
        ),
    routes,
    audience,
    drill,
    bridge: bridging.bridge,
    link,
    pace,
    clock,
    measuring,
    members: twincat.members,
    devices:
      config.twincat.mainTopics.length === 0
        ? null
        : { ...twincat, presences: silence.devices, isWritable: config.twincat.isWritable },
    reportStore,
    status: insight.status,
    onChange(chatIds) {
      wake(chatIds);
      outbox.wake();
    },
    onSignOfLife: (chatId) => dispatcher.revive(chatId),
    log,
  });
  const reports = createReports({
    store: reportStore,
    isServed,
    timeZoneOf: store.chats.timeZoneOf,
    currentId: store.chats.currentId,
    feed: {
      measurements: measuring.plotter.measurements,
      read: measuring.read,
      digest: measuring.digest,
      plot: (field, startAt, endAt, timeZone) => measuring.plotter.plot(viewOf([field], { startAt, endAt }), timeZone),
    },
    alarms: (since, chatId) => countAlarms(database, since, audience.scopeOf(chatId)),
    startedAt,
    send: chat.sendReport,
    now,
    log,
  });
  const keep = createKeeping(store.facts, { [PACE]: pace.kept, [BUDGETS]: chat.budgets });
  tickers.push(
    createTicker({
      what: "keeping what a take-over must know",
      work: keep,
      everyMs: TICK_MS,
      clock,
      log,
    }),
    createTicker({
      what: "noting what was not allowed",
      work: () => chat.settle(),
      everyMs: SAVE_MS,
      clock,
      log,
    }),
    createTicker({
      what: "keeping answers about alarms up to date",
      work: () => chat.refreshAnswers(),
      everyMs: ANSWERS_MS,
      clock,
      log,
    }),
    createTicker({
      what: "sending reports",
      work: () => reports.tick(),
      everyMs: REPORT_MS,
      clock,
      log,
    }),
  );
  const dispatcher = createDispatcher({
    store,
    sender: chat.sender,
    pace,
    floodRate: config.floodRate,
    togetherRate: config.togetherRate,
    quietUntil: (chatId, at) => quietUntilOf(store, chatId, at),
    clock,
    log,
    onMigrated: audience.follow,
    onReachable: audience.tellReachable,
    meter: meters,
  });
  /** Sources first, then what they feed. One that does not stop in order keeps the others from nothing. */
  async function stopParts(): Promise<void> {
    comeback.stop();
    await twincat.stop();
    for (const parts of [
      // No card is begun any more: what waits is shown by the next run.
      [mqtt, bridging, chat.updates, chat, dispatcher, ...tickers],
      [silence, worker, outbox],
    ]) {
      const results = await Promise.allSettled(parts.map((part) => part.stop()));
      for (const result of results)
        if (result.status === "rejected") log.error({ err: result.reason }, "a part did not stop in order");
    }
    measuring.stop();
    mainThread.stop();
    await Promise.all([keep(), save(), recorder.save(), twincat.save(), limiting.save(), olderCopy.save()]);
  }

  async function tellTakeOver(): Promise<void> {
    const [takeOver, [me]] = [lease.takenOver(), lease.processes()];
    const message = takeOver && me ? takeOverMessage(me, takeOver, config.timeZone) : null;
    if (message !== null) await audience.take([ownEvent(message, now())]);
  }

  return {
    async start() {
      mainThread.start();
      http.serve([...insight.routes, ...chat.routes]);
      await audience.forgetOthers();
      await timekeeper.start();
      await audience.review();
      await limiting.start();
      await dispatcher.start();
      await tellToMend();
      await olderCopy
        .save()
        .catch((error: unknown) => log.warn({ err: error }, "could not keep which numbers were given out"));
      outbox.start();
      for (const ticker of tickers) ticker.start();
      await chat.resume();
      chat.updates.start();
      await silence.start();
      mqtt.start();
      bridging.start();
      twincat.start();
      log.info({ version: VERSION, httpPort: http.port() }, "Valvomo is up");
      await tellTakeOver();
    },
    async sayLastWords(reason) {
      health.failed(reason);
      await upkeep.look();
    },
    async stop(deadlineMs = STOP_DEADLINE_MS) {
      const late = () => new Error(`not stopped after ${deadlineMs} ms`);
      await withDeadline(stopParts(), deadlineMs, late).catch((error: unknown) =>
        log.error({ err: error }, "stopping anyway"),
      );
      await store.close();
      log.info("Valvomo is down");
    },
  };
}
