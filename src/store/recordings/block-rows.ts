import type { Database, Queries } from "../sql/database.ts";
import type { Block, BlockKind } from "./types.ts";

const DAY_MS = 86_400_000;
const KINDS: readonly BlockKind[] = ["raw", "minutes"];

/** The day (UTC) in which an instant lies. */
export const utcDayOf = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** How a kind stands in its column. */
export const kindCode = (kind: BlockKind): number => KINDS.indexOf(kind);

/** The blocks that a condition finds. */
export async function findBlocks(
  database: Pick<Database, "all">,
  where: string,
  ...values: number[]
): Promise<readonly Block[]> {
  return (await database.all<BlockRow>(`SELECT * FROM recording_blocks ${where}`, ...values)).map(toBlock);
}

/** The first number that no row of a table has. */
export async function nextIdIn(database: Pick<Database, "all">, table: string): Promise<number> {
  const [row] = await database.all<{ id: number | null }>(`SELECT MAX(id) AS id FROM ${table}`);
  return (row?.id ?? 0) + 1;
}

/** Writes blocks, each under a number of its own. */
export class BlockWriter {
  #nextId: number;

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  async insert({ run }: Queries, block: Block, isSummed = false): Promise<void> {
    await run(
      `INSERT INTO recording_blocks
         (id, series_id, kind, start_at, end_at, day_at, entry_count, bytes, is_summed, entries)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      this.#nextId++,
      block.seriesId,
      kindCode(block.kind),
      block.startAt,
      block.endAt,
      utcDayOf(block.startAt),
      block.count,
      block.packed.length,
      Number(isSummed),
      block.packed,
    );
  }
}

interface BlockRow {
  readonly series_id: number;
  readonly kind: number;
  readonly start_at: number;
  readonly end_at: number;
  readonly entry_count: number;
  readonly entries: Uint8Array;
}

const toBlock = (row: BlockRow): Block => ({
  seriesId: row.series_id,
  kind: KINDS[row.kind] ?? "raw",
  startAt: row.start_at,
  endAt: row.end_at,
  count: row.entry_count,
  packed: row.entries,
});
