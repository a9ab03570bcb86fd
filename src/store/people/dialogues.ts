import type { Database } from "../sql/database.ts";

/**
 * Where dialogues are kept between two answers, so that a restart does not lose them: one JSON text per key. Who names the number of an
 * update sees the dialogue as it was before that, however often: an answer that a run took and did not live to do something with is
 * taken once more, and not for the answer to the next question.
 */
export interface DialogueStorage {
  read(key: string, update: number): Promise<string | undefined>;
  write(key: string, content: string, update: number): Promise<void>;
  delete(key: string, update: number): Promise<void>;
  /** Ends all that somebody began, wherever. */
  deleteOf(userId: number): Promise<void>;
  /** Forgets what is over, and what was before. */
  tidy(): Promise<void>;
}

/** A dialogue that is over. */
const OVER = "";
/** What it was before the newest update that changed it. */
const FORMER = "CASE WHEN dialogues.update_id = $2 THEN dialogues.former ELSE dialogues.content END";

/** The dialogues in the database. */
export function createDialogueStorage(database: Database): DialogueStorage {
  return {
    async read(key, update) {
      const [row] = await database.all<{ content: string; update_id: number | null; former: string }>(
        "SELECT content, update_id, former FROM dialogues WHERE dialogue_key = $1",
        key,
      );
      const content = row?.update_id === update ? row.former : row?.content;
      return content === OVER ? undefined : content;
    },
    async write(key, content, update) {
      await database.transaction((queries) =>
        queries.run(
          `INSERT INTO dialogues (dialogue_key, update_id, content) VALUES ($1, $2, $3)
           ON CONFLICT (dialogue_key) DO UPDATE SET content = excluded.content, update_id = $2, former = ${FORMER}`,
          key,
          update,
          content,
        ),
      );
    },
    async delete(key, update) {
      await database.transaction((queries) =>
        queries.run(
          `UPDATE dialogues SET content = '', update_id = $2, former = ${FORMER} WHERE dialogue_key = $1`,
          key,
          update,
        ),
      );
    },
    async deleteOf(userId) {
      await database.transaction((queries) =>
        queries.run("DELETE FROM dialogues WHERE dialogue_key LIKE $1", `%:${userId}`),
      );
    },
    async tidy() {
      const isAnswered =
        "NOT EXISTS (SELECT 1 FROM updates WHERE updates.update_id = dialogues.update_id AND content IS NOT NULL)";
      await database.transaction(async (queries) => {
        await queries.run(`DELETE FROM dialogues WHERE dialogues.content = '' AND ${isAnswered}`);
        await queries.run(`UPDATE dialogues SET former = '' WHERE former <> '' AND ${isAnswered}`);
      }, "crash");
    },
  };
}
