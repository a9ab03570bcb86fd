import { z } from "zod";
import type { AlarmEvent } from "../../alarms/event.ts";
import type { Lag } from "../../alarms/handling-parts.ts";
import type { Database, Queries } from "../sql/database.ts";
import { readValue, writeValue } from "../sql/key-value.ts";

/** The sources of events whose clock was found to be set back, in one transaction. */
export interface PlantClocks {
  /** How late what an event's source sends is since its clock was set back; `null`: it was not, as far as anything has shown lately. */
  believed(event: AlarmEvent): Promise<Lag | null>;
  /** Notes that the clock of an event's source was set back. */
  believe(event: AlarmEvent, lag: Lag): void;
  /** Writes what changed. */
  flush(): Promise<void>;
}

/** A clock that nothing has shown for so long may have been set right. */
const BELIEVED_MS = 24 * 3_600_000;

const kept = z.object({ at: z.number(), receivedAt: z.number() }) satisfies z.ZodType<Lag>;

const PREFIX = "clock\n";
const nameOf = ({ slot, topic, source }: AlarmEvent): string =>
  `${PREFIX}${slot?.ringBuffer ?? topic}\n${source ?? ""}`;

/** Forgets those that are not believed any more. */
export const forgetPlantClocks = (database: Database, now: number): Promise<void> =>
  database.transaction(async (queries) => {
    const rows = await queries.all<{ name: string; content: string }>(
      "SELECT name, content FROM facts WHERE name LIKE $1",
      `${PREFIX}%`,
    );
    for (const { name, content } of rows) {
      const { data } = kept.safeParse(JSON.parse(content));
      if (data === undefined || !isBelieved(data, now)) await queries.run("DELETE FROM facts WHERE name = $1", name);
    }
  }, "crash");

const isBelieved = ({ receivedAt }: Lag, now: number): boolean => Math.abs(now - receivedAt) < BELIEVED_MS;

/** Opens them; each is read when something comes late, and once. */
export function openPlantClocks(queries: Queries): PlantClocks {
  const known = new Map<string, Lag | null>();
  const changed = new Set<string>();
  return {
    async believed(event) {
      const name = nameOf(event);
      if (!known.has(name)) known.set(name, kept.safeParse(await readValue(queries, name)).data ?? null);
      const lag = known.get(name) ?? null;
      return lag !== null && isBelieved(lag, event.receivedAt) ? lag : null;
    },
    believe(event, lag) {
      known.set(nameOf(event), lag);
      changed.add(nameOf(event));
    },
    async flush() {
      for (const name of changed) await writeValue(queries, name, known.get(name));
    },
  };
}
