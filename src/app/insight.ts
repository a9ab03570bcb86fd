import type { Config } from "../config/config.ts";
import { innerPage, page } from "../http/page.ts";
import type { HttpRoute } from "../http/server.ts";
import type { Redact } from "../lib/redact.ts";
import type { Meters } from "../status/meters.ts";
import { createMetrics } from "../status/metrics-page.ts";
import type { MetricSources } from "../status/metrics.ts";
import type { StatusLine } from "../lib/status-line.ts";
import { holds } from "../people/role.ts";
import { VERSION } from "../lib/version.ts";
import type { Sides } from "./sides.ts";
import { readStatus, type StatusSources } from "../status/status.ts";

/** What the program tells about itself: to people in a chat, and over HTTP. */
export interface Insight {
  /** For /status; times in `timeZone`. */
  status(timeZone: string): Promise<readonly StatusLine[]>;
  readonly routes: readonly HttpRoute[];
}

/** Makes the pages and status lines of the parts of the app. */
export function createInsightOf({ ground, alarms, measuring, plant, upkeep }: Omit<Sides, "chat">): Insight {
  const { config, lease, clock, health, database, meters, mainThread, dropped, unread, startedAt, redact } = ground;
  const { store, people, recipients, link } = alarms;
  const { mqtt, filterWatch, loopTest, outbox, silence, exposures } = plant;
  const { recording, limiting, bridging } = measuring;
  const { thingspeak, latest, plotter } = measuring.measuring;
  return createInsight({
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
    telegram: link.status,
    outbox: outbox.status,
    latest: thingspeak?.latest ?? latest,
    recorded: recording.status,
    limits: limiting.status,
    measurements: plotter.measurements,
    silence: () => silence.status(),
    dropped: dropped.lately,
    droppedTotals: dropped.totals,
    unread: unread.lately,
    unreadTotal: unread.total,
    mainThread: mainThread.delays,
    alarmChats: () => recipients.chatIds(),
    isOperator: (userId) => holds(people.roleOf(userId), "operator"),
    async isHealthy() {
      const isStoring = health.status().failure === null && mqtt.status().storeError === null;
      if (!isStoring || link.status().isTokenRefused) return false;
      // What is known to fail is not waited for.
      await store.cards.backlog();
      return true;
    },
    version: VERSION,
    now: clock.now,
  });
}

/**
 * `/healthz` says `active` while the store works and Telegram takes our token, else `down`; one that stands by says
 * `standby` there (program.ts). `/active` says whether this is the process that acts, for load balancers. It does not look at whether
 * broker or Telegram can be reached: a restart would not bring those back. It says nothing else, as anybody may ask.
 */
function createInsight(
  options: StatusSources &
    MetricSources &
    Pick<Config, "timeZone" | "http"> & {
      /** Whether Telegram delivers to the same port. */
      readonly hasWebhook: boolean;
      /** Whether this process may act, of several that share a database. */
      readonly isActive: () => boolean;
      readonly meters: Pick<Meters, "registry">;
      readonly redact: Redact;
    },
): Insight {
  const { isHealthy, redact, timeZone, http } = options;
  const { registry } = options.meters;
  const metrics = createMetrics(options, registry);
  /** With a webhook, whatever stands before the port hands on what comes from outside: nothing there can tell who is on this machine. */
  const isForNobody = options.hasWebhook && http.token === null;

  async function status(zone: string): Promise<readonly StatusLine[]> {
    const lines = await readStatus(options, zone);
    return lines.map((line) => ({ ...line, detail: redact(line.detail) }));
  }

  const inner = [
    innerPage("/status.json", http.token, async () => ({
      status: 200,
      type: "application/json",
      body: `${JSON.stringify({ lines: await status(timeZone) }, null, 2)}\n`,
    })),
    innerPage("/metrics", http.token, async () => ({
      status: 200,
      type: registry.contentType,
      body: await metrics(),
    })),
  ];

  return {
    status,
    routes: [
      page("/healthz", async () => {
        const isUp = await isHealthy().catch(() => false);
        return { status: isUp ? 200 : 503, type: "text/plain; charset=utf-8", body: isUp ? "active\n" : "down\n" };
      }),
      page("/active", async () => {
        const isActive = options.isActive();
        return {
          status: isActive ? 200 : 503,
          type: "text/plain; charset=utf-8",
          body: isActive ? "active\n" : "not active\n",
        };
      }),
      ...(isForNobody ? [] : inner),
    ],
  };
}
