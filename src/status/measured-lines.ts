import type { LimitsStatus } from "../limits/types.ts";
import { formatBytes, formatCount } from "../lib/text/number.ts";
import { formatDuration, formatInstant } from "../lib/time/time.ts";
import type { StatusLine } from "../lib/status-line.ts";

/** What is measured, kept here. */
export interface RecordStatus {
  readonly bytes: number;
  readonly entries: number;
  /** Since when; epoch ms. `null`: there is nothing yet. */
  readonly startAt: number | null;
  /** How many measurements, and how many values of this run were of one too many. */
  readonly series: number;
  readonly refused: number;
  /** So much is kept, so long each entry, and so long anything. */
  readonly maxBytes: number;
  readonly rawMs: number;
  readonly keepMs: number;
}

/** What is known of recording and limits. */
export interface MeasuredSources {
  readonly recorded: () => Promise<RecordStatus>;
  readonly limits: () => LimitsStatus;
  readonly now: () => number;
}

/** What is held against limits, and what is recorded. */
export async function measuredLines(sources: MeasuredSources, timeZone: string): Promise<StatusLine[]> {
  return [...limitLines(sources), ...(await recordLines(sources, timeZone))];
}

/** How much of what is measured is kept here, and since when; nothing where nothing is. */
async function recordLines({ recorded, now }: MeasuredSources, timeZone: string): Promise<StatusLine[]> {
  const { bytes, entries, startAt, series, refused, maxBytes, rawMs, keepMs } = await recorded();
  if (series === 0) return [];
  const what = `${formatCount(series)} ${series === 1 ? "measurement" : "measurements"}`;
  const kept =
    startAt === null
      ? "nothing on the disk yet"
      : `${formatCount(entries)} values since ${formatInstant(startAt, timeZone, now())} (${formatDuration(now() - startAt)}), ${formatBytes(bytes)} of ${formatBytes(maxBytes)}`;
  const rule = `each value for ${formatDuration(rawMs)}, then by the minute for ${formatDuration(keepMs)} in all`;
  const much = `${formatCount(refused)} values were not recorded, as they are of more measurements than are kept; `;
  return [
    {
      level: refused > 0 ? "warning" : "ok",
      name: "Recorded",
      detail: `${refused > 0 ? much : ""}${what}: ${kept}; ${rawMs < keepMs ? rule : `for ${formatDuration(keepMs)}`}`,
    },
  ];
}

/** How many limits are watched, and which are passed; who watches none need not hear of it. */
function limitLines({ limits }: MeasuredSources): StatusLine[] {
  const { watched, passed } = limits();
  if (watched === 0) return [];
  const now = passed.length === 0 ? "none passed" : `passed: ${passed.join(", ")}`;
  return [{ level: passed.length === 0 ? "ok" : "warning", name: "Limits", detail: `${watched} watched, ${now}` }];
}
