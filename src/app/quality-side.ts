import { createMonthlyQuality, type MonthlyQuality } from "../reports/monthly-quality.ts";
import { createQualityReports, type QualityReports } from "../reports/quality-reports.ts";
import type { AlarmSide } from "./alarm-side.ts";
import type { Chat } from "./chat/chat.ts";
import type { Ground } from "./ground.ts";

/** What the quality of alarms is worked out by. */
export const qualityReportsOf = (
  { config, plants, worker }: Ground,
  { store: { chats, history }, recipients, rules, allRoutes }: AlarmSide,
): QualityReports =>
  createQualityReports({
    database: config.database,
    worker,
    plants,
    returnAfterMs: config.alarms.returnAfterMs,
    scopeOf: (chatId) => recipients.scopeOf(chatId),
    timeZoneOf: chats.timeZoneOf,
    historySince: history.since,
    // As they are now: another thread gets what does not follow.
    rulesNow: () => ({
      rules: { ...rules },
      routes: allRoutes(),
      reading: { plcTimeZone: config.alarms.twincatTimeZone, severities: plants.severities },
    }),
  });

/** What sends it by itself. */
export const monthlyQualityOf = (
  { plants, clock, log }: Ground,
  { store: { chats, history, keyValue }, isServed }: AlarmSide,
  chat: Pick<Chat, "sendQuality">,
): MonthlyQuality =>
  createMonthlyQuality({
    plants,
    keyValue,
    timeZoneOf: chats.timeZoneOf,
    isServed,
    currentId: chats.currentId,
    historySince: history.since,
    send: chat.sendQuality,
    now: clock.now,
    log,
  });
