import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";
import { OPEN_PATIENCE_MS } from "./lock-wait.ts";

/** Writes the database whose path is given anew, without what is free or was deleted, and so that it can shrink from then on. */
const sqlite = new DatabaseSync(String(workerData), { timeout: OPEN_PATIENCE_MS });
sqlite.exec("PRAGMA secure_delete = ON; PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
sqlite.close();
