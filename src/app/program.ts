import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { createApp, type App } from "./app.ts";
import { systemClock } from "../lib/time/clock.ts";
import { secretsOf, type Config } from "../config/config.ts";
import { createHttpServer } from "../http/server.ts";
import { page } from "../http/page.ts";
import { ALWAYS_HELD, createLease, TTL_MS, type Lease } from "../lease/lease.ts";
import { createServerClock } from "../lease/server-clock.ts";
import { createLogger, standardOutput } from "../lib/log.ts";
import { readPlantsFile } from "../plants/plants-file.ts";
import { createRedactor } from "../lib/redact.ts";
import { troubleWith } from "../store/open-database.ts";
import { NEWEST_SCHEMA } from "../store/schema.ts";
import { VERSION } from "../lib/version.ts";

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
 * Creates it. A database in a file has one process. On a server several may share one: the one that has the lease is active, the others
 * stand by, with all code loaded.
 * @param onLost this process is not the active one any more, and has to end at once
 */
export function createProgram(config: Config, onLost: (reason: string) => void): Program {
  const write = standardOutput();
  const log = createLogger({ level: config.logLevel, redact: createRedactor(secretsOf(config)), write });
  const http = createHttpServer({ ...config.http, log });
  const clock = createServerClock(systemClock);
  let lease: Lease | null = null;
  let app: App | null = null;
  /** Settles when the app has started or could not; `null`: it was not begun. */
  let starting: Promise<unknown> | null = null;
  /** Settles when what a start that failed had opened is closed; `null`: none failed. */
  let givingUp: Promise<void> | null = null;

  async function open(): Promise<void> {
    app = await createApp(config, { http, lease: lease ?? ALWAYS_HELD, clock, write });
    await app.start();
  }

  async function leave(): Promise<void> {
    await lease?.release();
    await http.stop();
  }

  return {
    async start() {
      try {
        await http.start();
        lease = await openLease(config, {
          onTime: clock.sync,
          onLost,
          onLapsing: (reason) =>
            void app
              ?.sayLastWords(reason)
              .catch((error: unknown) =>
                log.warn({ err: error }, "could not tell the admins before this process ends"),
              ),
          log,
        });
        if (lease !== null) {
          // What is broken is to be known now, and not in the moment of the take-over.
          if (config.plantsFile !== null) await readPlantsFile(config.plantsFile);
          http.serve(STANDBY);
          await lease.take((active) => log.info({ version: VERSION, httpPort: http.port(), active }, "standing by"));
        }
        starting = open();
        await starting;
      } catch (error) {
        givingUp = leave();
        await givingUp;
        throw await troubleWith(config.database, error);
      }
    },
    async stop() {
      // A start that fails closes what it opened by itself.
      const isUp = await Promise.resolve(starting).then(
        () => true,
        () => false,
      );
      if (!isUp) return void (await givingUp);
      await app?.stop();
      await leave();
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
  options: Pick<Parameters<typeof createLease>[0], "onTime" | "onLost" | "onLapsing" | "log">,
): Promise<Lease | null> {
  const { database, telegram, mqtt } = config;
  if (database.kind === "file") return null;
  const [{ createLeaseTable }, { newSessionName }] = await Promise.all([
    import("../lease/lease-table.ts"),
    import("../store/postgres/options.ts"),
  ]);
  const id = newSessionName("process");
  return createLease({
    ...options,
    table: createLeaseTable(database, id, TTL_MS),
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
