import type { Database, Queries } from "./sql/database.ts";

/** A stretch of one field: what is known of it from `startAt` on and before `endAt`; epoch ms. */
export interface FeedBlock {
  readonly startAt: number;
  readonly endAt: number;
  /** In order of time. */
  readonly times: Float64Array<ArrayBuffer>;
  /** `NaN` where an entry has no number. */
  readonly values: Float64Array<ArrayBuffer>;
}

/** What is known of a channel's past, which does not change. */
export interface FeedBlocks {
  /** The blocks that overlap a period, in order of time. */
  within(field: number, startAt: number, endAt: number): Promise<FeedBlock[]>;
  /** Keeps blocks, in the place of one of which they are the continuation; forgets what was kept first when there are too many. */
  put(field: number, blocks: readonly FeedBlock[], replaced: FeedBlock | null): Promise<void>;
}

/** Not of ThingSpeak: what version 0.1 kept of what came from the broker itself. */
export const LIVE_CHANNEL = "live";
/** Half a year of four fields at 15 s. */
const MAX_BYTES = 64_000_000;
const BYTES_PER_ENTRY = 16;

/** The blocks of one channel in the database. */
export function createFeedBlocks(
  database: Database,
  { channelId, now, maxBytes = MAX_BYTES }: { channelId: string; now: () => number; maxBytes?: number },
): FeedBlocks {
  return {
    async within(field, startAt, endAt) {
      const rows = await database.all<Row>(
        `SELECT start_at, end_at, entries FROM feed_blocks
         WHERE channel = $1 AND field = $2 AND start_at < $4 AND end_at > $3 ORDER BY start_at`,
        channelId,
        field,
        startAt,
        endAt,
      );
      return rows.map(toBlock);
    },
    async put(field, blocks, replaced) {
      await database.transaction(async (queries) => {
        const { run } = queries;
        if (replaced) {
          await run(
            "DELETE FROM feed_blocks WHERE channel = $1 AND field = $2 AND start_at = $3",
            channelId,
            field,
            replaced.startAt,
          );
        }
        for (const block of blocks) {
          await run(
            `INSERT INTO feed_blocks (channel, field, start_at, end_at, entries, bytes, kept_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (channel, field, start_at) DO UPDATE SET
               end_at = excluded.end_at, entries = excluded.entries, bytes = excluded.bytes, kept_at = excluded.kept_at`,
            channelId,
            field,
            block.startAt,
            block.endAt,
            pack(block),
            block.times.length * BYTES_PER_ENTRY,
            now(),
          );
        }
        await forgetBeyond(queries, maxBytes);
        // What is lost is read again.
      }, "crash");
    },
  };
}

/** Forgets what was kept first, beyond so many bytes of all channels. */
async function forgetBeyond({ all, run }: Queries, maxBytes: number): Promise<void> {
  const blocks = await all<{ channel: string; field: number; start_at: number; bytes: number }>(
    "SELECT channel, field, start_at, bytes FROM feed_blocks ORDER BY kept_at DESC, start_at DESC",
  );
  let kept = 0;
  for (const { channel, field, start_at, bytes } of blocks) {
    kept += bytes;
    if (kept <= maxBytes) continue;
    await run("DELETE FROM feed_blocks WHERE channel = $1 AND field = $2 AND start_at = $3", channel, field, start_at);
  }
}

/** So many blocks are 64 KB each. */
const FORMER_AT_ONCE = 16;

/**
 * Hands over what version 0.1 kept here of values from the broker, and forgets it.
 * @param take resolves when it is kept elsewhere
 */
export async function handOverLive(
  database: Database,
  take: (blocks: readonly (FeedBlock & { readonly field: number })[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const rows = await database.all<Row & { readonly field: number }>(
      `SELECT field, start_at, end_at, entries FROM feed_blocks WHERE channel = $1
       ORDER BY field, start_at LIMIT ${FORMER_AT_ONCE}`,
      LIVE_CHANNEL,
    );
    if (rows.length === 0) return;
    await take(rows.map((row) => ({ field: row.field, ...toBlock(row) })));
    await database.transaction(async ({ run }) => {
      for (const { field, start_at } of rows)
        await run(
          "DELETE FROM feed_blocks WHERE channel = $1 AND field = $2 AND start_at = $3",
          LIVE_CHANNEL,
          field,
          start_at,
        );
    }, "crash");
  }
}

interface Row {
  readonly start_at: number;
  readonly end_at: number;
  readonly entries: Uint8Array;
}

const toBlock = ({ start_at, end_at, entries }: Row): FeedBlock => ({
  startAt: start_at,
  endAt: end_at,
  ...unpack(entries),
});

/** All times, then all values; the machine's own byte order, as the file does not leave it. */
function pack({ times, values }: FeedBlock): Uint8Array {
  const bytes = new Uint8Array(times.length * BYTES_PER_ENTRY);
  bytes.set(new Uint8Array(times.buffer, times.byteOffset, times.byteLength));
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), times.byteLength);
  return bytes;
}

function unpack(entries: Uint8Array): Pick<FeedBlock, "times" | "values"> {
  // A copy: a column of numbers must begin at a multiple of eight.
  const { buffer } = Uint8Array.from(entries);
  const count = Math.floor(entries.length / BYTES_PER_ENTRY);
  return { times: new Float64Array(buffer, 0, count), values: new Float64Array(buffer, count * 8, count) };
}
