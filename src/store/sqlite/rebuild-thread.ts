import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

/** Writes the database whose path is given anew, without what is free or was deleted, and so that it can shrink from then on. */
const sqlite = new DatabaseSync(String(workerData));
sqlite.exec("PRAGMA secure_delete = ON; PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)");
sqlite.close();
