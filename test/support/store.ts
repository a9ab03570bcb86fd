import { UNMANNED } from "../../src/duty/addressee.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { migrate } from "../../src/store/schema.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openSqlite } from "../../src/store/sqlite/sqlite.ts";
import * as kept from "../../src/store/store.ts";
import { NOW } from "./alarms.ts";
import { chatOf, RULES } from "./rules.ts";

/** What is kept, and what is done with it, in one. */
export interface Store extends kept.Store, Engine {}

/** How alarms are handled, and by which clock. */
export type StoreOptions = Parameters<typeof kept.openStore>[1] & Parameters<typeof createEngine>[1];

/** All alarms go to one chat, at a time that stands still. */
const USUAL: StoreOptions = {
  rules: RULES,
  destinationsOf: () => [chatOf(1)],
  onDuty: () => UNMANNED,
  acknowledgersOf: () => 1,
  answers: { suffix: null },
  timeZone: "UTC",
  now: () => NOW,
};

/** Opens the store on a database, with an engine that works on it. @param changes what is not as usual */
export async function openStore(database: Database, changes: Partial<StoreOptions> = {}): Promise<Store> {
  const options = { ...USUAL, ...changes };
  const store = await kept.openStore(database, options);
  return { ...store, ...createEngine(store, options) };
}

/** The tables alone, for what needs no more of the store; in memory, unless there is a database for them. */
export async function openTables(database: Database = openSqlite(":memory:")): Promise<Database> {
  await migrate(database);
  return database;
}
