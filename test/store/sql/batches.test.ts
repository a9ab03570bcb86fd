import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../../src/alarms/event.ts";
import { decode } from "../../../src/alarms/payloads/decode.ts";
import type { Database } from "../../../src/store/sql/database.ts";
import { openStore } from "../../support/store.ts";
import { NOW, TOPIC } from "../../support/alarms.ts";
import { DATABASES } from "../../support/databases.ts";
import { emptyTables } from "../tables.ts";

/** Few of each, so that copies, returns and ends meet. */
const message = fc.record({
  machine: fc.integer({ min: 1, max: 3 }),
  topic: fc.constantFrom(TOPIC, `${TOPIC}/2`),
  // Nothing at all ends all that is active on the topic; an end without an id is looked for among all that stands.
  state: fc.constantFrom("active", "active", "cleared", "latched", "nothing"),
  severity: fc.constantFrom("warning", "critical"),
  second: fc.option(fc.integer({ min: 0, max: 2 }), { nil: null }),
  hasId: fc.boolean(),
  isRetained: fc.boolean(),
  delivery: fc.option(fc.record({ packetId: fc.integer({ min: 1, max: 2 }), isDup: fc.boolean() }), { nil: null }),
});

function eventOf(
  {
    machine,
    topic,
    state,
    severity,
    second,
    hasId,
    isRetained,
    delivery,
  }: typeof message extends fc.Arbitrary<infer T> ? T : never,
  i: number,
): AlarmEvent {
  const time = second === null ? {} : { time: new Date(NOW + second * 1_000).toISOString() };
  const id = hasId ? { id: `m${machine}` } : {};
  const text = JSON.stringify({ message: `Machine ${machine}.`, source: "Line 1", severity, state, ...id, ...time });
  const [event] = decode({
    topic,
    payload: Buffer.from(state === "nothing" ? "" : text),
    isRetained,
    receivedAt: NOW + 5_000 + i,
    ...delivery,
  });
  return event;
}

describe.each(DATABASES)("events on %s", (_, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  /** All that is kept of alarms and events, but what counts how often a chat was told. */
  async function kept(batches: readonly (readonly AlarmEvent[])[]): Promise<unknown> {
    await emptyTables(database);
    const store = await openStore(database);
    for (const batch of batches) await store.record(batch);
    return [
      await database.all(
        `SELECT id, alarm_key, severity, peak_severity, state, occurrence, event_count, started_at, last_at, last_received_at, cleared_at
         FROM alarms ORDER BY id`,
      ),
      await database.all(
        "SELECT id, alarm_id, dedupe_key, is_retained, received_at, occurred_at, state, packet_id FROM events ORDER BY id",
      ),
      await database.all("SELECT alarm_id, chat_id FROM cards ORDER BY alarm_id, chat_id"),
      await database.all("SELECT * FROM numbers WHERE name IN ('alarm', 'event') ORDER BY name"),
    ];
  }

  it("tell the same however they are divided into batches", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(message, fc.boolean()), { minLength: 1, maxLength: 30 }), async (messages) => {
        const events = messages.map(([one], i) => eventOf(one, i));
        const batches: AlarmEvent[][] = [[]];
        for (const [i, event] of events.entries()) {
          if (messages[i]?.[1]) batches.push([]);
          batches.at(-1)?.push(event);
        }
        expect(await kept(batches)).toEqual(await kept(events.map((event) => [event])));
      }),
      { numRuns: 40 },
    );
  });
});
