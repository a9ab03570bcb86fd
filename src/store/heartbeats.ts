import { z } from "zod";
import { standing } from "./alarms/alarms.ts";
import { OWN_TOPIC, type OwnTrouble } from "../alarms/payloads/own.ts";
import type { Database } from "./sql/database.ts";
import { readJsonObject } from "../lib/text/lenient-json.ts";
import { readValue, writeValue } from "./sql/key-value.ts";

/** What is kept of a heartbeat. */
export interface StoredHeartbeat {
  readonly name: string;
  /** Epoch ms. */
  readonly lastAt: number;
  /** `null`: not learned yet. */
  readonly intervalMs: number | null;
}

/** When a run listened; epoch ms. `until` is noted each minute. */
const stretch = z.object({ since: z.number(), until: z.number() }).readonly();
/** A stretch of time in which a run listened. */
export type Listened = z.infer<typeof stretch>;
/** What tells our own alarms apart; see `ownEvent`. */
const own = z.object({ id: z.string() });

const LISTENED = "listened";

/** What the watchdog keeps, so that a restart forgets neither rhythms nor what it has raised. */
export interface Heartbeats {
  all(): Promise<StoredHeartbeat[]>;
  /** Writes what is new or changed and forgets those in `gone`, by name; together, or not at all. */
  save(changed: readonly StoredHeartbeat[], gone: readonly string[], listened?: Listened | null): Promise<void>;
  /** When whoever saved last listened; `null`: nobody did. */
  listened(): Promise<Listened | null>;
  /** Our own alarms that are active, whose topics begin so; `ownEvent`'s, unless others are asked for. */
  activeTroubles(topic?: string): Promise<OwnTrouble[]>;
}

/** Opens what is kept of heartbeats, on a database that has the tables. */
export function createHeartbeats(database: Database): Heartbeats {
  return {
    async all() {
      const rows = await database.all<{ name: string; last_at: number; interval_ms: number | null }>(
        "SELECT name, last_at, interval_ms FROM heartbeats ORDER BY name",
      );
      return rows.map((row) => ({ name: row.name, lastAt: row.last_at, intervalMs: row.interval_ms }));
    },
    async save(changed, gone, listened = null) {
      if (changed.length + gone.length === 0 && listened === null) return;
      // After a power cut a rhythm that is a minute older does as well.
      await database.transaction(async (queries) => {
        const { run } = queries;
        if (listened !== null) await writeValue(queries, LISTENED, listened);
        for (const { name, lastAt, intervalMs } of changed) {
          await run(
            `INSERT INTO heartbeats (name, last_at, interval_ms) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at, interval_ms = excluded.interval_ms`,
            name,
            lastAt,
            intervalMs,
          );
        }
        for (const name of gone) await run("DELETE FROM heartbeats WHERE name = $1", name);
      }, "crash");
    },
    listened: async () => stretch.safeParse(await readValue(database, LISTENED)).data ?? null,
    async activeTroubles(topic = OWN_TOPIC) {
      const rows = await database.all<{ topic: string; payload: Uint8Array | null }>(
        `SELECT topic, (SELECT payload FROM events WHERE alarm_id = alarms.id ORDER BY events.id DESC LIMIT 1) AS payload
         FROM (${standing("topic LIKE $1")}) AS alarms`,
        `${topic}%`,
      );
      // One that cannot be read stays an alarm that is active: nobody but a person can say that it is over.
      return rows.flatMap(({ topic, payload }) => {
        const { data } = own.safeParse(payload && readJsonObject(Buffer.from(payload).toString()));
        return data ? [{ id: data.id, topic }] : [];
      });
    },
  };
}
