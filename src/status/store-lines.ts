import { formatBytes, formatCount } from "../number.ts";
import type { OutboxStatus } from "../outbox/outbox.ts";
import type { StoreStatus } from "../store/health.ts";
import { formatDuration, formatInstant } from "../time.ts";
import { diskLevel, type Disk } from "./disk.ts";
import type { StatusLine } from "./line.ts";

/** What is measured, kept here. */
export interface RecordStatus {
  readonly bytes: number;
  readonly entries: number;
  /** Since when; epoch ms. `null`: there is nothing yet. */
  readonly startAt: number | null;
  /** How many measurements. */
  readonly series: number;
  /** So much is kept, so long each entry, and so long anything. */
  readonly maxBytes: number;
  readonly rawMs: number;
  readonly keepMs: number;
}

/** How it is with what is kept. */
export interface StoreSources {
  readonly storeStatus: () => StoreStatus;
  /** Since when the history is whole, but for repeats; epoch ms. `null`: there is none. */
  readonly historySince: () => Promise<number | null>;
  /** The disk of the database. */
  readonly disk: () => Promise<Disk>;
  /** What waits to go out besides cards. */
  readonly outbox: () => Promise<readonly OutboxStatus[]>;
  readonly recorded: () => Promise<RecordStatus>;
  readonly now: () => number;
}

const LATE_MS = 60_000;

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
    detail: `${formatBytes(space.usedBytes)} used, the history ${formatBytes(space.maxBytes)} at most; ${formatBytes(space.freeBytes)} of the disk's ${formatBytes(space.totalBytes)} free`,
  };
  if (failure === null) return [{ level: "ok", name: "Store", detail: reach }, room];
  const detail = `nothing can be stored since ${age}: ${failure}. New alarms wait at the broker and are not shown: make room on the disk`;
  return [{ level: "error", name: "Store", detail }, room];
}

/** How much of what is measured is kept here, and since when; nothing where nothing is. */
export async function recordLines({ recorded, now }: StoreSources, timeZone: string): Promise<StatusLine[]> {
  const { bytes, entries, startAt, series, maxBytes, rawMs, keepMs } = await recorded();
  if (series === 0) return [];
  const what = `${formatCount(series)} ${series === 1 ? "measurement" : "measurements"}`;
  const kept =
    startAt === null
      ? "nothing on the disk yet"
      : `${formatCount(entries)} values since ${formatInstant(startAt, timeZone, now())} (${formatDuration(now() - startAt)}), ${formatBytes(bytes)} of ${formatBytes(maxBytes)}`;
  const rule = `each value for ${formatDuration(rawMs)}, then by the minute for ${formatDuration(keepMs)} in all`;
  return [
    {
      level: "ok",
      name: "Recorded",
      detail: `${what}: ${kept}; ${rawMs < keepMs ? rule : `for ${formatDuration(keepMs)}`}`,
    },
  ];
}

const OUTBOX_NAMES = {
  mqtt: "Answers to the plant",
  secondTopic: "Second path (SECOND_PATH_TOPIC)",
  secondUrl: "Second path (SECOND_PATH_URL)",
} as const;

/** What waits to go out besides cards, and what fails. */
export async function outboxLines({ outbox, now }: StoreSources): Promise<StatusLine[]> {
  return (await outbox()).map(({ kind, count, oldestAt, failure }): StatusLine => {
    const waitMs = oldestAt === null ? 0 : Math.max(0, now() - oldestAt);
    const level =
      failure !== null && kind !== "mqtt" ? "error" : failure !== null || waitMs >= LATE_MS ? "warning" : "ok";
    const what = count === 0 ? "none waiting" : `${count} waiting, the oldest for ${formatDuration(waitMs)}`;
    return { level, name: OUTBOX_NAMES[kind], detail: failure === null ? what : `${what}: ${failure}` };
  });
}
