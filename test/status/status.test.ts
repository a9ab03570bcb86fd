import { describe, expect, it } from "vitest";
import { ALWAYS_HELD } from "../../src/lease/held-lease.ts";
import { UpstreamError } from "../../src/lib/errors.ts";
import { measurementOf } from "../../src/measurements/measurement.ts";
import { NO_RULE } from "../support/one-alarm.ts";
import { readStatus, type StatusSources } from "../../src/status/status.ts";

const NOW = Date.UTC(2026, 10, 23, 1);
const MINUTE = 60_000;

const fine: StatusSources = {
  mqtt: () => ({
    isConnected: true,
    since: NOW - 65 * MINUTE,
    broker: "broker:8883",
    error: null,
    passedOver: [],
    refusedTopics: new Map<string, string>(),
    subscriptions: [{ topic: "a/#", qos: 1, isLive: false }],
    isContested: false,
    storeError: null,
  }),
  clientId: "valvomo",
  lease: ALWAYS_HELD,
  telegram: () => ({ isUp: true, since: NOW - MINUTE, error: null, receiving: null, isTokenRefused: false }),
  store: {
    cards: { backlog: async () => ({ waiting: 0, oldestSince: null, refused: 0, refusal: null }) },
    history: { lastEventAt: async () => NOW - 5_000 },
  },
  outbox: async () => [],
  latest: async () => [{ field: 1, value: "61.50", at: NOW - 15_000 }],
  measurements: async () => [measurementOf({ number: 1, label: "Coil temperature (°C)" }, [])],
  watchdog: () => ({ watched: 0, learning: 0, unwatched: 0, bridges: [], troubles: [] }),
  dropped: () => [],
  unread: () => [],
  alarmChats: () => [-7, 12],
  people: { adminsUnheard: () => [], isOperator: (userId) => userId === 12 },
  alarmRules: { rules: () => [], conditions: async () => [] },
  bridge: { bridge: null, mqtt: () => null },
  exposures: [],
  notes: [],
  idleFilters: () => [],
  loops: () => [],
  storeStatus: () => ({ failure: null, since: NOW }),
  historySince: async () => NOW - 14 * 24 * 60 * MINUTE,
  disk: async () => ({ usedBytes: 12e6, logBytes: 0, freeBytes: 600e6, totalBytes: 1e9, maxBytes: 500e6 }),
  limits: () => ({ watched: 0, passed: [] }),
  recorded: async () => ({
    bytes: 0,
    entries: 0,
    startAt: null,
    series: 0,
    refused: 0,
    maxBytes: 1e9,
    rawMs: 0,
    keepMs: 0,
  }),
  version: "1.2.3",
  startedAt: NOW - 3 * 24 * 60 * MINUTE,
  now: () => NOW,
};

const read = async (changes: Partial<StatusSources> = {}) =>
  (await readStatus({ ...fine, ...changes }, "Europe/Helsinki")).map(
    ({ level, name, detail }) => `${level} ${name}: ${detail}`,
  );

describe("status", () => {
  it("says how many rules for single alarms there are, and which of them take none that is known", async () => {
    const rules = [
      { ...NO_RULE, messages: ["Coil hot"] },
      { ...NO_RULE, topics: ["lut/#"], messages: ["coil hott"] },
      { ...NO_RULE, sources: ["AMB 2"] },
    ];
    const conditions = async () => [{ topic: "lut/a", source: "AMB 1", message: "Coil hot 82.1 °C" }];
    const line = async (count: number) =>
      (await read({ alarmRules: { rules: () => rules.slice(0, count), conditions } })).filter((one) =>
        one.includes("Rules"),
      );
    expect(await line(0)).toEqual([]);
    expect(await line(1)).toEqual(["ok Rules: 1 for single alarms"]);
    expect(await line(3)).toEqual([
      "ok Rules: 3 for single alarms; no alarm so far is under “lut/#, coil hott”, nor under “AMB 2”",
    ]);
  });

  it("lets others have their turn while it looks which of many alarms are under which rule", async () => {
    const rules = [{ ...NO_RULE, messages: ["Coil hot"] }];
    const lookedIn = new Set<number>();
    let turn = 0;
    let next = setImmediate(function count() {
      turn += 1;
      next = setImmediate(count);
    });
    const pump = (i: number) => ({
      topic: "lut/a",
      source: "AMB 1",
      get message() {
        lookedIn.add(turn);
        return `Pump ${i}`;
      },
    });
    const conditions = async () => Array.from({ length: 1_000 }, (_, i) => pump(i));
    await read({ alarmRules: { rules: () => rules, conditions } });
    clearImmediate(next);
    expect(lookedIn.size).toBeGreaterThan(5);
  });

  it("says what is silent, and how much is watched", async () => {
    const troubles = [{ id: "silence: topic a", message: "a is silent since 12:00", severity: "error" as const }];
    const lines = await read({ watchdog: () => ({ watched: 3, learning: 1, unwatched: 2, bridges: [], troubles }) });
    expect(lines[0]).toBe("error Silence: a is silent since 12:00");
    expect(lines[1]).toMatch(/^warning Signs of life: 2 messages/);
    expect(lines).toContain("ok Signs of life: 3 watched, 1 being learned");
    expect((await read()).filter((line) => line.includes("Signs"))).toEqual([]);
  });

  it("says which of the plant's bridges are up, and of which nobody knows; one that is down is told as what is silent", async () => {
    const bridges = [
      { name: "north", isUp: true },
      { name: "south", isUp: false },
      { name: "nrth", isUp: null },
    ];
    const lines = await read({ watchdog: () => ({ watched: 0, learning: 0, unwatched: 0, bridges, troubles: [] }) });
    expect(lines.filter((line) => line.includes("Bridge"))).toEqual([
      "warning Bridge: the broker has not said yet whether nrth is up",
      "ok Bridge: north is up",
    ]);
  });

  it("says in the place of which brokers we are at one, and on which topics it hangs up", async () => {
    const passedOver = [{ broker: "first:8883", reason: "its certificate has expired" }];
    const why = "the broker broker:8883 hung up on us twice";
    const refusedTopics = new Map([
      ["plant/ack", why],
      ["lut/valvomo-loop", "told by the loop test"],
    ]);
    const loop = { filter: "lut/#", topic: "lut/valvomo-loop", state: "impossible", delayMs: null } as const;
    const mqtt = () => ({ ...fine.mqtt(), passedOver, refusedTopics });
    const lines = (await read({ mqtt, loops: () => [loop] })).filter((line) => line.includes("Broker"));
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning Broker: broker:8883 connected since .*, in the place of first:8883 \(its certificate has expired\)$/,
      ),
      `warning Broker: ${why}`,
    ]);
  });

  it("says whether what we publish comes back through the broker, how soon, and what its access list needs where it does not", async () => {
    const loop = { filter: "lut/#", topic: "lut/valvomo-loop", state: "passes", delayMs: 3.4 } as const;
    const slow = { filter: "b/#", topic: "b/valvomo-loop", state: "passes", delayMs: 12 } as const;
    const ofLoops = async (...loops: ReturnType<StatusSources["loops"]>) =>
      (await read({ loops: () => loops })).filter((line) => line.includes("Loop test"));
    expect(await ofLoops(loop, slow)).toEqual(["ok Loop test: through the broker and back in 12 ms"]);
    expect(await ofLoops({ ...loop, state: "unknown", delayMs: null })).toEqual([]);
    const needs = "the broker needs “topic read lut/#” and “topic write lut/valvomo-loop”";
    expect(await ofLoops({ ...loop, state: "lost" })).toEqual([
      `error Loop test: nothing comes by lut/# any more: ${needs}`,
    ]);
    expect(await ofLoops({ ...loop, state: "impossible" })).toEqual([
      `warning Loop test: what we publish on lut/valvomo-loop does not come back: ${needs}`,
    ]);
  });

  it("says how many limits are watched, and which are passed", async () => {
    expect((await read()).filter((line) => line.includes("Limits"))).toEqual([]);
    expect(await read({ limits: () => ({ watched: 3, passed: [] }) })).toContain("ok Limits: 3 watched, none passed");
    expect(await read({ limits: () => ({ watched: 3, passed: ["Coil above 80 °C"] }) })).toContain(
      "warning Limits: 3 watched, passed: Coil above 80 °C",
    );
  });

  it("says how much is recorded here, since when and for how long; nothing where nothing is", async () => {
    expect((await read()).filter((line) => line.includes("Recorded"))).toEqual([]);
    const [day, startAt] = [24 * 60 * MINUTE, NOW - 40 * 24 * 60 * MINUTE];
    const recorded = {
      bytes: 45e6,
      entries: 1_234_567,
      startAt,
      series: 3,
      refused: 0,
      maxBytes: 1e9,
      rawMs: 30 * day,
      keepMs: 400 * day,
    };
    expect((await read({ recorded: async () => recorded })).find((line) => line.includes("Recorded"))).toBe(
      "ok Recorded: 3 measurements: 1,234,567 values since 2026-10-14 04:00:00 EEST (40 d), 45.0 MB of 1.0 GB; each value for 30 d, then by the minute for 400 d in all",
    );
    expect((await read({ recorded: async () => ({ ...recorded, refused: 12 }) })).join()).toContain(
      "warning Recorded: 12 values were not recorded, as they are of more measurements than are kept; 3 measurements",
    );
    const short = { ...recorded, series: 1, rawMs: 7 * day, keepMs: 7 * day };
    expect((await read({ recorded: async () => short })).join()).toContain("45.0 MB of 1.0 GB; for 7 d");
  });

  it("says what was dropped lately; that strangers come is no trouble", async () => {
    const drops = { count: 12, since: NOW - 65 * MINUTE, lastAt: NOW - MINUTE };
    const lines = await read({
      dropped: () => [
        { ...drops, kind: "strangers", words: "updates" },
        { ...drops, kind: "cut", words: "messages" },
      ],
    });
    expect(lines[0]).toBe("warning Dropped: 12 messages; since 01:55:00 EET, the last 1 min ago");
    expect(lines).toContain("ok Dropped: 12 updates; since 01:55:00 EET, the last 1 min ago");
  });

  it("says what is fine", async () => {
    const lines = await read();
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual([]);
    expect(lines).toContain("ok Broker: broker:8883 connected since 01:55:00 EET (1 h 5 min)");
    expect(lines).toContain("ok Subscription: a/# (QoS 1)");
    expect(lines).toContain("ok Last event: 5 s ago");
    expect(lines).toContain("ok Coil temperature: 61.5 °C, 15 s ago");
    expect(lines).toContain("ok Valvomo: 1.2.3, up for 3 d");
    expect(lines[0]).toBe("ok Store: history back to 2026-11-09 03:00:00 EET (14 d)");
    expect(lines).toContain("ok Disk: 12.0 MB used, the history 500 MB at most; 600 MB of the disk's 1.0 GB free");
  });

  it("says what came on live topics and could not be read, with an example", async () => {
    const unread = ["a", "b", "c", "d", "e", "f"].map((topic) => ({
      topic,
      count: 3,
      example: "“ERR”",
      lastAt: NOW - MINUTE,
    }));
    const lines = (await read({ unread: () => unread })).filter((line) => line.includes("Not understood"));
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe("warning Not understood: 3 messages on a, the last 1 min ago: “ERR”");
    expect(lines.at(-1)).toBe("warning Not understood: messages on 1 more topics");
  });

  it("puts the worst first", async () => {
    const lines = await read({
      latest: async () => [
        { field: 1, value: "1", at: NOW - 2 * 60 * MINUTE },
        { field: 2, value: "nan", at: NOW },
      ],
      measurements: async () => ["Dead", "Words"].map((label, i) => measurementOf({ number: i + 1, label }, [])),
      mqtt: () => ({
        ...fine.mqtt(),
        isConnected: false,
        since: NOW - MINUTE,
        error: "ECONNREFUSED",
        subscriptions: [],
      }),
    });
    expect(lines.slice(0, 2)).toEqual([
      "error Broker: broker:8883 not connected since 02:59:00 EET (1 min): ECONNREFUSED",
      "warning Dead: 1, 2 h ago",
    ]);
    expect(lines).toContain("ok Words: “nan”, 0 s ago");
  });

  it("says first that nothing can be stored, since when and what to do, before all else that is wrong", async () => {
    const lines = await read({
      storeStatus: () => ({
        failure: { reason: "the disk is full", remedy: "Make room on the disk of /data/valvomo.db" },
        since: NOW - MINUTE,
      }),
      disk: async () => ({ usedBytes: 900e6, logBytes: 0, freeBytes: 0, totalBytes: 1e9, maxBytes: 500e6 }),
      mqtt: () => ({ ...fine.mqtt(), isConnected: false, storeError: "database or disk is full" }),
    });
    expect(lines[0]).toMatch(
      /^error Store: nothing can be stored since 02:59:00 EET: the disk is full\. .*Make room on the disk of \/data\/valvomo\.db$/,
    );
    expect(lines.filter((line) => line.includes("Store:"))).toHaveLength(1);
    expect(lines[1]).toMatch(/^error Disk: 900 MB used/);
  });

  it("says what another program that reads the database costs, once that is much", async () => {
    const disk = await fine.disk();
    const lines = await read({ disk: async () => ({ ...disk, logBytes: 294e6 }) });
    expect(lines.find((line) => line.includes("another program"))).toMatch(
      /^warning Disk: another program has the database open: .* by now to 294 MB\. End that program/,
    );
    expect((await read({ disk: async () => ({ ...disk, logBytes: 17e6 }) })).join()).not.toContain("another program");
  });

  it("says what waits for the second path and for the plant, and why", async () => {
    const outbox = async () => [
      { kind: "mqtt" as const, count: 3, oldestAt: NOW - 30_000, failure: null },
      { kind: "secondTopic" as const, count: 0, oldestAt: null, failure: "refused" },
      { kind: "secondUrl" as const, count: 2, oldestAt: NOW - 5 * MINUTE, failure: "hooks.example answered 503" },
    ];
    const lines = await read({ outbox });
    expect(lines.slice(0, 2)).toEqual([
      "error Second path (SECOND_PATH_TOPIC): none waiting: refused",
      "error Second path (SECOND_PATH_URL): 2 waiting, the oldest for 5 min: hooks.example answered 503",
    ]);
    expect(lines).toContain("ok Answers to the plant: 3 waiting, the oldest for 30 s");
  });

  it("says that another program seems to use our client id, by its name", async () => {
    const [first] = await read({ mqtt: () => ({ ...fine.mqtt(), isContested: true }) });
    expect(first).toMatch(
      /^error Broker: .*does another program use the client id “valvomo” \(MQTT_CLIENT_ID\), too\?$/,
    );
  });

  it.each([
    [null, "error Subscription: a/# refused by the broker: check its access list"],
    [0, "warning Subscription: a/# only with QoS 0: warnings are lost while we are away"],
  ])("names a subscription that was granted as %s", async (qos, line) => {
    expect(
      (await read({ mqtt: () => ({ ...fine.mqtt(), subscriptions: [{ topic: "a/#", qos, isLive: false }] }) }))[0],
    ).toBe(line);
  });

  it.each([
    [1 * MINUTE - 1, "ok"],
    [1 * MINUTE, "warning"],
    [10 * MINUTE, "error"],
  ])("worries about cards that wait for %i ms: %s", async (waitMs, level) => {
    const store = {
      ...fine.store,
      cards: {
        backlog: async () => ({
          waiting: 3,
          oldestSince: NOW - waitMs,
          refused: 1,
          refusal: "Forbidden: bot was blocked by the user",
        }),
      },
    };
    const lines = await read({ store });
    expect(lines.find((line) => line.includes(" Cards: "))).toMatch(
      new RegExp(`^${level} Cards: 3 waiting, the oldest for `),
    );
    expect(lines).toContain('error Cards refused: 1: Telegram says "Forbidden: bot was blocked by the user"');
  });

  it("tells Telegram's trouble, and a channel that is missing, empty or refused", async () => {
    expect((await read({ telegram: () => ({ ...fine.telegram(), receiving: "409 Conflict: …" }) }))[0]).toBe(
      "error Telegram: 409 Conflict: …",
    );
    expect(
      (
        await read({
          telegram: () => ({ ...fine.telegram(), isUp: false, error: "ECONNRESET" }),
        })
      )[0],
    ).toBe("error Telegram: not reached since 02:59:00 EET (1 min): ECONNRESET");
    expect((await read({ measurements: async () => [] }))[0]).toContain(
      "warning Measurements: There is nothing to plot.",
    );
    const recorded = async () => ({ ...(await fine.recorded()), series: 12 });
    expect(await read({ measurements: async () => [], recorded })).toContain(
      "ok Measurements: 12 of devices; /devices shows the newest",
    );
    const failed = { field: 1, error: new UpstreamError("broken", "502") };
    expect((await read({ latest: async () => [failed] }))[0]).toContain(
      "error Coil temperature: ThingSpeak has a problem of its own.",
    );
    const old = [1, 2].map((field) => ({ field, value: "61.5", at: NOW - 3 * 86_400_000 }));
    const lines = await read({ latest: async () => old });
    expect(lines.filter((line) => line.includes("3 d ago"))).toEqual([
      "warning Measurements: 2 fields, the newest entry 3 d ago; /latest shows them",
    ]);
    expect((await read({ latest: async () => [] }))[0]).toContain("warning Measurements: there are no entries");
    const refused = async () => Promise.reject(new UpstreamError("forbidden", "-1"));
    expect((await read({ latest: refused }))[0]).toContain("error Measurements: ThingSpeak refuses the read key.");
  });

  it("does not wait for a ThingSpeak that hangs", async () => {
    expect((await read({ latest: () => new Promise(() => undefined) }))[0]).toMatch(
      /does not answer in time\. Try again in a minute\.$/,
    );
  });

  it("says when nobody gets alarms, when nothing can be stored, and when it cannot look", async () => {
    expect((await read({ exposures: ["open to all"] }))[0]).toContain("warning Broker link: open to all");
    expect((await read({ alarmChats: () => [] }))[0]).toContain("warning Alarm chats: none");
    expect((await read({ people: { ...fine.people, adminsUnheard: () => [11, 14] } }))[0]).toBe(
      "warning Admins: users 11, 14 have not written to the bot yet, so nothing can be sent to them: they press Start there",
    );
    expect((await read({ mqtt: () => ({ ...fine.mqtt(), storeError: "disk full" }) }))[0]).toBe(
      "error Store: what comes cannot be stored: disk full",
    );
    const broken = { ...fine.store, cards: { backlog: () => Promise.reject(new Error("disk I/O error")) } };
    expect((await read({ store: broken }))[0]).toBe("error Cards: cannot be read: Error: disk I/O error");
  });
});
