import type { BridgeSettings } from "../bridge/bridge.ts";
import type { ChatterRule } from "../alarms/lifecycle/chatter.ts";
import type { RepeatRule } from "../alarms/lifecycle/repeating.ts";
import type { FloodRate } from "../dispatch/assign-to-board.ts";
import type { MqttSettings } from "../mqtt/settings.ts";
import type { HistorySize } from "../store/history-size.ts";
import type { DatabaseSettings } from "../store/sql/settings.ts";
import type { Outgoing } from "../lib/outgoing.ts";

/** Whom we speak to, and how. */
export interface ServiceSettings {
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
  readonly thingspeak: { readonly url: string; readonly channelId: string; readonly readApiKey: string | null } | null;
  /** What the plant sends for ThingSpeak, and where it goes. */
  readonly bridge: BridgeSettings & {
    readonly url: string;
    /** Of the one channel; others have theirs in the plants file. */
    readonly writeApiKey: string | null;
    /** Of the account, to clear a channel with. */
    readonly userApiKey: string | null;
  };
  /** Where critical alarms go that no chat could be told of. */
  readonly secondPath: { readonly afterMs: number; readonly topic: string | null; readonly url: string | null };
  readonly outgoing: Outgoing;
}

/** What is listened to, and what the plant is told. */
export interface SiteSettings {
  readonly plantsFile: string | null;
  /** Topics whose heartbeat is learned. */
  readonly liveTopics: readonly string[];
  /** How often it is tried whether what is published comes back by the alarm topics; `null`: never. */
  readonly loopTestMs: number | null;
  /** What is put behind an alarm's topic to tell the plant that it was acknowledged; `null`: the plant is not told. */
  readonly ackSuffix: string | null;
  readonly twincat: {
    /** What the topics of devices begin with. */
    readonly mainTopics: readonly string[];
    /** Whether devices are told that we look on, so that they send their values. */
    readonly isActive: boolean;
    /** Whether operators may write values. */
    readonly isWritable: boolean;
  };
  /** A CSV file to plot in the place of a channel. */
  readonly feedFile: string | null;
  readonly timeZone: string;
}

/** How alarms are told. */
export interface AlarmSettings {
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
  /** More new alarms than this in a chat are a flood; `null`: never. */
  readonly floodRate: FloodRate | null;
  /** More new alarms than this, within seconds, are told together; `null`: never. */
  readonly togetherRate: FloodRate | null;
}

/** What is kept, where and for how long. */
interface StoreSettings {
  readonly database: DatabaseSettings;
  /** What is older is forgotten. */
  readonly keepHistoryMs: number;
  /** How much of the disk the database may take. */
  readonly historySize: HistorySize;
  /** What is measured, kept here: so long, and so much at most. */
  readonly recording: { readonly keepMs: number; readonly maxBytes: number };
}

/** The settings of one run: read once at the start, then frozen. Durations in milliseconds. */
export interface Config extends ServiceSettings, SiteSettings, AlarmSettings, StoreSettings {
  /** Our port, and the token that opens what is not for everybody; `null`: see `innerPage`. */
  readonly http: {
    /** The address to listen on; `null`: all of this machine. */
    readonly host: string | null;
    readonly port: number;
    readonly token: string | null;
  };
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What somebody should know of the settings, though nothing forbids it; one sentence each, without secrets. */
  readonly notes: readonly string[];
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
