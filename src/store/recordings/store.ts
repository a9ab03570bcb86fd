import type { Database } from "../sql/database.ts";
import { BlockTable } from "./blocks.ts";
import { BlockWriter, nextIdIn } from "./block-rows.ts";
import { JournalTable } from "./journal.ts";
import type { RecordingStore, SeriesRow, SeriesTable } from "./types.ts";

/** Opens the recordings. */
export async function openRecordings(database: Database): Promise<RecordingStore> {
  const writer = new BlockWriter(await nextIdIn(database, "recording_blocks"));
  return {
    series: seriesIn(database),
    journal: new JournalTable(database, writer, await nextIdIn(database, "recording_journal")),
    blocks: new BlockTable(database, writer),
  };
}

const seriesIn = (database: Database): SeriesTable => ({
  list: () => database.all<SeriesRow>("SELECT id, device, member FROM recording_series ORDER BY id"),
  async add({ id, device, member }) {
    await database.transaction(({ run }) =>
      run("INSERT INTO recording_series (id, device, member) VALUES ($1, $2, $3)", id, device, member),
    );
  },
});
