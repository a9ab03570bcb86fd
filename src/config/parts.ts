import type { z } from "zod";
import { brokersOf } from "./broker-urls.ts";
import type { AlarmSettings, SiteSettings, ServiceSettings } from "./config.ts";
import type { configSchema } from "./config-schema.ts";
import type { TlsFiles } from "./files.ts";

/** The settings by the names under which they are given, each in its form. */
export type GivenSettings = z.infer<typeof configSchema>;

/** Whom we speak to. */
export function servicesOf(v: GivenSettings, files: TlsFiles): ServiceSettings {
  const url = v.THINGSPEAK_URL.replace(/\/+$/, "");
  const channelId = v.THINGSPEAK_CHANNEL_ID ?? null;
  return {
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
    thingspeak: channelId === null ? null : { url, channelId, readApiKey: v.THINGSPEAK_READ_API_KEY ?? null },
    bridge: {
      url,
      writeApiKey: v.THINGSPEAK_WRITE_API_KEY ?? null,
      userApiKey: v.THINGSPEAK_USER_API_KEY ?? null,
      bulkTopic: v.MQTT_BULK_TOPIC ?? null,
      channelId: channelId === null ? null : Number(channelId),
      point: v.THINGSPEAK_POINT ?? (v.THINGSPEAK_WRITE_API_KEY === undefined ? "off" : "newest"),
      pointEveryMs: v.THINGSPEAK_POINT_EVERY,
      entriesPerCall: v.THINGSPEAK_BULK_ENTRIES,
    },
    secondPath: {
      afterMs: v.SECOND_PATH_AFTER,
      topic: v.SECOND_PATH_TOPIC ?? null,
      url: v.SECOND_PATH_URL ?? null,
    },
    outgoing: {
      minVersion: v.TLS_MIN_VERSION,
      proxy: v.HTTPS_PROXY === undefined ? null : { url: v.HTTPS_PROXY, except: v.NO_PROXY ?? null },
    },
  };
}

/** What is listened to. */
export const plantOf = (v: GivenSettings): SiteSettings => ({
  plantsFile: v.PLANTS_FILE ?? null,
  liveTopics: v.MQTT_LIVE_TOPICS,
  loopTestMs: v.MQTT_LOOP_TEST,
  ackSuffix: v.MQTT_ACK_SUFFIX ?? null,
  twincat: {
    mainTopics: [...new Set(v.TWINCAT_MAIN_TOPICS)],
    isActive: v.TWINCAT_ACTIVE === "on",
    isWritable: v.TWINCAT_WRITE === "on",
  },
  feedFile: v.FEED_FILE ?? null,
  timeZone: v.TIME_ZONE,
});

/** How alarms are told. */
export const alarmsOf = (v: GivenSettings): AlarmSettings => ({
  alarms: {
    returnAfterMs: v.ALARM_RETURN_AFTER,
    twincatTimeZone: v.TWINCAT_TIME_ZONE,
    chatter: v.ALARM_CHATTER_RATE,
    repeating: v.ALARM_REPEAT_RATE,
    lateAfterMs: v.ALARM_LATE_AFTER,
  },
  floodRate: v.FLOOD_RATE,
  togetherRate: v.TOGETHER_RATE,
});
