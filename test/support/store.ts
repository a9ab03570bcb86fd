import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Database } from "../../src/store/sql/database.ts";
import * as kept from "../../src/store/store.ts";

/** What is kept, and what is done with it, in one. */
export interface Store extends kept.Store, Engine {}

/** How alarms are handled, and by which clock. */
export type StoreOptions = Parameters<typeof kept.openStore>[1] & Parameters<typeof createEngine>[1];

/** Opens the store on a database, with an engine that works on it. */
export async function openStore(database: Database, options: StoreOptions): Promise<Store> {
  const store = await kept.openStore(database, options);
  return { ...store, ...createEngine(store, options) };
}
