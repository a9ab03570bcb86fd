import { innerPage, page } from "../http/page.ts";
import type { HttpRoute } from "../http/server.ts";
import type { Redact } from "../lib/redact.ts";
import type { StatusLine } from "../lib/status-line.ts";
import type { Meters } from "./meters.ts";
import { createMetrics } from "./metrics-page.ts";
import type { MetricSources } from "./metrics.ts";
import { readStatus, type StatusSources } from "./status.ts";

/** What the program tells about itself: to people in a chat, and over HTTP. */
export interface StatusPages {
  /** For /status; times in `timeZone`. */
  readonly status: (timeZone: string) => Promise<readonly StatusLine[]>;
  readonly routes: readonly HttpRoute[];
}

/** What pages are made from besides what they tell. */
interface PageOptions {
  /** The zone of the times in `/status.json`. */
  readonly timeZone: string;
  /** The token that opens what is not for everybody; `null`: see `innerPage`. */
  readonly http: { readonly token: string | null };
  /** Whether Telegram delivers to the same port. */
  readonly hasWebhook: boolean;
  /** Whether this process may act, of several that share a database. */
  readonly isActive: () => boolean;
  readonly meters: Pick<Meters, "registry">;
  readonly redact: Redact;
}

/**
 * `/healthz` says `active` while the store works and Telegram takes our token, else `down`; one that stands by says
 * `standby` there (program.ts). `/active` says whether this is the process that acts, for load balancers. It does not look at whether
 * broker or Telegram can be reached: a restart would not bring those back. It says nothing else, as anybody may ask.
 */
export function createStatusPages(options: StatusSources & MetricSources & PageOptions): StatusPages {
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
