import { ownEvent } from "../alarms/payloads/own.ts";
import { secretsOf, type Config } from "../config/config.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { createDropped, type Dropped } from "../health/dropped.ts";
import type { HeldLease } from "../lease/held-lease.ts";
import type { ServerClock } from "../lease/server-clock.ts";
import { createLogger, type Logger } from "../lib/log.ts";
import { noteHeld, watchMainThread, type MainThreadWatch } from "../lib/main-thread.ts";
import { createRedactor, type Redact } from "../lib/redact.ts";
import type { Teardown } from "../lib/time/teardown.ts";
import { createUnreadCounts, type UnreadCounts } from "../measurements/unread.ts";
import { openLivePlants, type LivePlants } from "../plants/live-plants.ts";
import { createMeters, type Meters } from "../status/meters.ts";
import { createStoreHealth, type StoreHealth } from "../store/health.ts";
import { openDatabase, type ProgramDatabase } from "../store/open-database.ts";
import { createWorker, type WorkerPool } from "../worker/pool.ts";
import type { Notifier } from "../dispatch/notifier.ts";
import { keysIn } from "./measurements/bridging.ts";
import type { Chat } from "./chat/chat.ts";
import type { Later } from "./later.ts";
import type { Limiting } from "./measurements/limiting.ts";
import { createOlderCopy, type OlderCopy } from "./older-copy.ts";
import type { BrokerSide } from "./broker/broker-side.ts";
import type { Upkeep } from "./upkeep.ts";

/** What the process around the app hands over. */
export interface Surroundings {
  readonly config: Config;
  /** The right to act, which is held. */
  readonly lease: HeldLease;
  /** Where several share a database, that one’s. */
  readonly clock: ServerClock;
  /** Takes a line of the log. */
  readonly write: (line: string) => void;
  /** Where everything is added that is to be stopped. */
  readonly teardown: Teardown;
}

/** What is asked for by parts that are built before it. */
export interface LaterParts {
  readonly notifier: Notifier;
  readonly limiting: Limiting;
  readonly broker: BrokerSide;
  readonly upkeep: Upkeep;
  readonly chat: Chat;
  readonly dispatcher: Dispatcher;
}

/** What counts and measures what goes on. */
interface Counters {
  readonly dropped: Dropped;
  readonly unread: UnreadCounts;
  readonly meters: Meters;
  readonly mainThread: MainThreadWatch;
}

/** What all parts of the app stand on. */
export interface Ground extends Surroundings, Counters, Pick<LivePlants, "plants"> {
  readonly later: Later<LaterParts>;
  readonly startedAt: number;
  readonly redact: Redact;
  readonly log: Logger;
  readonly lookAtPlants: LivePlants["look"];
  readonly worker: WorkerPool;
  readonly health: StoreHealth;
  readonly database: ProgramDatabase;
  readonly olderCopy: OlderCopy;
}

/**
 * Reads the plants file and opens the database.
 * @throws ConfigError if one of them cannot be used
 */
export async function openGround(surroundings: Surroundings, later: Later<LaterParts>): Promise<Ground> {
  const { config, lease, clock, write, teardown } = surroundings;
  const { now } = clock;
  const startedAt = now();
  let keys: readonly string[] = [];
  const redact = createRedactor(secretsOf(config), () => keys);
  const log = createLogger({ level: config.logLevel, redact, write });
  const { plants, look } = await openLivePlants({ path: config.plantsFile, log });
  keys = keysIn(plants);
  const lookAtPlants: LivePlants["look"] = ({ onChange, report }) =>
    look({
      onChange(former) {
        keys = keysIn(plants);
        return onChange(former);
      },
      report,
    });
  const meters = createMeters();
  const mainThread = watchMainThread(log);
  teardown.add("watching the main thread", mainThread);
  const health = createStoreHealth(config.database, now);
  const listeners = {
    onStored: health.stored,
    onFailure: health.failed,
    onCommit(seconds: number) {
      meters.committed(seconds);
      // A file is written by this thread.
      if (config.database.kind === "file") noteHeld("a commit to the disk", seconds * 1_000);
    },
    onOpenToOthers: (problem: string) => log.warn(problem),
    onPutAside: (problem: string) => log.error(problem),
    onNotRebuilt: (error: unknown) =>
      log.warn({ err: error }, "could not rebuild the database: deleted data may still be in it"),
  };
  const database = await openDatabase(config.database, listeners, lease.right());
  teardown.add("the database", () => database.close());
  const olderCopy = createOlderCopy({
    path: config.database.kind === "file" ? `${config.database.path}.numbers` : null,
    database,
    tell: (message) => later.get("notifier").take([ownEvent(message, now())]),
    log,
  });
  const worker = createWorker({ log });
  teardown.add("the worker", worker);
  return {
    ...surroundings,
    later,
    startedAt,
    redact,
    log,
    plants,
    lookAtPlants,
    worker,
    dropped: createDropped({ now, log }),
    unread: createUnreadCounts({ now }),
    meters,
    mainThread,
    health,
    database,
    olderCopy,
  };
}
