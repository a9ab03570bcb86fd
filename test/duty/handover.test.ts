import { beforeEach, describe, expect, it } from "vitest";
import { openHandover, PATIENCE_MS, type Handover } from "../../src/duty/handover.ts";
import type { DutyTurn } from "../../src/duty/turn.ts";
import { silentLog } from "../support/log.ts";

const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });
const [ANNA, BEN, CARL] = [person(1), person(2), person(3)];

let now: number;
let current: DutyTurn | null;
let kept: Map<string, unknown>;
let told: string[];
/** Whom no message reaches. */
let deaf: ReadonlySet<number>;
/** The newest for the admins. */
let words: string;
let isKept: boolean;
let removed: ReadonlySet<number>;
let handover: Handover;

const open = () =>
  openHandover({
    duty: { current: () => current, isKept: () => isKept },
    isRemoved: (userId) => removed.has(userId),
    keyValue: {
      read: async (name) => kept.get(name) ?? null,
      write: async (name, content) => void kept.set(name, JSON.parse(JSON.stringify(content))),
    },
    now: () => now,
    log: silentLog,
  });
const reach = (userId: number, words: string): boolean => {
  if (deaf.has(userId)) return false;
  told.push(words);
  return true;
};
const look = () =>
  handover.look({
    ask: async ({ to }) => reach(to.chatId, `ask ${to.name}`),
    remind: async ({ from }) => reach(from.chatId, `remind ${from.name}`),
    async tellAdmins({ state, message }) {
      told.push(`admins ${state}`);
      words = message;
    },
  });
const turnOf = (who: typeof ANNA): DutyTurn => ({ startAt: now, endAt: now + 1e9, who });

beforeEach(async () => {
  [now, kept, told, deaf] = [1_000, new Map(), [], new Set()];
  [isKept, removed] = [true, new Set()];
  current = turnOf(ANNA);
  handover = await open();
  await look();
  now += 1_000;
  current = turnOf(BEN);
});

describe("a change of shift", () => {
  it("asks whoever comes on once, and ends with their press alone, over a restart", async () => {
    await look();
    await look();
    handover = await open();
    await look();
    expect(told).toEqual(["ask P2"]);
    const id = handover.open()?.id ?? 0;
    expect([await handover.take(id, ANNA.chatId), await handover.take(id + 1, BEN.chatId)]).toEqual([null, null]);
    expect(await handover.take(id, BEN.chatId)).toMatchObject({ from: ANNA, to: BEN, since: 1_000 });
    now += 9 * PATIENCE_MS;
    await look();
    expect([told.length, handover.open()]).toEqual([1, null]);
  });

  it("tells whoever goes after 15 minutes without it, and the admins after 30; not a moment earlier", async () => {
    await look();
    now += PATIENCE_MS - 1;
    await look();
    expect(told).toEqual(["ask P2"]);
    now += 1;
    await look();
    now += PATIENCE_MS - 1;
    await look();
    expect(told).toEqual(["ask P2", "remind P1"]);
    now += 1;
    await look();
    await look();
    expect([told, words]).toEqual([
      ["ask P2", "remind P1", "admins active"],
      expect.stringContaining("P1, who was before, knows"),
    ]);
    // Somebody else comes on: that is over, and another one begins.
    current = turnOf(CARL);
    await look();
    expect(told.slice(3)).toEqual(["admins cleared", "ask P3"]);
  });

  it("ends what the admins were told, whether by a press or as somebody is forgotten, over a restart too", async () => {
    const askedLong = async () => {
      await look();
      now += 2 * PATIENCE_MS;
      await look();
      await look();
      expect(told.at(-1)).toBe("admins active");
    };
    await askedLong();
    expect(await handover.take(handover.open()?.id ?? 0, BEN.chatId)).not.toBeNull();
    handover = await open();
    await look();
    await look();
    expect(told.slice(3)).toEqual(["admins cleared"]);
    [current, told] = [turnOf(CARL), []];
    await askedLong();
    await handover.forget(CARL.chatId);
    current = null;
    await look();
    expect(told.at(-1)).toBe("admins cleared");
  });

  it.each(["nobody keeps a rota any more", "whoever was to take over is removed"])("is over when %s", async (why) => {
    await look();
    now += 2 * PATIENCE_MS;
    await look();
    await look();
    expect(told).toEqual(["ask P2", "remind P1", "admins active"]);
    [isKept, removed, current] = why.startsWith("nobody")
      ? [false, removed, null]
      : [true, new Set([BEN.chatId]), null];
    await look();
    await look();
    expect([told.slice(3), handover.open()]).toEqual([["admins cleared"], null]);
    // Whoever comes then takes over from nobody.
    [isKept, current] = [true, turnOf(CARL)];
    await look();
    expect([told.length, handover.open()]).toEqual([4, null]);
  });

  it("tells of the last turn of whoever goes, and not of their turns before", async () => {
    const monday = now;
    current = turnOf(ANNA);
    await look();
    current = null;
    await look();
    now += 24 * 3_600_000;
    current = turnOf(ANNA);
    await look();
    const tuesday = now;
    current = null;
    await look();
    now += 24 * 3_600_000;
    current = turnOf(BEN);
    await look();
    expect([handover.since(), handover.open()?.since]).toEqual([tuesday, tuesday]);
    expect(tuesday).toBeGreaterThan(monday);
  });

  it("waits no longer when the clock is set back", async () => {
    now += 10 * PATIENCE_MS;
    await look();
    now -= 10 * PATIENCE_MS;
    await look();
    now += PATIENCE_MS;
    await look();
    expect(told).toEqual(["ask P2", "remind P1"]);
  });

  it("tells the admins at once where whoever goes cannot be reached, and asks again until whoever comes can be", async () => {
    deaf = new Set([ANNA.chatId, BEN.chatId]);
    await look();
    now += PATIENCE_MS;
    await look();
    expect([told, words]).toEqual([
      ["admins active"],
      expect.stringContaining("P1, who was before, could not be told"),
    ]);
    deaf = new Set();
    await look();
    expect(told).toEqual(["admins active", "ask P2"]);
  });

  it("leaves the duty with whoever had it last while nobody has it", async () => {
    current = null;
    await look();
    expect([told, handover.open()]).toEqual([[], null]);
    now += 5_000;
    current = turnOf(ANNA);
    await look();
    expect(told).toEqual([]);
  });

  it("keeps what people wrote since the turn before began, and nothing of who is forgotten", async () => {
    await handover.note({ userId: 1, by: "P1", text: "Pump 3 is noisy" });
    await look();
    expect(handover.notes(handover.since()).map(({ text }) => text)).toEqual(["Pump 3 is noisy"]);
    expect(handover.notes(now + 1)).toEqual([]);
    await handover.forget(1);
    expect([handover.open(), handover.notes(0), JSON.stringify([...kept])]).toEqual([
      null,
      [],
      expect.not.stringContaining("P1"),
    ]);
  });
});
