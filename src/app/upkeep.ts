import type { OwnMessage } from "../alarms/payloads/own.ts";
import type { Clock } from "../lib/time/clock.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../lib/log.ts";
import type { Disk } from "../health/disk.ts";
import type { Audit } from "../store/people/audit.ts";
import type { StoreHealth } from "../store/health.ts";
import { maxHistoryBytes } from "../store/history-size.ts";
import type { ProgramDatabase } from "../store/open-database.ts";
import { nameOfDatabase } from "../store/sql/settings.ts";
import type { Store } from "../store/store.ts";
import { createTicker, type Ticker } from "../lib/time/ticker.ts";
import { selfConditions } from "../health/self-conditions.ts";
import type { SelfFacts } from "../health/self-facts.ts";
import { createSelfWatch } from "../health/self-watch.ts";

/** Upkeep of the program: bounds for what is kept, and alarms about Valvomo itself. */
export interface Upkeep {
  /** Looks at the disk, and how much of it the history may take. */
  readonly readSpace: () => Promise<Disk>;
  /** Says now what is wrong, as nothing may be said any more soon. */
  look(): Promise<void>;
  readonly tickers: readonly Ticker[];
}

const SELF_MS = 5_000;
/** A flood of thousands a second writes some megabytes in so long. */
const SPACE_MS = 10_000;
const FORGET_MS = 600_000;
/** Long enough to be asked about last year's shift. */
const KEEP_AUDIT_MS = 366 * 24 * 3_600_000;

/**
 * Wires what looks after the program itself: its troubles every five seconds, the disk, and what is forgotten.
 * @param options.links how the links are now
 * @param options.say writes to the admins at once, with nothing stored
 */
export function createUpkeep(options: {
  readonly config: Pick<Config, "database" | "historySize" | "keepHistoryMs">;
  readonly database: Pick<ProgramDatabase, "disk">;
  readonly store: Pick<Store, "history">;
  readonly audit: Pick<Audit, "forget">;
  readonly health: Pick<StoreHealth, "status">;
  readonly links: () => Omit<SelfFacts, "store" | "disk" | "databaseName" | "now">;
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly say: (text: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}): Upkeep {
  const { config, database, store, audit, health, links, tell, say, clock, log } = options;
  const databaseName = nameOfDatabase(config.database);
  const { now, elapsed } = clock;
  /** The disk, as it was looked at last. */
  let space: Disk | null = null;

  async function readSpace(): Promise<Disk> {
    const disk = await database.disk();
    return { ...disk, maxBytes: maxHistoryBytes(config.historySize, disk, await store.history.bytes()) };
  }

  const selfWatch = createSelfWatch({
    conditions: () => selfConditions({ ...links(), store: health.status(), disk: space, databaseName, now: now() }),
    tell,
    say,
    elapsed,
  });

  async function keepWithin(): Promise<void> {
    space = await readSpace();
    const gone = await store.history.keepWithin(space.maxBytes);
    if (gone > 0) log.info({ rows: gone, maxBytes: space.maxBytes }, "made the history smaller");
  }

  async function forgetOld(): Promise<void> {
    const gone = await store.history.forgetOld(now() - config.keepHistoryMs);
    const lines = await audit.forget(now() - KEEP_AUDIT_MS);
    if (gone + lines > 0) log.info({ rows: gone + lines }, "forgot what is old");
  }

  const every = (everyMs: number, what: string, work: () => Promise<void>): Ticker =>
    createTicker({ what, work, everyMs, clock, log });
  return {
    readSpace,
    look: selfWatch.look,
    tickers: [
      every(SELF_MS, "looking at ourselves", selfWatch.look),
      every(SPACE_MS, "keeping the history within its size", keepWithin),
      every(FORGET_MS, "forgetting what is old", forgetOld),
    ],
  };
}
