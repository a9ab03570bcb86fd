import { Composer, type Context } from "grammy";
import { createAlarmChats } from "./alarm-chats.ts";
import { decode } from "./alarms/decode.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createDialogues, dialogueKey } from "./conversations/dialogues.ts";
import { createPlotDialogue, type DialogueContext } from "./conversations/plot.ts";
import { createDispatcher } from "./dispatch/dispatcher.ts";
import { createPace } from "./dispatch/pace.ts";
import { withDeadline } from "./deadline.ts";
import { UpstreamError } from "./errors.ts";
import { createHttpServer } from "./http.ts";
import { createLogger } from "./log.ts";
import { createMqttSession } from "./mqtt/session.ts";
import { createPlotter } from "./plots/plotter.ts";
import { readStatus } from "./status/status.ts";
import { openSqlite } from "./store/sqlite.ts";
import { openStore } from "./store/store.ts";
import { createAccess } from "./telegram/access.ts";
import { createAlarmCommands } from "./telegram/alarm-commands.ts";
import { createBot, registerCommands } from "./telegram/bot.ts";
import { createAcknowledgeButton } from "./telegram/card-buttons.ts";
import { createCommands } from "./telegram/commands.ts";
import { createLink } from "./telegram/link.ts";
import { createPlotReply } from "./telegram/plot-reply.ts";
import { createPolling } from "./telegram/polling.ts";
import { createCardSender } from "./telegram/sender.ts";
import { createThingSpeak } from "./thingspeak/client.ts";
import { VERSION } from "./version.ts";
import { createWorker } from "./worker/pool.ts";

/** The whole program. */
export interface App {
  /** @returns the port of /healthz */
  start(): Promise<{ readonly httpPort: number }>;
  /** Stops the sources, then the sinks, and closes the store last; gives up waiting after `deadlineMs`. */
  stop(deadlineMs?: number): Promise<void>;
}

const STOP_DEADLINE_MS = 8_000;
/** The dialogue keeps its person waiting for the first question. */
const ASK_TIMEOUT_MS = 5_000;

/** Builds every part, in the order in which data flows. */
export async function createApp(config: Config): Promise<App> {
  const { now } = systemClock;
  const startedAt = now();
  const log = createLogger({ level: config.logLevel, secrets: secretsOf(config) });

  // Store
  const store = await openStore(openSqlite(config.databasePath), {
    rules: config.alarms,
    timeZone: config.timeZone,
    now,
  });
  const { timeZoneOf } = store.chats;

  // Alarms: broker → store → dispatcher → chats
  const pace = createPace({ isOn: config.telegram.pace, now });
  const link = createLink({ now, pace });
  const alarmChats = createAlarmChats({
    ...config.telegram,
    store,
    wake: (chatIds) => dispatcher.wake(chatIds),
    now,
    log,
  });
  const access = createAccess({ ...config.telegram, isAlarmChat: alarmChats.includes });
  const mqtt = createMqttSession({
    settings: config.mqtt,
    store: (messages) => alarmChats.take(messages.map((message) => decode(message, config.alarms.twincatTimeZone))),
    now,
    log,
  });

  // Queries: chat → ThingSpeak → worker → chat
  const worker = createWorker({ log });
  const thingspeak =
    config.thingspeak &&
    createThingSpeak({ ...config.thingspeak, now, parse: (csv) => worker.run({ kind: "parse", csv }) });
  const plotter = thingspeak && createPlotter({ feed: thingspeak, worker });

  const alarmCommands = createAlarmCommands({ store, now });
  const acknowledgeButton = createAcknowledgeButton({ store, onChange: (chatIds) => dispatcher.wake(chatIds), log });
  const commands = createCommands({
    alarmCommands: alarmCommands.commands,
    hasChannel: plotter !== null,
    order: (order) => void plotReply?.(order),
    status: (timeZone) =>
      readStatus(
        {
          mqtt: mqtt.status,
          telegram: link.status,
          store,
          latest: thingspeak && thingspeak.latest,
          alarmChats: config.telegram.alarmChatIds.length,
          databasePath: config.databasePath,
          version: VERSION,
          startedAt,
          now,
        },
        timeZone,
      ),
    chats: store.chats,
    now,
  });
  const dialogues =
    plotter &&
    createDialogues({
      plot: createPlotDialogue({
        now,
        fields: () =>
          withDeadline(plotter.fields(), ASK_TIMEOUT_MS, () => new UpstreamError("slow", "no answer in time")),
        zoneOf: timeZoneOf,
        onQuery: (query) => void plotReply?.({ ...query, request: query }),
      }),
      storage: store.dialogues,
    });
  const bot = createBot<DialogueContext>({
    ...config.telegram,
    link,
    access,
    commands,
    onSignOfLife: (chatId) => dispatcher.revive(chatId),
    onMigrated: alarmChats.follow,
    buttons: new Composer<Context>(alarmCommands.buttons, acknowledgeButton),
    keyOf: dialogueKey,
    dialogues,
    log,
  });
  const plotReply = plotter && createPlotReply({ api: bot.api, plotter, timeZoneOf, now, log });
  const sender = createCardSender({ api: bot.api, timeZoneOf, now });
  const dispatcher = createDispatcher({
    store,
    sender,
    pace,
    clock: systemClock,
    log,
    onMigrated: alarmChats.follow,
    onReachable: alarmChats.tellReachable,
  });
  const polling = createPolling({ bot, log, onReady: () => registerCommands(bot, commands) });
  const http = createHttpServer({
    port: config.httpPort,
    isHealthy: () => store.backlog().then(() => mqtt.status().storeError === null),
  });

  /** Sources first, then what they feed. One that does not stop in order keeps the others from nothing. */
  async function stopParts(): Promise<void> {
    for (const parts of [[mqtt, polling], [worker, dispatcher], [http]]) {
      const results = await Promise.allSettled(parts.map((part) => part.stop()));
      for (const result of results)
        if (result.status === "rejected") log.error({ err: result.reason }, "a part did not stop in order");
    }
    thingspeak?.stop();
  }

  return {
    async start() {
      const httpPort = await http.start();
      await store.forgetOtherChats(alarmChats.recipients());
      await dispatcher.start();
      polling.start();
      mqtt.start();
      log.info({ version: VERSION, httpPort }, "Valvomo is up");
      return { httpPort };
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

function secretsOf({ telegram, mqtt, thingspeak }: Config): string[] {
  return [telegram.token, mqtt.password, thingspeak?.readApiKey].filter((secret) => typeof secret === "string");
}
