import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "./errors.ts";

/**
 * Reads the environment into one frozen `Config` and reports every problem at once. `.env.example` lists the same names
 * with the same defaults; a test holds the two together.
 */

const DURATION_UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const telegramId = z
  .string()
  .regex(/^-?\d{1,15}$/, "is no Telegram id: write whole numbers, separated by commas")
  .transform(Number);

const list = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(z.array(item));

const duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/, "is no duration: write a number and s, m, h or d, for example 90s or 1h")
  .transform((text) => Number(text.slice(0, -1)) * DURATION_UNITS[text.slice(-1) as keyof typeof DURATION_UNITS]);

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => protocols.includes(URL.canParse(text) ? new URL(text).protocol : ""), {
    error: `is no URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  });

const timeZone = z.string().refine((name) => isTimeZone(name), "is no IANA time zone, for example Europe/Helsinki");

const topicFilter = z
  .string()
  .refine(
    (filter) => isTopicFilter(filter),
    "is no MQTT topic filter: # only as the last level, + only as a whole level",
  );

/** Whether `name` is a time zone that this runtime knows by its IANA name; offsets such as `+02:00` are not names. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isTopicFilter(filter: string): boolean {
  const levels = filter.split("/");
  return (
    !filter.includes("\0") &&
    levels.every((level, i) => {
      if (level.includes("#")) return level === "#" && i === levels.length - 1;
      return level === "+" || !level.includes("+");
    })
  );
}

/** One row per variable. An empty variable counts as not set, as compose files and CI systems write it. */
const schema = z.object({
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{10,}$/, "is no bot token: copy it from @BotFather, for example 123456:ABC…"),
  TELEGRAM_API_ROOT: url(["https:", "http:"]).default("https://api.telegram.org"),
  TELEGRAM_ADMIN_IDS: list(telegramId).refine((ids) => ids.length > 0, "names nobody: give at least one user id"),
  TELEGRAM_ALARM_CHAT_IDS: list(telegramId).default([]),
  TELEGRAM_PACE: z.enum(["on", "off"]).default("on"),
  MQTT_URL: url(["mqtt:", "mqtts:", "ws:", "wss:"]),
  MQTT_USERNAME: z.string().optional(),
  MQTT_PASSWORD: z.string().optional(),
  MQTT_CA_FILE: z.string().optional(),
  MQTT_CERT_FILE: z.string().optional(),
  MQTT_KEY_FILE: z.string().optional(),
  MQTT_CLIENT_ID: z.string().max(64).default("valvomo"),
  MQTT_ALARM_TOPICS: list(topicFilter)
    .refine((topics) => topics.length > 0, "names no topic")
    .default(["lut/AMBsystem/warnings/#"]),
  ALARM_RETURN_AFTER: duration.default(3_600_000),
  THINGSPEAK_URL: url(["https:", "http:"]).default("https://api.thingspeak.com"),
  THINGSPEAK_CHANNEL_ID: z
    .string()
    .regex(/^\d{1,12}$/, "is no channel id: it is the number in the channel's address")
    .optional(),
  THINGSPEAK_READ_API_KEY: z.string().optional(),
  DATABASE_URL: z
    .string()
    .startsWith("file:", "must be file:<path>, for example file:data/valvomo.db")
    .default("file:data/valvomo.db"),
  TIME_ZONE: timeZone.default("UTC"),
  HTTP_PORT: z
    .string()
    .regex(/^\d{1,5}$/, "is no port number")
    .transform(Number)
    .refine((port) => port <= 65_535, "is no port number")
    .default(8080),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

/** Variables whose value may stand in a file named by `NAME_FILE`, as container platforms mount secrets. */
const SECRETS = ["TELEGRAM_BOT_TOKEN", "MQTT_PASSWORD", "THINGSPEAK_READ_API_KEY"] as const;

/** Every environment variable that `readConfig` knows, for the test on `.env.example`. */
export const CONFIG_NAMES: readonly string[] = Object.keys(schema.shape);
/** Those of them that may be given as `NAME_FILE` too. */
export const SECRET_NAMES: readonly string[] = SECRETS;

/** The settings of one run: read once at the start, then frozen. Durations in milliseconds. */
export interface Config {
  readonly telegram: {
    readonly token: string;
    readonly apiRoot: string;
    readonly adminIds: readonly number[];
    readonly alarmChatIds: readonly number[];
    /** Whether to keep to Telegram's limits before being told to. */
    readonly pace: boolean;
  };
  readonly mqtt: {
    readonly url: string;
    readonly username: string | null;
    readonly password: string | null;
    readonly ca: Buffer | null;
    readonly cert: Buffer | null;
    readonly key: Buffer | null;
    readonly clientId: string;
    readonly alarmTopics: readonly string[];
  };
  readonly alarms: {
    /** A warning that never says "cleared" counts as new when it was away for this long. */
    readonly returnAfterMs: number;
  };
  readonly thingspeak: { readonly url: string; readonly channelId: string; readonly readApiKey: string | null } | null;
  readonly databasePath: string;
  readonly timeZone: string;
  readonly httpPort: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

/**
 * Turns environment variables into a `Config`.
 * @throws ConfigError with one sentence per problem, naming the variable and never its value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const name of CONFIG_NAMES) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set: keep one of them.`);
    const content = readFile(`${name}_FILE`, path, problems);
    if (content) given[name] = content.toString("utf8").trim();
  }
  const files = {
    ca: readFile("MQTT_CA_FILE", given["MQTT_CA_FILE"], problems),
    cert: readFile("MQTT_CERT_FILE", given["MQTT_CERT_FILE"], problems),
    key: readFile("MQTT_KEY_FILE", given["MQTT_KEY_FILE"], problems),
  };
  if ((files.cert === null) !== (files.key === null) && !problems.some((problem) => problem.startsWith("MQTT_"))) {
    problems.push("MQTT_CERT_FILE and MQTT_KEY_FILE belong together: set both or none.");
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      // A value from NAME_FILE that could not be read is reported already.
      if (given[name] === undefined && env[`${name}_FILE`]) continue;
      problems.push(`${name} ${given[name] === undefined ? "is missing" : sentence(issue)}.`);
    }
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);

  const v = parsed.data;
  return deepFreeze({
    telegram: {
      token: v.TELEGRAM_BOT_TOKEN,
      apiRoot: v.TELEGRAM_API_ROOT.replace(/\/+$/, ""),
      adminIds: v.TELEGRAM_ADMIN_IDS,
      alarmChatIds: v.TELEGRAM_ALARM_CHAT_IDS,
      pace: v.TELEGRAM_PACE === "on",
    },
    mqtt: {
      url: v.MQTT_URL,
      username: v.MQTT_USERNAME ?? null,
      password: v.MQTT_PASSWORD ?? null,
      ...files,
      clientId: v.MQTT_CLIENT_ID,
      alarmTopics: v.MQTT_ALARM_TOPICS,
    },
    alarms: { returnAfterMs: v.ALARM_RETURN_AFTER },
    thingspeak:
      v.THINGSPEAK_CHANNEL_ID === undefined
        ? null
        : {
            url: v.THINGSPEAK_URL.replace(/\/+$/, ""),
            channelId: v.THINGSPEAK_CHANNEL_ID,
            readApiKey: v.THINGSPEAK_READ_API_KEY ?? null,
          },
    databasePath: v.DATABASE_URL.slice("file:".length),
    timeZone: v.TIME_ZONE,
    httpPort: v.HTTP_PORT,
    logLevel: v.LOG_LEVEL,
  });
}

function readFile(name: string, path: string | undefined, problems: string[]): Buffer | null {
  if (!path) return null;
  try {
    return readFileSync(path);
  } catch (error) {
    problems.push(`${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? "unknown error"}).`);
    return null;
  }
}

/** zod's own sentences for enums hold no value either, but read badly; ours are the ones that start with a verb. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_big") return `is too long: ${String(issue.maximum)} characters at most`;
  return issue.message;
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const child of Object.values(value)) {
    // Buffers cannot be frozen; nobody writes to a certificate.
    if (child !== null && typeof child === "object" && !Buffer.isBuffer(child)) deepFreeze(child);
  }
  return Object.freeze(value);
}
