import { adminsUnheard } from "../store/people/people.ts";
import { holds } from "../people/role.ts";
import { VERSION } from "../lib/version.ts";
import { createStatusPages, type StatusPages } from "../status/pages.ts";
import type { Sides } from "./sides.ts";

/** Makes the pages and status lines of the parts of the app. */
export function createStatusSide({ ground, alarms, measurements, broker, upkeep }: Omit<Sides, "chat">): StatusPages {
  const { config, lease, clock, health, database, meters, mainThread, dropped, unread, startedAt, redact } = ground;
  const { store, people, recipients, apiHealth } = alarms;
  const { mqtt, filterWatch, loopTest, outbox, watchdog, exposures } = broker;
  const { recording, limiting, bridging } = measurements;
  const { thingspeak, latest, plotter } = measurements.feed;
  return createStatusPages({
    lease,
    store,
    database,
    meters,
    startedAt,
    redact,
    exposures,
    http: config.http,
    hasWebhook: config.telegram.webhookUrl !== null,
    timeZone: config.timeZone,
    storeStatus: health.status,
    historySince: store.history.since,
    disk: upkeep.readSpace,
    mqtt: mqtt.status,
    clientId: config.mqtt.clientId,
    isActive: lease.isHeld,
    bridge: bridging,
    notes: config.notes,
    idleFilters: filterWatch.idle,
    loops: loopTest.status,
    telegram: apiHealth.status,
    outbox: outbox.status,
    latest: thingspeak?.latest ?? latest,
    recorded: recording.status,
    limits: limiting.status,
    measurements: plotter.measurements,
    watchdog: () => watchdog.status(),
    dropped: dropped.lately,
    droppedTotals: dropped.totals,
    unread: unread.lately,
    unreadTotal: unread.total,
    mainThread: mainThread.delays,
    alarmChats: () => recipients.chatIds(),
    people: {
      adminsUnheard: () => adminsUnheard(people),
      isOperator: (userId) => holds(people.roleOf(userId), "operator"),
    },
    async isHealthy() {
      const isStoring = health.status().failure === null && mqtt.status().storeError === null;
      if (!isStoring || apiHealth.status().isTokenRefused) return false;
      // What is known to fail is not waited for.
      await store.cards.backlog();
      return true;
    },
    alarmRules: { rules: () => ground.plants.alarms, conditions: store.alarms.newestConditions },
    version: VERSION,
    now: clock.now,
  });
}
