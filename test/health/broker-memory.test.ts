import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import { createBrokerMemory } from "../../src/health/broker-memory.ts";
import { createKeyValue } from "../../src/store/sql/key-value.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openTables } from "../support/store.ts";

let database: Database;
let at: number;
const memory = (session: string | readonly string[] = "valvomo at mqtt://a", topics = ["plant/#"]) =>
  createBrokerMemory({
    sessions: [session].flat(),
    topics,
    keyValue: createKeyValue(database),
    now: () => at,
    formerClock: createFormerClock(() => at),
  });

beforeEach(async () => {
  database = await openTables();
  at = 1_000;
});
afterEach(() => database.close());

describe("what the broker says that it dropped", () => {
  it("is new if it said less before, also to an earlier run, or if it began anew", async () => {
    const running = memory();
    await running.granted(false, 0);
    expect(await running.dropped(100, 0)).toBe(0);
    expect(await running.dropped(130, 0)).toBe(30);
    expect(await running.dropped(130, 0)).toBe(0);
    await running.save();
    const next = memory();
    await next.granted(true, 0);
    // Kept, whatever is not said in this run.
    await next.save();
    expect(await memory().dropped(150, 0)).toBe(20);
    expect(await memory().dropped(7, 0)).toBe(7);
    expect(await memory("valvomo at mqtt://b").dropped(150, 0)).toBe(0);
  });
});

describe("what the broker should know of us", () => {
  it("is nothing at the very first connection, nor at another broker, nor while it knows us", async () => {
    expect(await memory().granted(false, 0)).toBeNull();
    expect(await memory("valvomo at mqtt://b").granted(false, 0)).toBeNull();
    expect(await memory("valvomo at mqtt://b").granted(true, 0)).toBeNull();
  });

  it("is lost when it forgets us while we run: since its last sign of life", async () => {
    const running = memory();
    await running.granted(false, 0);
    at = 5_000;
    running.alive();
    at = 9_000;
    expect(await running.granted(false, 0)).toEqual({ from: 5_000, to: 9_000, isElsewhere: false });
    expect(await running.granted(true, 0)).toBeNull();
  });

  it("is also what an earlier run subscribed to, until it is taken out of the session", async () => {
    await memory().granted(false, 0);
    const changed = memory(undefined, ["hall/#"]);
    await changed.granted(true, 0);
    expect(await changed.formerTopics()).toEqual(["plant/#"]);
    // It failed, or nobody came to it.
    const again = memory(undefined, ["hall/#"]);
    await again.granted(true, 0);
    expect(await again.formerTopics()).toEqual(["plant/#"]);
    await again.tidied();
    expect(await again.formerTopics()).toEqual([]);
    expect(await memory(undefined, ["hall/#"]).formerTopics()).toEqual([]);
    expect(await memory("valvomo at mqtt://b", ["hall/#"]).formerTopics()).toEqual([]);
  });

  it("is lost when it forgets us between two runs: since the sign of life that was kept last", async () => {
    const before = memory();
    await before.granted(false, 0);
    at = 5_000;
    before.alive();
    await before.save();
    at = 20_000;
    const after = memory();
    // The CONNACK that brings the bad news is no sign of a session.
    after.alive();
    expect(await after.granted(false, 0)).toEqual({ from: 5_000, to: 20_000, isElsewhere: false });
  });
});

describe("what several brokers should know of us", () => {
  const two = ["valvomo at mqtt://a", "valvomo at mqtt://b"];
  /** A run that was at the first broker until 5,000. */
  async function run() {
    const running = memory(two);
    await running.granted(false, 0);
    at = 5_000;
    running.alive();
    at = 6_000;
    return running;
  }

  it("is lost when the next one does not know us: since the last sign of life of the one before", async () => {
    const running = await run();
    expect(await running.granted(false, 1)).toEqual({ from: 5_000, to: 6_000, isElsewhere: true });
  });

  it("is kept by a cluster, whichever of it we come to", async () => {
    const running = await run();
    expect(await running.granted(true, 1)).toBeNull();
    at = 7_000;
    expect(await running.granted(true, 0)).toBeNull();
  });

  it("is lost when the first one comes back and has forgotten us: since it went", async () => {
    const running = await run();
    await running.granted(true, 1);
    at = 90_000;
    running.alive();
    expect(await running.granted(false, 0)).toEqual({ from: 5_000, to: 90_000, isElsewhere: false });
  });

  it("is lost when a later one has forgotten us meanwhile: since what the first one brought last", async () => {
    const running = await run();
    await running.granted(true, 1);
    await running.granted(true, 0);
    at = 90_000;
    running.alive();
    at = 91_000;
    expect(await running.granted(false, 1)).toEqual({ from: 90_000, to: 91_000, isElsewhere: true });
  });

  it("is known over a restart, for each: filters, and how much each dropped", async () => {
    const running = await run();
    await running.granted(true, 1);
    await running.dropped(100, 0);
    await running.dropped(7, 1);
    await running.save();
    const next = memory(two, ["hall/#"]);
    expect([await next.dropped(101, 0), await next.dropped(9, 1)]).toEqual([1, 2]);
    await next.granted(true, 1);
    expect(await next.formerTopics()).toEqual(["plant/#"]);
    await next.tidied();
    expect(await next.formerTopics()).toEqual([]);
    await next.granted(true, 0);
    expect(await next.formerTopics()).toEqual(["plant/#"]);
  });

  it("is what a version that knew one broker kept of it", async () => {
    const old = { session: two[0], aliveAt: 5_000, topics: ["plant/#"], dropped: 3 };
    await createKeyValue(database).write("broker session", old);
    at = 9_000;
    expect(await memory(two).granted(false, 0)).toEqual({ from: 5_000, to: 9_000, isElsewhere: false });
  });
});
