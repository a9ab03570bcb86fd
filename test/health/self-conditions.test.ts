import { describe, expect, it } from "vitest";
import { selfConditions } from "../../src/health/self-conditions.ts";
import type { SelfFacts } from "../../src/health/self-facts.ts";

const NOW = Date.UTC(2026, 10, 23, 1);
const MINUTE = 60_000;

const fine: SelfFacts = {
  clientId: "valvomo",
  mqtt: {
    isConnected: true,
    since: NOW - 5 * MINUTE,
    broker: "broker:1883",
    error: null,
    passedOver: [],
    refusedTopics: new Map<string, string>(),
    subscriptions: [{ topic: "a/#", qos: 1, isLive: false }],
    isContested: false,
  },
  processes: [],
  clockAheadMs: 0,
  loops: [{ filter: "lut/#", topic: "lut/valvomo-loop", state: "unknown", delayMs: null }],
  telegram: { isUp: true, since: NOW - 5 * MINUTE, error: null, receiving: null, isTokenRefused: false },
  secondPathFailures: [],
  store: { failure: null, since: NOW },
  disk: { totalBytes: 1e9, freeBytes: 5e8, usedBytes: 1e7, logBytes: 0, maxBytes: 5e8 },
  databaseName: "/data/valvomo.db",
  now: NOW,
};
const mqtt = (changes: Partial<SelfFacts["mqtt"]>): SelfFacts => ({ ...fine, mqtt: { ...fine.mqtt, ...changes } });
const telegram = (changes: Partial<SelfFacts["telegram"]>): SelfFacts => ({
  ...fine,
  telegram: { ...fine.telegram, ...changes },
});
const conditionOf = (facts: SelfFacts, id: string) => selfConditions(facts).find((condition) => condition.id === id);

describe("what is wrong with ourselves", () => {
  it("is nothing while all is well", () => {
    expect(selfConditions(fine).map(({ id, message }) => [id, message])).toEqual([
      ["store", null],
      ["disk low", null],
      ["disk nearly full", null],
      ["client id", null],
      ["broker passed over", null],
      ["subscriptions", null],
      ["telegram", null],
      ["receiving", null],
      ["second path", null],
    ]);
  });

  it("is another program with our client id: critical, for the admins, by its name", () => {
    const found = conditionOf(mqtt({ isContested: true }), "client id");
    expect(found).toMatchObject({ severity: "critical", isForAdmins: true });
    expect(found?.message).toContain("“valvomo” (MQTT_CLIENT_ID)");
  });

  it("is a rival that takes people's words: for the admins, since sending works", () => {
    const found = conditionOf(telegram({ receiving: "another program (409 Conflict)" }), "receiving");
    expect(found).toMatchObject({ severity: "error", isForAdmins: true });
    expect(found?.message).toContain("409 Conflict");
  });

  it("is a token that is refused, at once, or a Telegram that is away for long: critical, for everybody", () => {
    const away = { isUp: false, error: "ETIMEDOUT", since: NOW - 9 * MINUTE };
    expect(conditionOf(telegram(away), "telegram")).toBeUndefined();
    for (const facts of [
      telegram({ ...away, since: NOW - 10 * MINUTE }),
      telegram({ ...away, isTokenRefused: true, error: "401 Unauthorized" }),
    ]) {
      const found = conditionOf(facts, "telegram");
      expect(found).toMatchObject({ severity: "critical", isForEverybody: true });
      expect(found?.message).toContain(facts.telegram.error ?? "?");
    }
  });

  it("is a store that takes nothing: said at once, with what to do", () => {
    const found = conditionOf(
      {
        ...fine,
        store: {
          failure: { reason: "the disk is full", remedy: "Make room on the disk of /data/valvomo.db" },
          since: NOW,
        },
      },
      "store",
    );
    expect(found).toMatchObject({ severity: "critical", isForAdmins: true, isSaidDirectly: true });
    expect(found?.message).toMatch(
      /^Nothing can be stored: the disk is full\..*Make room on the disk of \/data\/valvomo\.db/,
    );
  });

  it.each([
    [5e8, null, null],
    [99e6, "warning", null],
    [29e6, "warning", "critical"],
  ])("is a disk of 1 GB of which %d bytes are left, before it is full, with what to do", (freeBytes, low, full) => {
    const facts = { ...fine, disk: fine.disk && { ...fine.disk, freeBytes } };
    for (const [id, severity] of [
      ["disk low", low],
      ["disk nearly full", full],
    ] as const) {
      const found = conditionOf(facts, id);
      if (severity === null) expect(found?.message).toBeNull();
      else {
        expect(found).toMatchObject({ severity, isForAdmins: true });
        expect(found?.message).toContain("set KEEP_HISTORY_SIZE lower");
      }
    }
  });

  it("is a second path that fails when it is needed", () => {
    const found = conditionOf({ ...fine, secondPathFailures: ["hooks.example answered 404"] }, "second path");
    expect(found).toMatchObject({ severity: "critical", isForAdmins: true });
    expect(found?.message).toContain("hooks.example answered 404");
  });

  it("is an alarm topic that the broker refuses, or grants with less, when it had the time to think better of it", () => {
    const refused = [{ topic: "b/#", qos: null, isLive: false }];
    expect(conditionOf(mqtt({ subscriptions: refused, since: NOW - 1 }), "subscriptions")).toBeUndefined();
    const found = conditionOf(mqtt({ subscriptions: refused }), "subscriptions");
    expect(found).toMatchObject({ severity: "critical", isForAdmins: true });
    expect(found?.message).toContain("b/#");
    const weak = conditionOf(mqtt({ subscriptions: [{ topic: "b/#", qos: 0, isLive: false }] }), "subscriptions");
    expect(weak).toMatchObject({ severity: "warning" });
    expect(weak?.message).toContain("b/# (only with QoS 0)");
    // A live topic that is refused is the watchdog's affair.
    const live = [...fine.mqtt.subscriptions, { topic: "c", qos: null, isLive: true }];
    expect(conditionOf(mqtt({ subscriptions: live }), "subscriptions")?.message).toBeNull();
  });

  it("is a broker that gives us nothing any more, in words that mend it; what it never gave back is told without a sound", () => {
    const loopIn = (state: SelfFacts["loops"][number]["state"]): SelfFacts => ({
      ...fine,
      processes: [],
      clockAheadMs: 0,
      loops: [{ filter: "lut/#", topic: "lut/valvomo-loop", state, delayMs: null }],
    });
    const lost = conditionOf(loopIn("lost"), "loop test");
    expect(lost).toMatchObject({ severity: "critical", isForAdmins: true });
    expect(lost?.message).toContain("“topic read lut/#” and “topic write lut/valvomo-loop”");
    const impossible = conditionOf(loopIn("impossible"), "loop test not allowed");
    expect(impossible).toMatchObject({ severity: "info", isForAdmins: true });
    expect(impossible?.message).toContain("“topic write lut/valvomo-loop”");
    expect(conditionOf(loopIn("passes"), "loop test")?.message).toBeNull();
    // What an earlier run told stays until it is known.
    expect(conditionOf(loopIn("unknown"), "loop test")).toBeUndefined();
    // Whoever ends the test, as they are told, is rid of its alarms.
    for (const id of ["loop test", "loop test not allowed"])
      expect(conditionOf({ ...fine, loops: [] }, id)?.message).toBeNull();
  });

  it("is that we are not at the first broker, once that lasts, and is no more when we are", () => {
    const passedOver = [{ broker: "first:1883", reason: "nothing listens there (ECONNREFUSED)" }];
    const at = (since: number, more: object) =>
      selfConditions({ ...fine, mqtt: { ...fine.mqtt, since, ...more } }).find(({ id }) => id === "broker passed over");
    expect(at(NOW - MINUTE / 2, { passedOver })).toBeUndefined();
    expect(at(NOW - MINUTE, { passedOver })).toMatchObject({
      severity: "warning",
      isForAdmins: true,
      message: expect.stringContaining("cannot be used: first:1883 (nothing listens there (ECONNREFUSED))"),
    });
    expect(at(NOW - MINUTE, {})?.message).toBeNull();
    expect(at(NOW - MINUTE, { isConnected: false })).toBeUndefined();
  });

  it("is not known of what nobody has said yet: what an earlier run told stays", () => {
    const facts = {
      ...mqtt({ isContested: null, subscriptions: [] }),
      telegram: { ...fine.telegram, isUp: false },
      disk: null,
    };
    expect(selfConditions(facts).map(({ id }) => id)).toEqual(["store", "broker passed over", "second path"]);
  });
});
