import type { Database } from "../../src/store/sql/database.ts";
import type { Store } from "./store.ts";

/** As if all that is to ring had been heard when it came: there is no dispatcher that tells anybody. */
export async function allHeard(database: Database, store: Pick<Store, "elapse">): Promise<void> {
  await database.transaction((queries) =>
    queries.run("UPDATE alarms SET owed_ring = NULL, heard_at = last_received_at, due_at = last_received_at"),
  );
  const waiting = () => database.all("SELECT 1 FROM alarms WHERE due_at = last_received_at LIMIT 1");
  while ((await waiting()).length > 0) await store.elapse();
}
