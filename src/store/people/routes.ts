import { z } from "zod";
import type { Route } from "../../alarms/cards/route.ts";
import { SEVERITIES } from "../../alarms/types.ts";
import { isTopicFilter } from "../../lib/text/topic-filter.ts";
import type { Database } from "../sql/database.ts";
import { causedBy, noteCaused } from "./inbox.ts";
import { nextNumber } from "../sql/numbers.ts";

/** A route that somebody wrote in a chat; its number removes it. */
interface StoredRoute extends Route {
  readonly id: number;
}

/** The routes that are written in chats. Few, and asked for with every alarm, so kept in memory. */
export interface Routes {
  /** In the order in which they were added. */
  list(): readonly StoredRoute[];
  /**
   * @param update the number of the update that asks for it: one that comes again adds nothing
   * @returns its number
   */
  add(route: Route, update?: number): Promise<number>;
  /** @returns whether there was one of that number */
  remove(id: number): Promise<boolean>;
}

const contentSchema = z.object({
  severity: z.enum(SEVERITIES),
  sources: z.array(z.string()),
  topics: z.array(z.string().refine(isTopicFilter)),
  to: z.array(z.object({ chatId: z.int(), threadId: z.int().nullable(), name: z.string() })).min(1),
});

/**
 * Reads the routes. One that cannot be understood, since another version wrote it or by hand, takes no alarms; it stays
 * where it is and is told to `onBad`.
 */
export async function openRoutes(database: Database, onBad: (id: number, problem: string) => void): Promise<Routes> {
  const rows = await database.all<{ id: number; content: string }>("SELECT id, content FROM routes ORDER BY id");
  let routes: readonly StoredRoute[] = rows.flatMap(({ id, content }) => {
    try {
      return [{ id, ...contentSchema.parse(JSON.parse(content)) }];
    } catch (error) {
      onBad(id, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
      return [];
    }
  });

  return {
    list: () => routes,
    async add({ severity, sources, topics, to }, update) {
      const route = { severity, sources, topics, to };
      const id = await database.transaction(async (queries) => {
        const known = await causedBy(queries, update, z.number());
        if (known !== null) return known;
        const number = await nextNumber(queries, "route");
        await noteCaused(queries, update, number);
        await queries.run("INSERT INTO routes (id, content) VALUES ($1, $2)", number, JSON.stringify(route));
        return number;
      });
      if (routes.every((one) => one.id !== id)) routes = [...routes, { id, ...route }];
      return id;
    },
    async remove(id) {
      const removed = await database.transaction((queries) => queries.run("DELETE FROM routes WHERE id = $1", id));
      routes = routes.filter((route) => route.id !== id);
      return removed > 0;
    },
  };
}
