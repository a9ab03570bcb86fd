import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBrokerMemory } from "../src/broker-memory.ts";
import { createFacts } from "../src/store/facts.ts";
import { migrate } from "../src/store/schema.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import type { Database } from "../src/store/database.ts";

let database: Database;
let at: number;
const memory = (session = "valvomo at mqtt://a", topics = ["plant/#"]) =>
  createBrokerMemory({ session, topics, facts: createFacts(database), now: () => at });

beforeEach(async () => {
  database = openSqlite(":memory:");
  await migrate(database);
  at = 1_000;
});
afterEach(() => database.close());

describe("what the broker says that it dropped", () => {
  it("is new if it said less before, also to an earlier run, or if it began anew", async () => {
    const running = memory();
    await running.granted(false);
    expect(await running.dropped(100)).toBe(0);
    expect(await running.dropped(130)).toBe(30);
    expect(await running.dropped(130)).toBe(0);
    await running.save();
    const next = memory();
    await next.granted(true);
    // Kept, whatever is not said in this run.
    await next.save();
    expect(await memory().dropped(150)).toBe(20);
    expect(await memory().dropped(7)).toBe(7);
    expect(await memory("valvomo at mqtt://b").dropped(150)).toBe(0);
  });
});

describe("what the broker should know of us", () => {
  it("is nothing at the very first connection, nor at another broker, nor while it knows us", async () => {
    expect(await memory().granted(false)).toBeNull();
    expect(await memory("valvomo at mqtt://b").granted(false)).toBeNull();
    expect(await memory("valvomo at mqtt://b").granted(true)).toBeNull();
  });

  it("is lost when it forgets us while we run: since its last sign of life", async () => {
    const running = memory();
    await running.granted(false);
    at = 5_000;
    running.alive();
    at = 9_000;
    expect(await running.granted(false)).toEqual({ from: 5_000, to: 9_000 });
    expect(await running.granted(true)).toBeNull();
  });

  it("is also what an earlier run subscribed to, until it is taken out of the session", async () => {
    await memory().granted(false);
    const changed = memory(undefined, ["hall/#"]);
    await changed.granted(true);
    expect(await changed.formerTopics()).toEqual(["plant/#"]);
    // It failed, or nobody came to it.
    const again = memory(undefined, ["hall/#"]);
    await again.granted(true);
    expect(await again.formerTopics()).toEqual(["plant/#"]);
    await again.tidied();
    expect(await again.formerTopics()).toEqual([]);
    expect(await memory(undefined, ["hall/#"]).formerTopics()).toEqual([]);
    expect(await memory("valvomo at mqtt://b", ["hall/#"]).formerTopics()).toEqual([]);
  });

  it("is lost when it forgets us between two runs: since the sign of life that was kept last", async () => {
    const before = memory();
    await before.granted(false);
    at = 5_000;
    before.alive();
    await before.save();
    at = 20_000;
    const after = memory();
    // The CONNACK that brings the bad news is no sign of a session.
    after.alive();
    expect(await after.granted(false)).toEqual({ from: 5_000, to: 20_000 });
  });
});
