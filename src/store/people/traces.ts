import { withoutName } from "../../alarms/payloads/plant-answer.ts";
import type { Queries } from "../sql/database.ts";

/** All that somebody was called when they did something. */
export async function namesOf(queries: Queries, userId: number, name: string): Promise<ReadonlySet<string>> {
  const rows = await queries.all<{ person: string }>("SELECT DISTINCT person FROM actions WHERE user_id = $1", userId);
  return new Set([name, ...rows.map(({ person }) => person)]);
}

/** What the plant is still to be told. */
export async function renameInOutbox(queries: Queries, names: ReadonlySet<string>, pseudonym: string): Promise<void> {
  const rows = await queries.all<{ id: number; payload: string }>("SELECT id, payload FROM outbox WHERE kind = 'mqtt'");
  for (const { id, payload } of rows) {
    const renamed = withoutName(payload, names, pseudonym);
    if (renamed !== payload) await queries.run("UPDATE outbox SET payload = $2 WHERE id = $1", id, renamed);
  }
}

/** What they did stays under a pseudonym, and so does their number. */
export async function renameInTables(
  queries: Queries,
  { id, userId }: { readonly id: number; readonly userId: number },
  pseudonym: string,
): Promise<void> {
  await queries.run("UPDATE actions SET user_id = 0, person = $2 WHERE user_id = $1", userId, pseudonym);
  await queries.run("UPDATE people SET user_id = NULL, name = NULL, role = NULL WHERE id = $1", id);
}

/** Forgets all that is kept of a private chat, whose id is the person's. */
export async function forgetPrivateChat(queries: Queries, userId: number): Promise<void> {
  for (const table of ["cards", "boards", "messages", "answers", "decisions", "chats"]) {
    await queries.run(`DELETE FROM ${table} WHERE chat_id = $1`, userId);
  }
  await queries.run("DELETE FROM dialogues WHERE dialogue_key LIKE $1", `%:${userId}`);
}
