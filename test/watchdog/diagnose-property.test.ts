import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnose, type WatchFacts } from "../../src/watchdog/diagnose.ts";
import { bridge, device, field, link, NOW, thingspeak, topic } from "./facts.ts";

describe("whatever is the matter", () => {
  const minutes = fc.double({ min: 0, max: 120, noNaN: true });
  const everyMinutes = fc.constantFrom(0.1, 0.5, 2, 60);
  const facts: fc.Arbitrary<WatchFacts> = fc.record({
    now: fc.constant(NOW),
    awakeSince: fc.constant(0),
    timeZone: fc.constant("UTC"),
    link: fc
      .record({
        state: fc.constantFrom("up" as const, "up" as const, "down" as const, "deaf" as const),
        since: minutes,
      })
      .map(({ state, since }) => link(state, since)),
    bridges: fc
      .uniqueArray(fc.tuple(fc.constantFrom("n", "m"), fc.constantFrom(true, false, null), minutes), {
        selector: ([name]) => name,
      })
      .map((list) => list.map((entry) => bridge(...entry))),
    devices: fc
      .option(fc.tuple(fc.constant("d"), fc.constantFrom(true, false, null), minutes), { nil: null })
      .map((entry) => (entry ? [device(...entry)] : [])),
    topics: fc
      .uniqueArray(
        fc.tuple(
          fc.constantFrom("a", "b", "c", "d/TcIotCommunicator/Desc", "d/TcIotCommunicator/Json/Tx/Data"),
          minutes,
          everyMinutes,
        ),
        { selector: ([name]) => name },
      )
      .map((list) => list.map((entry) => topic(...entry))),
    thingspeak: fc.option(
      fc
        .record({ isReachable: fc.constantFrom(true, true, false, null), since: minutes })
        .map(({ isReachable, since }) => thingspeak(isReachable, since)),
      { nil: null },
    ),
    fields: fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 4 }), minutes), { selector: ([number]) => number })
      .map((list) => list.map((entry) => field(...entry))),
  });

  it("no symptom is told together with its cause, nor anything twice", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const told = diagnose(given).troubles.map(({ id }) => id.replace("silence: ", ""));
        expect(new Set(told).size).toBe(told.length);
        const has = (prefix: string) => told.some((subject) => subject.startsWith(prefix));
        const behindBroker = ["bridge", "device", "topic", "plant"].some(has);
        if (given.link.state !== "up") expect(behindBroker).toBe(false);
        if (has("broker")) expect(has("live topics")).toBe(false);
        if (has("ThingSpeak")) expect(has("field") || has("channel")).toBe(false);

        const newestAt = Math.max(...given.topics.map(({ lastAt }) => lastAt ?? 0));
        for (const observation of given.topics.filter(({ key }) => told.includes(key))) {
          if (observation.topic.startsWith("d/")) expect(has("device")).toBe(false);
          // Told beside "nothing comes", it was silent while others still came.
          if (has("plant")) expect(newestAt).toBeGreaterThan(observation.lastAt ?? 0);
          for (const { since, key } of given.bridges.filter((other) => told.includes(other.key))) {
            const fellWithIt = (observation.lastAt ?? 0) <= since && (observation.silentFrom ?? 0) > since;
            expect([key, fellWithIt]).toEqual([key, false]);
          }
        }
        const newestField = Math.max(...given.fields.map(({ lastAt }) => lastAt ?? 0));
        for (const observation of given.fields.filter(({ key }) => told.includes(key)))
          if (has("channel")) expect(newestField).toBeGreaterThan(observation.lastAt ?? 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it("what is silent behind a broker that is up is told, or its cause is, within twice its time", () => {
    fc.assert(
      fc.property(facts, (given) => {
        const { troubles } = diagnose({ ...given, link: link("up"), bridges: [] });
        const isLost = given.topics.some(
          ({ silentFrom, waitingSince }) => silentFrom !== null && NOW > 2 * silentFrom - waitingSince,
        );
        expect({ isLost, told: troubles.length }).not.toEqual({ isLost: true, told: 0 });
      }),
      { numRuns: 1_000 },
    );
  });
});
