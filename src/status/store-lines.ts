import { formatBytes } from "../lib/text/number.ts";
import type { OutboxStatus } from "../outbox/outbox.ts";
import type { StoreStatus } from "../store/health.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import { diskLevel, type Disk } from "../health/disk.ts";
import type { StatusLine } from "../lib/status-line.ts";

/** What is known of the store and its disk. */
export interface StoreSources {
  readonly storeStatus: () => StoreStatus;
  /** Since when the history is whole, but for repeats; epoch ms. `null`: there is none. */
  readonly historySince: () => Promise<number | null>;
  /** The disk of the database. */
  readonly disk: () => Promise<Disk>;
  /** What waits to go out besides cards. */
  readonly outbox: () => Promise<readonly OutboxStatus[]>;
  readonly now: () => number;
}

const LATE_MS = 60_000;
/** Far more than the log ever has when nobody else reads. */
const MUCH_LOG_BYTES = 64e6;

/** Whether anything can be stored, how far back the history reaches, and how much room there is. */
export async function storeLines(
  { storeStatus, historySince, disk, now }: StoreSources,
  timeZone: string,
): Promise<StatusLine[]> {
  const { failure, since } = storeStatus();
  const [from, space] = await Promise.all([historySince(), disk()]);
  const age = formatInstant(since, timeZone, now());
  const reach =
    from === null
      ? "no history yet"
      : `history back to ${formatInstant(from, timeZone, now())} (${formatDuration(now() - from)})`;
  const room: StatusLine = {
    level: diskLevel(space),
    name: "Disk",
    detail: `${formatBytes(space.usedBytes)} used, ${roomOf(space)}`,
  };
  if (failure === null) return [{ level: "ok", name: "Store", detail: reach }, room, ...logLines(space)];
  const detail = `nothing can be stored since ${age}: ${failure.reason}. New alarms wait at the broker and are not shown. ${failure.remedy}`;
  return [{ level: "error", name: "Store", detail }, room];
}

/** It shrinks by itself as soon as it can. */
function logLines({ logBytes }: Disk): StatusLine[] {
  if (logBytes < MUCH_LOG_BYTES) return [];
  const detail = `another program has the database open: until it ends, the log beside the database grows, by now to ${formatBytes(logBytes)}. End that program, such as an sqlite3 that was left open, or a backup`;
  return [{ level: "warning", name: "Disk", detail }];
}

function roomOf({ maxBytes, freeBytes, totalBytes }: Disk): string {
  const bound = Number.isFinite(maxBytes)
    ? `the history ${formatBytes(maxBytes)} at most`
    : "the history without a bound";
  if (!Number.isFinite(totalBytes)) return `${bound}; how much is free on PostgreSQL's disk is not seen from here`;
  return `${bound}; ${formatBytes(freeBytes)} of the disk's ${formatBytes(totalBytes)} free`;
}

const OUTBOX_NAMES = {
  mqtt: "Answers to the plant",
  secondTopic: "Second path (SECOND_PATH_TOPIC)",
  secondUrl: "Second path (SECOND_PATH_URL)",
} as const;

/** The lines about what waits to go out besides cards, and why. */
export async function outboxLines({ outbox, now }: StoreSources): Promise<StatusLine[]> {
  return (await outbox()).map(({ kind, count, oldestAt, failure }): StatusLine => {
    const waitMs = oldestAt === null ? 0 : Math.max(0, now() - oldestAt);
    const level =
      failure !== null && kind !== "mqtt" ? "error" : failure !== null || waitMs >= LATE_MS ? "warning" : "ok";
    const what = count === 0 ? "none waiting" : `${count} waiting, the oldest for ${formatDuration(waitMs)}`;
    return { level, name: OUTBOX_NAMES[kind], detail: failure === null ? what : `${what}: ${failure}` };
  });
}
