import type { Database } from "./database.ts";

/** Where dialogues are kept between two answers, so that a restart does not lose them: one JSON text per key. */
export interface DialogueStorage {
  read(key: string): Promise<string | undefined>;
  write(key: string, content: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Ends all that somebody began, wherever. */
  deleteOf(userId: number): Promise<void>;
}

/** The dialogues in the database. */
export function createDialogueStorage(database: Database): DialogueStorage {
  return {
    async read(key) {
      const [row] = await database.all<{ content: string }>(
        "SELECT content FROM dialogues WHERE dialogue_key = $1",
        key,
      );
      return row?.content;
    },
    async write(key, content) {
      await database.transaction((queries) =>
        queries.run(
          `INSERT INTO dialogues (dialogue_key, content) VALUES ($1, $2)
           ON CONFLICT (dialogue_key) DO UPDATE SET content = excluded.content`,
          key,
          content,
        ),
      );
    },
    async deleteOf(userId) {
      await database.transaction((queries) =>
        queries.run("DELETE FROM dialogues WHERE dialogue_key LIKE $1", `%:${userId}`),
      );
    },
    async delete(key) {
      await database.transaction((queries) => queries.run("DELETE FROM dialogues WHERE dialogue_key = $1", key));
    },
  };
}
