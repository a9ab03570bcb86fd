import type { Database } from "../sql/database.ts";

/** Our answers to people that have buttons, by chat and message; cards and boards are kept with what they show. */
export interface Answers {
  note(chatId: number, messageId: number): Promise<void>;
  has(chatId: number, messageId: number): Promise<boolean>;
}

/** The answers in the database. */
export function openAnswers(database: Database, now: () => number): Answers {
  return {
    async note(chatId, messageId) {
      // What a power cut takes is asked for again.
      await database.transaction(
        (queries) =>
          queries.run(
            "INSERT INTO answers (chat_id, message_id, sent_at) VALUES ($1, $2, $3) ON CONFLICT (chat_id, message_id) DO NOTHING",
            chatId,
            messageId,
            now(),
          ),
        "crash",
      );
    },
    async has(chatId, messageId) {
      const sql = "SELECT sent_at FROM answers WHERE chat_id = $1 AND message_id = $2";
      return (await database.all(sql, chatId, messageId)).length > 0;
    },
  };
}
