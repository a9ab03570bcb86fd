import { describe, expect, it, onTestFinished } from "vitest";
import { Lease } from "../../src/lease/lease.ts";
import { TTL_MS } from "../../src/lease/trust.ts";
import type { LeaseTable, Me, Process, TakeOver } from "../../src/lease/types.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";

/** A server in memory, by whose clock leases end. */
function createServer(clock: ManualClock) {
  interface Row {
    holder: Me;
    term: number;
    expiresAt: number;
    heardAt: number;
    isAlone: boolean;
    isReleased: boolean;
    schema: number;
  }
  let lease: Row | null = null;
  const seen = new Map<string, Process>();
  const away = new Set<string>();

  const reach = (me: Me): void => {
    if (away.has(me.id)) throw new Error("PostgreSQL cannot be reached");
  };
  const tableOf = (): LeaseTable => ({
    async look(me, as) {
      reach(me);
      seen.set(me.id, { ...me, isActive: as === "active", seenAt: clock.elapsed(), isHeard: true, isReplaced: false });
      const processes = [...seen.values()]
        .map((one) => ({ ...one, isHeard: clock.elapsed() - one.seenAt < 5_000 }))
        .sort((a, b) => Number(b.id === me.id) - Number(a.id === me.id));
      const now = clock.now();
      if (lease === null) return { now, lease: null, processes };
      const { holder, expiresAt, schema } = lease;
      const { settings } = holder;
      return {
        now,
        lease: { holder: holder.id, remainingMs: expiresAt - clock.elapsed(), settings, schema },
        processes,
      };
    },
    async claim(me) {
      reach(me);
      if (lease !== null && lease.expiresAt > clock.elapsed()) return null;
      const former: Row | null = lease;
      const term = (former?.term ?? 0) + 1;
      lease = {
        holder: me,
        term,
        expiresAt: clock.elapsed() + TTL_MS,
        heardAt: clock.elapsed(),
        isAlone: false,
        isReleased: false,
        schema: Math.max(former?.schema ?? 0, me.schema),
      };
      const takeOver: TakeOver = {
        at: clock.elapsed(),
        from: former && { host: former.holder.host, pid: former.holder.pid },
        heardAt: former?.heardAt ?? null,
        isHandedOver: former?.isReleased ?? false,
        wasAlone: former?.isAlone ?? true,
      };
      return { term, takeOver };
    },
    async renew(me, term) {
      reach(me);
      if (lease === null || lease.holder.id !== me.id || lease.term !== term) return null;
      const isAlone = ![...seen.values()].some(({ id, seenAt }) => id !== me.id && clock.elapsed() - seenAt < 5_000);
      lease = { ...lease, isAlone, heardAt: clock.elapsed(), expiresAt: clock.elapsed() + TTL_MS };
      return { isAlone };
    },
    async leave(me, term) {
      reach(me);
      seen.delete(me.id);
      if (lease?.term === term) lease = { ...lease, isReleased: true, expiresAt: clock.elapsed() };
    },
    close: async () => undefined,
  });
  return {
    away,
    /** One more process. */
    process(
      name: string,
      own: { readonly clock?: ManualClock; readonly schema?: number; readonly settings?: string } = {},
    ) {
      const me: Me = {
        id: name,
        host: name,
        pid: 1,
        version: "1",
        schema: own.schema ?? 5,
        settings: own.settings ?? "s",
      };
      const lost: string[] = [];
      const lastWords: unknown[] = [];
      const made = new Lease({
        table: tableOf(),
        me,
        clock: own.clock ?? clock,
        onLost: (reason) => lost.push(reason),
        onLapsing: (error) => lastWords.push(error),
        random: () => 0.5,
        log: silentLog,
      });
      let taken: TakeOver | null = null;
      let refused: unknown = null;
      onTestFinished(() => made.release());
      return Object.assign(made, {
        lost,
        lastWords,
        begin() {
          made
            .take(() => undefined)
            .then(
              (found) => (taken = found),
              (error: unknown) => (refused = error),
            );
        },
        taken: () => taken,
        refused: () => refused,
      });
    },
  };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};
/** Moves the clocks in small steps, so that what falls due is done before the next. */
async function pass(ms: number, ...clocks: readonly ManualClock[]): Promise<void> {
  for (let gone = 0; gone < ms; gone += 50) {
    for (const clock of clocks) clock.advance(50);
    await settle();
  }
}

/** Two processes: the first is active. */
async function pair() {
  const clock = createManualClock();
  const server = createServer(clock);
  const [a, b] = [server.process("a"), server.process("b")];
  a.begin();
  await settle();
  b.begin();
  await pass(2_000, clock);
  return { clock, server, a, b };
}

describe("the lease", () => {
  it("is had by one, for as long as it renews it", async () => {
    const { clock, a, b } = await pair();
    for (let i = 0; i < 100; i += 1) {
      await pass(500, clock);
      expect([a.isHeld(), b.isHeld()]).toEqual([true, false]);
    }
    expect(a.lastWords).toEqual([]);
  });

  it("goes to the other at once when it is handed over, and the other knows from whom", async () => {
    const { clock, a, b } = await pair();
    await a.release();
    await pass(300, clock);
    expect([a.isHeld(), b.isHeld()]).toEqual([false, true]);
    expect(b.taken()).toMatchObject({ from: { host: "a" }, isHandedOver: true, wasAlone: false });
  });

  it("is handed over, too, by one that is stopped in the moment in which it takes it", async () => {
    const clock = createManualClock();
    const server = createServer(clock);
    const [a, b] = [server.process("a"), server.process("b")];
    a.begin();
    await a.release();
    expect([a.taken(), a.refused(), a.isHeld()]).toEqual([null, null, false]);
    b.begin();
    await pass(100, clock);
    expect(b.taken()).toMatchObject({ from: { host: "a" }, isHandedOver: true });
  });

  it("is let go by one that cannot reach the server before another has it, and the two never have it at once", async () => {
    const { clock, server, a, b } = await pair();
    server.away.add("a");
    const seen: (readonly [boolean, boolean])[] = [];
    for (let i = 0; i < 80; i += 1) {
      await pass(50, clock);
      seen.push([a.isHeld(), b.isHeld()]);
    }
    expect(seen).not.toContainEqual([true, true]);
    expect(seen.at(-1)).toEqual([false, true]);
    // What is to be said is said while it may be.
    expect(a.lastWords).toEqual([new Error("PostgreSQL cannot be reached")]);
    expect(b.taken()).toMatchObject({ from: { host: "a" }, isHandedOver: false });
    server.away.delete("a");
    await pass(300, clock);
    expect(a.lost).toHaveLength(1);
    expect(a.isHeld()).toBe(false);
  });

  it("is had again by its holder, without a new start, if the server was away for all", async () => {
    const { clock, server, a, b } = await pair();
    for (const name of ["a", "b"]) server.away.add(name);
    await pass(60_000, clock);
    expect([a.isHeld(), b.isHeld()]).toEqual([false, false]);
    server.away.delete("a");
    await pass(400, clock);
    expect(a.isHeld()).toBe(true);
    expect(a.lost).toEqual([]);
    server.away.delete("b");
    await pass(5_000, clock);
    expect([a.isHeld(), b.isHeld()]).toEqual([true, false]);
  });

  it("is kept without a server by one that is alone, and nobody needs last words", async () => {
    const clock = createManualClock();
    const server = createServer(clock);
    const a = server.process("a");
    a.begin();
    await pass(2_000, clock);
    server.away.add("a");
    await pass(60_000, clock);
    expect(a.isHeld()).toBe(true);
    expect(a.lastWords).toEqual([]);
    server.away.delete("a");
    await pass(1_000, clock);
    expect(a.isHeld()).toBe(true);
  });

  it("is not had any more by one that was frozen, from the moment it wakes", async () => {
    const [clock, own] = [createManualClock(), createManualClock()];
    const server = createServer(clock);
    const a = server.process("a", { clock: own });
    const b = server.process("b");
    a.begin();
    await settle();
    b.begin();
    await pass(2_000, clock, own);
    expect(a.isHeld()).toBe(true);
    own.freeze(6_000);
    await pass(6_000, clock);
    expect([a.isHeld(), b.isHeld()]).toEqual([false, true]);
    await pass(200, clock, own);
    expect(a.lost).toHaveLength(1);
  });

  it("is not had by one that was alone and frozen, until it has asked whether it is still", async () => {
    const [clock, own] = [createManualClock(), createManualClock()];
    const server = createServer(clock);
    const a = server.process("a", { clock: own });
    a.begin();
    await pass(2_000, clock, own);
    own.freeze(6_000);
    server.process("b").begin();
    await pass(6_000, clock);
    expect(a.isHeld()).toBe(false);
    await pass(200, clock, own);
    expect(a.lost).toHaveLength(1);
  });

  it("is not had by one on a machine that slept, whose other clock stood still", async () => {
    const { clock, a } = await pair();
    clock.set(clock.now() + 3_600_000);
    expect(a.isHeld()).toBe(false);
    await pass(1_000, clock);
    expect(a.isHeld()).toBe(true);
    // Set back it tells nothing.
    clock.set(clock.now() - 3_600_000);
    expect(a.isHeld()).toBe(true);
  });

  it("is never taken by one that knows less of the tables than the last who had it", async () => {
    const clock = createManualClock();
    const server = createServer(clock);
    const [newer, older] = [server.process("newer", { schema: 6 }), server.process("older", { schema: 5 })];
    newer.begin();
    await settle();
    older.begin();
    await pass(1_000, clock);
    await newer.release();
    await pass(10_000, clock);
    expect(older.isHeld()).toBe(false);
    const another = server.process("another", { schema: 6 });
    another.begin();
    await pass(300, clock);
    expect(another.isHeld()).toBe(true);
  });

  it("is refused in words to one with another bot or client id", async () => {
    const clock = createManualClock();
    const server = createServer(clock);
    const [a, stranger] = [server.process("a"), server.process("b", { settings: "others" })];
    a.begin();
    await settle();
    stranger.begin();
    await pass(500, clock);
    expect(stranger.refused()).toMatchObject({
      name: "ConfigError",
      problems: [expect.stringContaining("another bot")],
    });
  });
});
