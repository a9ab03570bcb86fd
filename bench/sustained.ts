import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { monotonicMs, waitUntil } from "./support/clock.ts";
import { checkCards } from "./support/cards.ts";
import { atMost, type Bench } from "./support/figure.ts";
import { startPlant, TOPIC, warning } from "./support/plant.ts";
import { residentMb } from "./support/resident.ts";

const ALARMS = 1_000;
const PER_SECOND = 2_000;

/** A plant that never stops talking: what it costs in memory, and whether every card is right at the end. */
export const sustained: Bench = {
  name: "sustained",
  async run(defer, seconds) {
    const { publisher, sink, app } = await startPlant(defer);
    const database = new DatabaseSync(app.databasePath, { readOnly: true });
    defer(async () => database.close());
    const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
    const published: number[] = Array.from({ length: ALARMS }, () => 0);
    const memory: number[] = [];
    const beganAt = monotonicMs();
    for (let total = 0, second = 0; total < PER_SECOND * seconds;) {
      await setTimeout(20);
      const elapsedMs = monotonicMs() - beganAt;
      for (const due = Math.min(PER_SECOND * seconds, (elapsedMs / 1_000) * PER_SECOND); total < due; total++) {
        const alarm = total % ALARMS;
        published[alarm]! += 1;
        publisher.publish(TOPIC, warning(alarm, total), { qos: 1 });
      }
      if (elapsedMs < second * 1_000) continue;
      second += 1;
      memory.push(residentMb(app.pid));
    }
    await waitUntil("every event is stored", () => number("SELECT MAX(id) FROM events") >= PER_SECOND * seconds);
    const storedAt = monotonicMs();
    await waitUntil("no card waits", () => number("SELECT COUNT(*) FROM cards WHERE is_pending = 1") === 0);
    const calls = await sink.calls();
    checkCards(calls, published);
    const half = memory.slice(memory.length / 2);
    return [
      atMost(
        `${PER_SECOND.toLocaleString("en")} events/s for ${seconds} s: memory at most`,
        150,
        Math.max(...memory),
        "MB",
      ),
      atMost("… growth of memory in the second half", 10, (half.at(-1) ?? 0) - (half[0] ?? 0), "MB"),
      atMost("… every card right after the last event within", 2_000, (calls.at(-1)?.receivedAt ?? 0) - storedAt, "ms"),
    ];
  },
};
