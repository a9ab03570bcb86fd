import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { createApp, type App } from "./app.ts";
import { createTeardown } from "../lib/time/teardown.ts";
import { systemClock } from "../lib/time/clock.ts";
import { secretsOf, type Config } from "../config/config.ts";
import { createHttpServer } from "../http/server.ts";
import { page } from "../http/page.ts";
import { ALWAYS_HELD, type HeldLease } from "../lease/held-lease.ts";
import { Lease } from "../lease/lease.ts";
import type { LeaseOptions } from "../lease/lease-options.ts";
import { TTL_MS } from "../lease/trust.ts";
import { createServerClock } from "../lease/server-clock.ts";
import { createLogger, standardOutput } from "../lib/log.ts";
import { readPlantsFile } from "../plants/plants-file.ts";
import { createRedactor } from "../lib/redact.ts";
import { troubleWith } from "../store/open-database.ts";
import { NEWEST_SCHEMA } from "../store/schema.ts";
import { VERSION } from "../lib/version.ts";

/** A call to Telegram may take twelve seconds (telegram/api/client.ts), and what came of it is to be noted; service managers wait for longer (deploy/). */
const STOP_DEADLINE_MS = 14_000;

/** One process of the program, from its first open port to its last. */
export interface Program {
  /**
   * Resolves when this process is active and all is up: at once where it is alone, and at a take-over where it stands by.
   * @throws ConfigError if port, database or plants file cannot be used
   */
  start(): Promise<void>;
  /** Stops in order, and hands over to one that stands by. What is starting first gets there, so that nothing is left half open. */
  stop(): Promise<void>;
}

/**
 * A database in a file has one process. On a server several may share one: the one that has the lease is active, the others
 * stand by, with all code loaded.
 * @param onLost this process is not the active one any more, and has to end at once
 */
export function createProgram(config: Config, onLost: (reason: string) => void): Program {
  const write = standardOutput();
  const log = createLogger({ level: config.logLevel, redact: createRedactor(secretsOf(config)), write });
  const teardown = createTeardown(log);
  const http = createHttpServer({ ...config.http, log });
  const clock = createServerClock(systemClock);
  let app: App | null = null;
  /** Settles when the app has started or could not; `null`: it was not begun. */
  let starting: Promise<unknown> | null = null;
  /** Settles when what a start that failed had opened is closed; `null`: none failed. */
  let givingUp: Promise<void> | null = null;

  async function stop(): Promise<void> {
    await teardown.stop(STOP_DEADLINE_MS);
    if (app !== null) log.info("Valvomo is down");
  }

  const onLapsing = (reason: unknown): void => void app?.sayLastWords(reason);

  /** Waits, where there are several, until it is the active one. */
  async function standBy(): Promise<HeldLease> {
    const lease = await openLease(config, { onTime: clock.sync, onLost, onLapsing, log });
    if (lease === null) return ALWAYS_HELD;
    teardown.add("the lease", lease.release);
    // What is broken is to be known now, and not in the moment of the take-over.
    if (config.plantsFile !== null) await readPlantsFile(config.plantsFile);
    http.serve(STANDBY);
    await lease.take((active) => log.info({ version: VERSION, httpPort: http.port(), active }, "standing by"));
    return lease;
  }

  async function open(lease: HeldLease): Promise<void> {
    app = await createApp({ config, http, lease, clock, write, teardown });
    await app.start();
  }

  return {
    async start() {
      try {
        await http.start();
        teardown.add("the port", http);
        const lease = await standBy();
        starting = open(lease);
        await starting;
      } catch (error) {
        givingUp = stop();
        await givingUp;
        throw await troubleWith(config.database, error);
      }
    },
    async stop() {
      // A start that fails closes what it opened by itself.
      await Promise.resolve(starting).catch(() => undefined);
      await (givingUp ?? stop());
    },
  };
}

const text = (status: number, body: string) => ({ status, type: "text/plain; charset=utf-8" as const, body });
const STANDBY = [
  page("/healthz", async () => text(200, "standby\n")),
  page("/active", async () => text(503, "standby\n")),
];

/** What tells this control room from another. Not the token itself: who sees the database is not to act in our name. */
export const identityOf = (token: string, clientId: string): string =>
  createHash("sha256").update(`${token}\n${clientId}`).digest("base64url");

async function openLease(
  config: Config,
  options: Pick<LeaseOptions, "onTime" | "onLost" | "onLapsing" | "log">,
): Promise<Lease | null> {
  const { database, telegram, mqtt } = config;
  if (database.kind === "file") return null;
  const [{ PostgresLeaseTable }, { newSessionName }] = await Promise.all([
    import("../lease/lease-table.ts"),
    import("../store/postgres/options.ts"),
  ]);
  const id = newSessionName("process");
  return new Lease({
    ...options,
    table: new PostgresLeaseTable(database, id, TTL_MS),
    me: {
      id,
      host: hostname(),
      pid: process.pid,
      version: VERSION,
      schema: NEWEST_SCHEMA,
      settings: identityOf(telegram.token, mqtt.clientId),
    },
    clock: systemClock,
  });
}
