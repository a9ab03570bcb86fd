import type { z } from "zod";
import type { Database, Queries } from "../sql/database.ts";
import { readValue, writeValue } from "../sql/key-value.ts";

/** An update as it is kept until it is answered. */
interface KeptUpdate {
  /** Telegram's number of it. */
  readonly id: number;
  /** All of it, sealed. */
  readonly content: string;
}

/** What people wrote and pressed, from before Telegram is told that we have it until it is answered. */
export interface InboxStorage {
  /** Keeps what is new; resolves, when it is on disk, with the numbers of what was not: some run took it before. */
  take(updates: readonly KeptUpdate[]): Promise<ReadonlySet<number>>;
  /** Forgets what an update says, but not that it came. */
  answered(id: number): Promise<void>;
  /**
   * What was taken and not answered, in order; one that was handed out so often that it may be what ends the program is given up.
   * @param bot whose updates they are: another one's are forgotten, as its numbers say nothing of this one's
   */
  left(bot: string): Promise<{ readonly updates: readonly string[]; readonly givenUp: readonly number[] }>;
  /** Forgets what Telegram has forgotten as well. */
  tidy(): Promise<void>;
}

/** Telegram hands nothing out that is older (FACTS: C1). */
const DAY_MS = 24 * 3_600_000;
/** Names in the facts the bot whose updates are kept. */
const BOT = "bot of updates";
/** By the first run, and by two more. */
const MAX_TRIES = 3;

/** The table of updates. */
export function createInboxStorage(database: Database, now: () => number): InboxStorage {
  return {
    take: (updates) =>
      database.transaction(async (queries) => {
        const places = updates.map((_, i) => `$${i + 1}`).join();
        const rows = await queries.all<{ update_id: number }>(
          `SELECT update_id FROM updates WHERE update_id IN (${places})`,
          ...updates.map(({ id }) => id),
        );
        const known = new Set(rows.map((row) => row.update_id));
        const fresh = updates.filter(({ id }) => !known.has(id));
        if (fresh.length === 0) return known;
        const values = fresh.map((_, i) => `($${3 * i + 1}, $${3 * i + 2}, 1, $${3 * i + 3})`).join();
        await queries.run(
          `INSERT INTO updates (update_id, taken_at, tries, content) VALUES ${values}`,
          ...fresh.flatMap(({ id, content }) => [id, now(), content]),
        );
        return known;
      }),
    async answered(id) {
      // After a power cut it is answered once more.
      await database.transaction(
        (queries) => queries.run("UPDATE updates SET content = NULL, caused = NULL WHERE update_id = $1", id),
        "crash",
      );
    },
    left: (bot) =>
      database.transaction(async (queries) => {
        if ((await readValue(queries, BOT)) !== bot) await queries.run("DELETE FROM updates");
        await writeValue(queries, BOT, bot);
        const rows = await queries.all<{ update_id: number; tries: number; taken_at: number; content: string }>(
          "SELECT * FROM updates WHERE content IS NOT NULL ORDER BY update_id",
        );
        const isGivenUp = ({ tries, taken_at: at }: (typeof rows)[number]): boolean =>
          tries >= MAX_TRIES || Math.abs(now() - at) >= DAY_MS;
        for (const row of rows)
          await queries.run(
            `UPDATE updates SET tries = tries + 1${isGivenUp(row) ? ", content = NULL, caused = NULL" : ""} WHERE update_id = $1`,
            row.update_id,
          );
        return {
          updates: rows.flatMap((row) => (isGivenUp(row) ? [] : [row.content])),
          givenUp: rows.flatMap((row) => (isGivenUp(row) ? [row.update_id] : [])),
        };
      }),
    async tidy() {
      await database.transaction(
        // One that lies ahead was taken while the clock was ahead.
        (queries) =>
          queries.run("DELETE FROM updates WHERE content IS NULL AND ABS($1 - taken_at) >= $2", now(), 2 * DAY_MS),
        "crash",
      );
    },
  };
}

/**
 * What an update caused, as `noteCaused` has noted it: one that comes again, as a run did not live to answer it, causes it no more.
 * @param content what that may be
 * @returns `null`: nothing yet
 */
export async function causedBy<T>(
  queries: Pick<Queries, "all">,
  update: number | undefined,
  content: z.ZodType<T>,
): Promise<T | null> {
  if (update === undefined) return null;
  const [row] = await queries.all<{ caused: string | null }>("SELECT caused FROM updates WHERE update_id = $1", update);
  return row?.caused == null ? null : content.parse(JSON.parse(row.caused));
}

/** Notes what an update causes, in the same transaction. */
export async function noteCaused(queries: Queries, update: number | undefined, caused: unknown): Promise<void> {
  if (update === undefined) return;
  await queries.run("UPDATE updates SET caused = $2 WHERE update_id = $1", update, JSON.stringify(caused));
}
