import { numberAt } from "../../measurements/series.ts";
import type { Clock } from "../../lib/time/clock.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../lib/log.ts";
import { Recorder } from "../../recorder/recorder.ts";
import { fieldMember, LIVE_DEVICE } from "../../sources/recorded-source.ts";
import type { Disk } from "../../health/disk.ts";
import type { RecordStatus } from "../../status/measured-lines.ts";
import type { Database } from "../../store/sql/database.ts";
import { handOverLive } from "../../store/feed-blocks.ts";
import { maxHistoryBytes } from "../../store/history-size.ts";
import { openRecordings } from "../../store/recordings/store.ts";
import { createTicker, type Ticker } from "../../lib/time/ticker.ts";

/** What is measured, kept here. */
export interface Recording {
  readonly recorder: Recorder;
  readonly tickers: readonly Ticker[];
  /** How much there is. */
  readonly status: () => Promise<RecordStatus>;
}

/** A crash costs what came in so long. */
const SAVE_MS = 10_000;
const TIDY_MS = 600_000;
/** So long each entry is kept; then a minute's lowest, mean and highest. */
const RAW_MS = 30 * 24 * 3_600_000;

/**
 * Opens it, and takes over what version 0.1 recorded.
 * @param options.readSpace looks at the disk: where that is nearly full, alarms come before recordings
 */
export async function createRecording(options: {
  readonly config: Pick<Config, "recording">;
  readonly database: Database;
  readonly readSpace: () => Promise<Disk>;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<Recording> {
  const { database, readSpace, clock, log } = options;
  const { keepMs, maxBytes } = options.config.recording;
  const rawMs = Math.min(RAW_MS, keepMs);
  const store = await openRecordings(database);
  const recorder = await Recorder.open({ store, limits: { rawMs, keepMs }, now: clock.now, log });
  await handOverLive(database, async (blocks) => {
    for (const { field, times, values } of blocks) {
      for (const [i, at] of times.entries())
        recorder.record({ device: LIVE_DEVICE, member: fieldMember(field) }, at, numberAt(values, i));
    }
    await recorder.save();
  });

  async function tidy(): Promise<void> {
    const { bytes } = await recorder.size();
    const gone = await recorder.tidy(maxHistoryBytes({ bytes: maxBytes }, await readSpace(), bytes));
    if (gone > 0) await database.compact();
  }

  return {
    recorder,
    tickers: [
      createTicker({ what: "keeping what is measured", work: () => recorder.save(), everyMs: SAVE_MS, clock, log }),
      createTicker({ what: "tidying recordings", work: tidy, everyMs: TIDY_MS, clock, log }),
    ],
    status: async () => ({
      ...(await recorder.size()),
      series: recorder.series().length,
      refused: recorder.refused(),
      maxBytes,
      rawMs,
      keepMs,
    }),
  };
}
