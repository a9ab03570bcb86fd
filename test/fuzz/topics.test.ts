import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesFilter, isTopicFilter } from "../../src/lib/text/topic-filter.ts";
import { Monitors } from "../../src/watchdog/monitors.ts";
import { liveValueOf, readLiveTopicMessage } from "../../src/measurements/live-value.ts";
import { ringBufferOf } from "../../src/alarms/payloads/decode-twincat.ts";
import { bytesOf, check, expectCleanPrototypes, inTime, jsonLike, repeated, text } from "./cases.ts";

const level = fc.oneof(fc.constantFrom("a", "b", "", "+", "#", "$SYS", "__proto__"), text);
const topic = fc.array(level, { minLength: 1, maxLength: 6 }).map((levels) => levels.join("/"));

describe("any topic and filter", () => {
  /** Level by level, as the standard says it (MQTT 3.1.1, 4.7). */
  function isTaken([wanted, ...others]: readonly string[], [level, ...rest]: readonly string[]): boolean {
    if (wanted === "#") return true;
    if (wanted === undefined || level === undefined) return wanted === level;
    return (
      (wanted === "+" || wanted === level) && (others[0] === "#" && rest.length === 0 ? true : isTaken(others, rest))
    );
  }

  it("match as the standard says", () => {
    check(fc.tuple(topic, topic), ([filter, name]) => {
      fc.pre(isTopicFilter(filter));
      const isHidden = name.startsWith("$") && /^[+#]/.test(filter);
      expect(matchesFilter(filter, name)).toBe(!isHidden && isTaken(filter.split("/"), name.split("/")));
      if (isTopicFilter(name) && !name.startsWith("$"))
        expect(matchesFilter(name, name), `${name} by itself`).toBe(true);
    });
  });

  it("of 64 KiB are looked at in the time that their length needs", () => {
    check(repeated(65_535), (long) => {
      inTime(() => [isTopicFilter(long), matchesFilter(long, long), matchesFilter("+/#", long), ringBufferOf(long)]);
    });
  });
});

describe("whatever comes on live topics", () => {
  it("is one number for a field, or none", () => {
    const path = fc.option(fc.oneof(fc.constantFrom("nTemp", "a.b", "__proto__", "constructor.name", "length"), text), {
      nil: null,
    });
    const field = fc.integer({ min: 1, max: 8 });
    const form = fc.oneof(
      text,
      jsonLike(["nTemp", "Values", "field1", "a"]),
      fc.constantFrom("82,1", "-1e5", "field1=7&field1=8", "field1=%", "=", "true", "Infinity", "0x10"),
      repeated(65_000),
    );
    check(fc.tuple(bytesOf(form), field, path), ([payload, number, member]) => {
      const value = inTime(() => {
        const message = readLiveTopicMessage(payload);
        return message && liveValueOf(message, number, member);
      });
      if (value !== null) expect(value).toSatisfy(Number.isFinite);
    });
    expectCleanPrototypes();
  });

  const live = fc.oneof(
    { weight: 3, arbitrary: topic },
    text.map((name) => `${name}/TcIotCommunicator/Desc`),
    fc.nat(5_000).map((n) => `live/${n}`),
    { weight: 2, arbitrary: fc.nat(5_000).map((n) => `${n}/${"x".repeat(60_000)}/TcIotCommunicator/Desc`) },
  );
  const message = fc.record({
    topic: live,
    payload: bytesOf(fc.oneof(fc.constantFrom('{"Online":false}', '{"Online":true}', "1"), jsonLike(["Online"]))),
    isRetained: fc.boolean(),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
  });

  it("is taken without a word, and little of it is kept", () => {
    const monitors = new Monitors({
      settings: {
        heartbeats: [],
        bridges: [{ name: "b", topic: "$SYS/broker/connection/b/state" }],
        deviceFilters: [],
        liveFilters: ["#"],
        alarmFilters: ["w/#"],
        timeZone: "UTC",
      },
      broker: () => ({ isConnected: true, since: 0, subscriptions: [] }) as never,
      latest: null,
      known: new Map(),
      before: null,
      present: (at) => at,
      awakeSince: () => 0,
      raised: [],
      onUnread: () => undefined,
      now: () => 0,
    });
    check(message, (given) => monitors.take(given));
    const { topics, devices } = monitors.facts();
    expect(topics.length).toBeLessThanOrEqual(1_000);
    expect(devices.length).toBeLessThanOrEqual(1_000);
    const kept = [
      ...topics.map((observation) => observation.key + observation.topic),
      ...devices.map(({ key, root }) => key + root),
    ].join("");
    expect(kept.length).toBeLessThan(2_000 * 2_100);
    expectCleanPrototypes();
  });
});
