import { expect, it } from "vitest";
import { decode } from "../../src/alarms/payloads/decode.ts";
import type { Alarm } from "../../src/alarms/types.ts";
import { systemClock } from "../../src/lib/time/clock.ts";
import { Drill } from "../../src/engine/drill.ts";
import type { Publication } from "../../src/mqtt/publish.ts";
import { matchesFilter } from "../../src/lib/text/topic-filter.ts";
import { until } from "../support/until.ts";

const TO = { chatId: 11, threadId: null, name: "Aino" };

/** A drill with a broker that hands back what a filter takes, as it is written. */
function drillWith(filters: readonly string[]): { drill: Drill; published: Publication[]; next: () => Drill } {
  const published: Publication[] = [];
  let kept: unknown = null;
  let drill: Drill;
  const next = (): Drill =>
    new Drill({
      filters,
      async publish(publication) {
        published.push(publication);
        const { topic, payload } = publication;
        if (!filters.some((filter) => matchesFilter(filter, topic))) return;
        drill.stored(decode({ topic, payload: Buffer.from(payload), isRetained: false, receivedAt: Date.now() }));
      },
      alarmOf: async () => ({ id: 7 }) as Alarm,
      decisions: async () => [
        { alarmId: 7, chatId: 11, decidedAt: Date.now(), action: "send", reason: "first", result: "ok" } as never,
      ],
      keyValue: { read: async () => kept, write: async (_, content) => void (kept = structuredClone(content)) },
      now: Date.now,
      after: systemClock.after,
      deadlineMs: 100,
    });
  drill = next();
  return { drill, published, next };
}

it.each([
  [["lut/AMBsystem/warnings/#"], ["lut/AMBsystem/warnings/valvomo-drill"]],
  [["#"], ["valvomo-drill"]],
  [["plants/+/TcIotCommunicator/Messages/+"], ["plants/valvomo-drill/TcIotCommunicator/Messages/valvomo-drill"]],
  [
    ["a/#", "b/+/c"],
    ["a/valvomo-drill", "b/valvomo-drill/c"],
  ],
  [["a/#", "a/+"], ["a/valvomo-drill"]],
])("goes the way of a message for each of %j, and all must come back", async (filters, topics) => {
  const { drill, published } = drillWith(filters);
  const report = await drill.run(TO);
  expect(report).toMatchObject({ problem: null, alarmId: 7, topics, doubts: [] });
  expect(published.map(({ topic }) => topic)).toEqual([...topics, ...topics]);
  expect(published.map(({ payload }) => (JSON.parse(payload) as { severity: string }).severity)[0]).toBe("critical");
});

it("fails where a filter lost the # at its end, and says what to write", async () => {
  const { drill } = drillWith(["a/#", "lut/AMBsystem/warnings/"]);
  const report = await drill.run(TO);
  expect(report?.problem).toMatch(
    /^it did not come back: may we publish to lut\/AMBsystem\/warnings\/valvomo-drill, and/,
  );
  expect(report?.doubts).toEqual([expect.stringMatching(/write 'lut\/AMBsystem\/warnings\/#'$/)]);
});

it("passes where one topic is meant, and says that nothing else comes", async () => {
  const report = await drillWith(["plant/alarm"]).drill.run(TO);
  expect(report).toMatchObject({ problem: null, topics: ["plant/alarm"] });
  expect(report?.doubts).toEqual([expect.stringMatching(/that one topic only.*write 'plant\/alarm\/#'$/)]);
});

it("is ended by the next run, once, if this one does not live to end it", async () => {
  // Nothing comes back by that filter, so that it waits.
  const { drill, published, next } = drillWith(["lut/AMBsystem/warnings/"]);
  const ends = () => published.filter(({ payload }) => payload.includes('"cleared"')).length;
  const running = drill.run(TO);
  await until("published", () => published.length === 1);
  await next().clear();
  expect(ends()).toBe(1);
  await next().clear();
  expect(ends()).toBe(1);
  await running;
  await next().clear();
  expect(ends()).toBe(2);
});
