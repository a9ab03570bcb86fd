import type { z } from "zod";
import { doubtsOf } from "../alarms/alarm-filter.ts";
import { unquoted } from "./env-file.ts";
import { brokersOf, haveAllPasswords } from "./broker-urls.ts";
import { readDatabase } from "./database-url.ts";
import { checkNamed, readTlsFiles } from "./files.ts";
import { CONFIG_NAMES, readGiven, SECRET_NAMES } from "./given.ts";
import { misnamed } from "./names.ts";
import type { Settings, Variables } from "./settings-file.ts";
import { configSchema, partsOf } from "./config-schema.ts";
import type { BridgeSettings } from "../bridge/bridge.ts";
import type { ChatterRule } from "../alarms/lifecycle/chatter.ts";
import type { RepeatRule } from "../alarms/lifecycle/repeating.ts";
import { clean, inOneLine, shorten } from "../alarms/text.ts";
import type { FloodRate } from "../dispatch/gather.ts";
import { ConfigError } from "../lib/errors.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import type { MqttSettings } from "../mqtt/settings.ts";
import type { HistorySize } from "../store/history-size.ts";
import type { DatabaseSettings } from "../store/sql/settings.ts";
import type { Outgoing } from "../lib/outgoing.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";

/**
 * Reads the environment into one frozen `Config` and reports every problem at once. `.env.example` lists the same names
 * with the same defaults; a test holds the two together.
 */

/** Unless a size is set. */
const HALF_OF_DISK: HistorySize = { share: 0.5 };

/** The settings of one run: read once at the start, then frozen. Durations in milliseconds. */
export interface Config {
  readonly telegram: {
    readonly token: string;
    readonly apiRoot: string;
    /** Where Telegram delivers updates to; `null`: they are fetched. */
    readonly webhookUrl: string | null;
    readonly adminIds: readonly number[];
    readonly alarmChatIds: readonly number[];
    /** The admins' secrets of the second factor, in base32, by user id; empty: there is none. */
    readonly adminTotp: ReadonlyMap<number, string>;
    /** Whether to keep to Telegram's limits before being told to. */
    readonly pace: boolean;
  };
  readonly mqtt: MqttSettings;
  /** Topics whose heartbeat is learned. */
  readonly liveTopics: readonly string[];
  /** How often it is tried whether what is published comes back by the alarm topics; `null`: never. */
  readonly loopTestMs: number | null;
  /** What is put behind an alarm's topic to tell the plant that it was acknowledged; `null`: the plant is not told. */
  readonly ackSuffix: string | null;
  /** Where critical alarms go that no chat could be told of. */
  readonly secondPath: { readonly afterMs: number; readonly topic: string | null; readonly url: string | null };
  readonly twincat: {
    /** What the topics of devices begin with. */
    readonly mainTopics: readonly string[];
    /** Whether devices are told that we look on, so that they send their values. */
    readonly isActive: boolean;
    /** Whether operators may write values. */
    readonly isWritable: boolean;
  };
  readonly plantsFile: string | null;
  /** What is older is forgotten. */
  readonly keepHistoryMs: number;
  /** How much of the disk the database may take. */
  readonly historySize: HistorySize;
  /** What is measured, kept here: so long, and so much at most. */
  readonly recording: { readonly keepMs: number; readonly maxBytes: number };
  /** More new alarms than this in a chat are a flood; `null`: never. */
  readonly floodRate: FloodRate | null;
  /** More new alarms than this, within seconds, are told together; `null`: never. */
  readonly togetherRate: FloodRate | null;
  readonly alarms: {
    /** A warning that never says "cleared" counts as new when it was away for this long. */
    readonly returnAfterMs: number;
    /** IANA name: what the clocks of TwinCAT PLCs show. */
    readonly twincatTimeZone: string;
    /** An alarm that comes more often than this chatters. */
    readonly chatter: ChatterRule;
    /** One that comes more often than this repeats: it rings once in this time. */
    readonly repeating: RepeatRule;
    /** An event that took longer to come is shown as late. */
    readonly lateAfterMs: number;
  };
  readonly thingspeak: { readonly url: string; readonly channelId: string; readonly readApiKey: string | null } | null;
  /** What the plant sends for ThingSpeak, and where it goes. */
  readonly bridge: BridgeSettings & {
    readonly url: string;
    /** Of the one channel; others have theirs in the plants file. */
    readonly writeApiKey: string | null;
    /** Of the account, to clear a channel with. */
    readonly userApiKey: string | null;
  };
  /** A CSV file to plot in the place of a channel. */
  readonly feedFile: string | null;
  readonly database: DatabaseSettings;
  readonly timeZone: string;
  /** Our port, and the token that opens what is not for everybody; `null`: see `innerPage`. */
  readonly http: {
    /** The address to listen on; `null`: all of this machine. */
    readonly host: string | null;
    readonly port: number;
    readonly token: string | null;
  };
  readonly outgoing: Outgoing;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What somebody should know of the settings, though nothing forbids it; one sentence each, without secrets. */
  readonly notes: readonly string[];
}

/**
 * Turns variables into a `Config`.
 * @param found what the file that they were read from, if any, is to blame for
 * @throws ConfigError with one sentence per problem, naming the variable and never its value.
 */
export function readConfig(
  env: Variables,
  found: Pick<Settings, "problems" | "notes"> = { problems: [], notes: [] },
): Config {
  const problems = [...found.problems, ...misnamed(env, CONFIG_NAMES, SECRET_NAMES)];
  const notes = [...found.notes];
  if (unquoted(env["NODE_TLS_REJECT_UNAUTHORIZED"] ?? "") === "0") {
    problems.push(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as Telegram and the broker: remove it. An authority of your own " +
        "goes into MQTT_CA_FILE or NODE_EXTRA_CA_CERTS.",
    );
  }
  const given = readGiven(env, { problems, notes });
  const files = readTlsFiles(given, { problems, notes });
  checkNamed(given, { problems, notes });
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      // What NAME_FILE or the line of a file was refused for is reported already.
      const isTold = env[`${name}_FILE`] || found.problems.some((problem) => problem.includes(`: ${name} `));
      if (given[name] === undefined && isTold) continue;
      const text = given[name];
      problems.push(text === undefined ? `${name} is missing.` : `${name}${partOf(issue, text)} ${sentence(issue)}.`);
    }
  }
  if (given["FEED_FILE"] !== undefined && given["THINGSPEAK_CHANNEL_ID"] !== undefined) {
    problems.push("FEED_FILE and THINGSPEAK_CHANNEL_ID are both set: keep the one to plot.");
  }
  const secondTopic = parsed.data?.SECOND_PATH_TOPIC;
  if (
    secondTopic !== undefined &&
    parsed.data?.MQTT_ALARM_TOPICS.some((filter) => matchesFilter(filter, secondTopic))
  ) {
    problems.push(
      "SECOND_PATH_TOPIC is one of MQTT_ALARM_TOPICS: what is published there would come back as an alarm.",
    );
  }
  if (given["MQTT_PASSWORD"] !== undefined && parsed.success && haveAllPasswords(parsed.data.MQTT_URL)) {
    problems.push("MQTT_PASSWORD is set, and MQTT_URL holds a password for each broker: keep one of them.");
  }
  const database = readDatabase(given, { problems, notes });
  const historySize = parsed.data?.KEEP_HISTORY_SIZE ?? HALF_OF_DISK;
  if (database?.kind === "postgres" && parsed.data?.KEEP_HISTORY_SIZE && "share" in historySize) {
    problems.push(
      "KEEP_HISTORY_SIZE is a share of the disk, and PostgreSQL’s disk cannot be seen from here: name a size, such as 5GB.",
    );
  }
  if (!parsed.success || database === null || problems.length > 0) throw new ConfigError([...new Set(problems)]);

  const v = parsed.data;
  return deepFreeze({
    telegram: {
      token: v.TELEGRAM_BOT_TOKEN,
      apiRoot: v.TELEGRAM_API_ROOT.replace(/\/+$/, ""),
      webhookUrl: v.TELEGRAM_WEBHOOK_URL ?? null,
      adminIds: v.TELEGRAM_ADMIN_IDS,
      alarmChatIds: v.TELEGRAM_ALARM_CHAT_IDS,
      adminTotp: v.TELEGRAM_ADMIN_TOTP,
      pace: v.TELEGRAM_PACE === "on",
    },
    mqtt: {
      brokers: brokersOf(v.MQTT_URL, v.MQTT_USERNAME ?? null, v.MQTT_PASSWORD ?? null),
      ...files,
      passphrase: v.MQTT_KEY_PASSPHRASE ?? null,
      minVersion: v.TLS_MIN_VERSION,
      clientId: v.MQTT_CLIENT_ID,
      topics: v.MQTT_ALARM_TOPICS,
    },
    liveTopics: v.MQTT_LIVE_TOPICS,
    loopTestMs: v.MQTT_LOOP_TEST,
    ackSuffix: v.MQTT_ACK_SUFFIX ?? null,
    secondPath: {
      afterMs: v.SECOND_PATH_AFTER,
      topic: v.SECOND_PATH_TOPIC ?? null,
      url: v.SECOND_PATH_URL ?? null,
    },
    twincat: {
      mainTopics: [...new Set(v.TWINCAT_MAIN_TOPICS)],
      isActive: v.TWINCAT_ACTIVE === "on",
      isWritable: v.TWINCAT_WRITE === "on",
    },
    plantsFile: v.PLANTS_FILE ?? null,
    keepHistoryMs: v.KEEP_HISTORY,
    historySize,
    recording: { keepMs: v.RECORD_KEEP, maxBytes: v.RECORD_LIMIT },
    floodRate: v.FLOOD_RATE,
    togetherRate: v.TOGETHER_RATE,
    alarms: {
      returnAfterMs: v.ALARM_RETURN_AFTER,
      twincatTimeZone: v.TWINCAT_TIME_ZONE,
      chatter: v.ALARM_CHATTER_RATE,
      repeating: v.ALARM_REPEAT_RATE,
      lateAfterMs: v.ALARM_LATE_AFTER,
    },
    thingspeak:
      v.THINGSPEAK_CHANNEL_ID === undefined
        ? null
        : {
            url: v.THINGSPEAK_URL.replace(/\/+$/, ""),
            channelId: v.THINGSPEAK_CHANNEL_ID,
            readApiKey: v.THINGSPEAK_READ_API_KEY ?? null,
          },
    bridge: {
      url: v.THINGSPEAK_URL.replace(/\/+$/, ""),
      writeApiKey: v.THINGSPEAK_WRITE_API_KEY ?? null,
      userApiKey: v.THINGSPEAK_USER_API_KEY ?? null,
      bulkTopic: v.MQTT_BULK_TOPIC ?? null,
      channelId: v.THINGSPEAK_CHANNEL_ID === undefined ? null : Number(v.THINGSPEAK_CHANNEL_ID),
      point: v.THINGSPEAK_POINT ?? (v.THINGSPEAK_WRITE_API_KEY === undefined ? "off" : "newest"),
      pointEveryMs: v.THINGSPEAK_POINT_EVERY,
      entriesPerCall: v.THINGSPEAK_BULK_ENTRIES,
    },
    feedFile: v.FEED_FILE ?? null,
    database,
    timeZone: v.TIME_ZONE,
    http: { host: v.HTTP_HOST ?? null, port: v.HTTP_PORT, token: v.HTTP_TOKEN ?? null },
    outgoing: {
      minVersion: v.TLS_MIN_VERSION,
      proxy: v.HTTPS_PROXY === undefined ? null : { url: v.HTTPS_PROXY, except: v.NO_PROXY ?? null },
    },
    logLevel: v.LOG_LEVEL,
    notes: [
      ...notes,
      ...doubtsOf("MQTT_ALARM_TOPICS", v.MQTT_ALARM_TOPICS),
      // A live topic is often named as it is; one that ends so never is.
      ...doubtsOf(
        "MQTT_LIVE_TOPICS",
        v.MQTT_LIVE_TOPICS.filter((filter) => filter.endsWith("/")),
      ),
    ],
  });
}

/** What must not be read in a log, a message or a crash. */
export function secretsOf({
  telegram,
  mqtt,
  thingspeak,
  bridge,
  secondPath,
  database,
  http,
  outgoing,
}: Config): string[] {
  const proxy = outgoing.proxy && new URL(outgoing.proxy.url);
  const [user, password] = [proxy?.username, proxy?.password].map((part) => decodeURIComponent(part ?? ""));
  return [
    telegram.token,
    ...telegram.adminTotp.values(),
    ...mqtt.brokers.map(({ password }) => password),
    mqtt.passphrase,
    thingspeak?.readApiKey,
    bridge.writeApiKey,
    bridge.userApiKey,
    secondPath.url,
    database.kind === "postgres" ? database.password : null,
    http.token,
    ...(password ? [outgoing.proxy?.url, password, `${user}:${password}`] : []),
  ].filter((secret) => typeof secret === "string");
}

/** Of a topic; more is read in the file itself. */
const MAX_PART = 120;

/** Which topic of a list is meant; what else is in lists may be secret. */
function partOf({ path: [name, place] }: z.core.$ZodIssue, text: string): string {
  if (typeof place !== "number" || !String(name).endsWith("_TOPICS")) return "";
  return ` (${shorten(inOneLine(clean(partsOf(text)[place] ?? "")), MAX_PART)})`;
}

/** zod's own sentences for enums hold no value either, but read badly; ours are the ones that start with a verb. */
function sentence(issue: z.core.$ZodIssue): string {
  // All of these are something that may be turned off: what it was to be comes last.
  const meant = issue.code === "invalid_union" ? issue.errors.at(-1)?.[0] : undefined;
  if (meant) return `${sentence(meant)}, or off`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_big") return `is too long: ${String(issue.maximum)} characters at most`;
  return issue.message;
}
