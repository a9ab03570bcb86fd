import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import type { Defer } from "./figure.ts";

/** Looks at the program's database from outside; what it resolves with asks for one number. */
export async function openNumbers(url: string, defer: Defer): Promise<(sql: string) => Promise<number>> {
  if (url.startsWith("file:")) {
    const file = new DatabaseSync(url.slice("file:".length), { readOnly: true });
    defer(async () => file.close());
    return async (sql) => Number(Object.values(file.prepare(sql).get() ?? {})[0] ?? 0);
  }
  const client = new Client(url);
  client.on("error", () => undefined);
  await client.connect();
  defer(() => client.end());
  return async (sql) => Number(Object.values((await client.query<object>(sql)).rows[0] ?? {})[0] ?? 0);
}
