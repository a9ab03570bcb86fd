import { isIP } from "node:net";
import { z } from "zod";
import { brokerUrls } from "./broker-urls.ts";
import { DEFAULT_DATABASE_URL } from "./database-url.ts";
import { forms, MIN_TOKEN_LENGTH } from "./forms.ts";

/** Every environment variable, one row each: its form, and its default if it has one. */
export const configSchema = z.object({
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{10,}$/, "is not a bot token: copy it from @BotFather, for example 123456:ABC…"),
  TELEGRAM_API_ROOT: forms.safeUrl("the bot's token").default("https://api.telegram.org"),
  TELEGRAM_WEBHOOK_URL: forms.webhookUrl.optional(),
  TELEGRAM_ADMIN_IDS: forms
    .list(forms.userId)
    .refine((ids) => ids.length > 0, "names nobody: give at least one user id"),
  TELEGRAM_ALARM_CHAT_IDS: forms.list(forms.telegramId).default([]),
  TELEGRAM_ADMIN_TOTP: forms
    .list(
      z
        .string()
        .regex(
          /^\d{1,15}:[A-Z2-7]{16,128}$/,
          "is not a list of user id:secret; npm run totp makes a secret of 32 characters",
        ),
    )
    .transform((pairs) => new Map(pairs.map((pair) => [Number(pair.split(":")[0]), pair.split(":")[1] ?? ""])))
    .default(new Map<number, string>()),
  TELEGRAM_PACE: z.enum(["on", "off"]).default("on"),
  MQTT_URL: brokerUrls,
  MQTT_USERNAME: z.string().optional(),
  MQTT_PASSWORD: z.string().optional(),
  MQTT_CA_FILE: z.string().optional(),
  MQTT_CERT_FILE: z.string().optional(),
  MQTT_KEY_FILE: z.string().optional(),
  MQTT_KEY_PASSPHRASE: z.string().optional(),
  MQTT_CLIENT_ID: z.string().max(64).default("valvomo"),
  MQTT_ALARM_TOPICS: forms
    .list(forms.topicFilter)
    .refine((topics) => topics.length > 0, "names no topic")
    .default(["lut/AMBsystem/warnings/#"]),
  MQTT_LIVE_TOPICS: forms.list(forms.topicFilter).default([]),
  MQTT_BULK_TOPIC: forms.topic("is not a topic: without # or +, for example bulkWrite").optional(),
  MQTT_LOOP_TEST: z.union([z.literal("off").transform(() => null), forms.duration]).default(300_000),
  MQTT_ACK_SUFFIX: z
    .string()
    .refine((suffix) => !/[#+\0]/.test(suffix), "has wildcards: it is put behind a topic, for example /ack")
    .optional(),
  ALARM_RETURN_AFTER: forms.duration.default(3_600_000),
  ALARM_CHATTER_RATE: forms.rate.default({ count: 5, withinMs: 600_000 }),
  ALARM_REPEAT_RATE: forms.rateOrOff.default({ count: 2, withinMs: 3_600_000 }),
  ALARM_LATE_AFTER: forms.duration.default(300_000),
  FLOOD_RATE: forms.rateOrOff.default({ count: 10, withinMs: 600_000 }),
  TOGETHER_RATE: forms.rateOrOff.default({ count: 2, withinMs: 5_000 }),
  SECOND_PATH_AFTER: forms.duration.default(60_000),
  SECOND_PATH_TOPIC: forms.topic("is not a topic to publish on").optional(),
  SECOND_PATH_URL: forms.safeUrl("what is posted there").optional(),
  KEEP_HISTORY: forms.duration.default(90 * 86_400_000),
  KEEP_HISTORY_SIZE: forms.size.optional(),
  RECORD_KEEP: forms.duration.default(400 * 86_400_000),
  RECORD_LIMIT: forms.bytes.default(1e9),
  PLANTS_FILE: z.string().optional(),
  TWINCAT_MAIN_TOPICS: forms.list(forms.mainTopic).default([]),
  TWINCAT_WRITE: z.enum(["on", "off"]).default("off"),
  TWINCAT_ACTIVE: z.enum(["on", "off"]).default("on"),
  TWINCAT_TIME_ZONE: forms.timeZone.default("UTC"),
  THINGSPEAK_URL: forms.safeUrl("the channel's key").default("https://api.thingspeak.com"),
  THINGSPEAK_CHANNEL_ID: z
    .string()
    .regex(/^\d{1,12}$/, "is not a channel id: it is the number in the channel's address")
    .optional(),
  THINGSPEAK_READ_API_KEY: z.string().optional(),
  THINGSPEAK_WRITE_API_KEY: z.string().optional(),
  THINGSPEAK_USER_API_KEY: z.string().optional(),
  THINGSPEAK_BULK_ENTRIES: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, "is not a whole number from 1 to 14400")
    .transform(Number)
    .refine((entries) => entries <= 14_400, "is more than the 14400 that ThingSpeak takes in one call on paid plans")
    .default(960),
  THINGSPEAK_POINT: z.enum(["newest", "bulk", "off"]).optional(),
  THINGSPEAK_POINT_EVERY: forms.duration
    .refine((ms) => ms >= 1_000, "is more often than ThingSpeak takes an update: 15s, or 1s on paid plans")
    .default(15_000),
  FEED_FILE: z.string().optional(),
  // Its form depends on what it is; see config/database-url.ts.
  DATABASE_URL: z.string().default(DEFAULT_DATABASE_URL),
  DATABASE_PASSWORD: z.string().optional(),
  DATABASE_CA_FILE: z.string().optional(),
  TIME_ZONE: forms.timeZone.default("UTC"),
  HTTP_HOST: z
    .string()
    .refine(
      (host) => isIP(host) !== 0 || host === "localhost",
      "is not an address of this machine, such as 127.0.0.1 or ::1",
    )
    .optional(),
  HTTP_PORT: z
    .string()
    .regex(/^\d{1,5}$/, "is not a port number")
    .transform(Number)
    .refine((port) => port <= 65_535, "is not a port number")
    .default(8080),
  HTTP_TOKEN: z
    .string()
    .min(
      MIN_TOKEN_LENGTH,
      `is too short: ${MIN_TOKEN_LENGTH} characters at least, for example from openssl rand -hex 16`,
    )
    .optional(),
  TLS_MIN_VERSION: z
    .enum(["1.2", "1.3", "TLSv1.2", "TLSv1.3"])
    .transform((version) => (version.endsWith("1.3") ? "TLSv1.3" : "TLSv1.2"))
    .default("TLSv1.2"),
  HTTPS_PROXY: forms.proxyUrl.optional(),
  NO_PROXY: z.string().optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
});
