import type { Database } from "../sql/database.ts";
import type { BlockWriter } from "./block-rows.ts";
import type { Block, RecordingJournal } from "./types.ts";

/** The journal in the database. What is lost of it in a power cut is some seconds of values. */
export class JournalTable implements RecordingJournal {
  readonly #database: Database;
  readonly #writer: BlockWriter;
  #nextId: number;

  constructor(database: Database, writer: BlockWriter, nextId: number) {
    this.#database = database;
    this.#writer = writer;
    this.#nextId = nextId;
  }

  async append(packed: Uint8Array): Promise<void> {
    const id = this.#nextId++;
    await this.#database.transaction(
      ({ run }) => run("INSERT INTO recording_journal (id, entries) VALUES ($1, $2)", id, packed),
      "crash",
    );
  }

  async read(): Promise<readonly Uint8Array[]> {
    const rows = await this.#database.all<{ entries: Uint8Array }>("SELECT entries FROM recording_journal ORDER BY id");
    return rows.map(({ entries }) => entries);
  }

  async seal(blocks: readonly Block[]): Promise<void> {
    const before = this.#nextId;
    await this.#database.transaction(async (queries) => {
      for (const block of blocks) await this.#writer.insert(queries, block);
      await queries.run("DELETE FROM recording_journal WHERE id < $1", before);
    }, "crash");
  }
}
