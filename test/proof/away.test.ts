import { afterEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { formatInstant } from "../../src/lib/time/time.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

const [GROUP, PRIVATE] = [-1_007, 11];
const MINUTE = 60_000;

let room: Room;
afterEach(() => room.close());

const event = (id: string, more: object = {}): AlarmEvent =>
  eventOf({ id, message: `Machine ${id}.`, state: "active", ...more }, { at: room.clock.now() });
const texts = (chatId: number) =>
  room.telegram
    .messages(chatId)
    .filter(({ from, isService }) => from === "bot" && !isService)
    .map(({ text }) => text);
const about = (chatId: number, id: string) => texts(chatId).filter((text) => text.includes(`Machine ${id}.`));
const callsTo = (chatId: number) =>
  room.telegram.calls.filter(
    ({ params, method }) => Number(params["chat_id"]) === chatId && /^(send|edit)/.test(method),
  );
const clockOf = (at: number) => formatInstant(at, "Europe/Helsinki", at).slice(0, 5);
/** How many cards do not show yet what they are to. */
const unsettled = async () => (await room.store.cards.backlog()).waiting;

describe("Telegram away", () => {
  it("for ten minutes, with 500 events: nothing is lost, and each chat is told together what it missed", async () => {
    room = await createRoom({ chats: [GROUP, PRIVATE], floodRate: null });
    await room.take([event("before")]);
    await room.pass(5_000);
    const lift = room.telegram.fault({ method: "*", failure: "html", times: Infinity });
    const began = room.clock.now();
    // 250 alarms; of each ten, seven came and went, and one is critical and lasts.
    for (let i = 0; i < 250; i++) {
      const severity = i % 10 === 0 ? "critical" : "warning";
      await room.take([event(`m${i}`, { severity })]);
      await room.pass(2_400, 1_200);
      if (i % 10 > 2) await room.take([event(`m${i}`, { state: "cleared" })]);
    }
    expect(texts(GROUP)).toHaveLength(1);
    lift();
    await room.pass(10 * MINUTE, 5_000);
    expect(await unsettled()).toBe(0);
    for (const chatId of [GROUP, PRIVATE]) {
      const catchUps = texts(chatId).filter((text) => text.includes("While this chat could not be reached"));
      expect(catchUps).toHaveLength(1);
      // Critical ones that last rang by themselves; what came in the last moments has a card of its own, too.
      const critical = Array.from({ length: 25 }, (_, i) => about(chatId, `m${i * 10}`));
      expect(critical.filter((cards) => !cards.join("\n").includes("CRITICAL"))).toEqual([]);
      const board =
        /(\d+) alarms: (\d+) active, (\d+) came and went/
          .exec(catchUps[0] ?? "")
          ?.slice(1)
          .map(Number) ?? [];
      const cards = texts(chatId).filter((text) => /^(⚠️|✅ CLEARED)/.test(text) && text.includes("Machine m")).length;
      expect((board[0] ?? 0) + cards + 25).toBe(250);
      expect(board[1]! + board[2]!).toBe(board[0]);
      expect(board[2]).toBeGreaterThan(150);
      // Active ones first; each with its true time, one every 2.4 s.
      const listed = catchUps[0]?.match(/^.*\/alarm_.*\n.*\n.*$/gm) ?? [];
      const isOver = listed.map((line) => line.startsWith("✅"));
      expect(isOver).toEqual(isOver.toSorted((a, b) => Number(a) - Number(b)));
      expect(isOver[0]).toBe(false);
      for (const line of listed) {
        const i = Number(/Machine m(\d+)\./.exec(line)?.[1]);
        expect(line).toContain(clockOf(began + i * 2_400));
      }
    }
  }, 60_000);

  it("for an hour, with an alarm each minute: still one catch-up, with the time at which it was told", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    const lift = room.telegram.fault({ method: "*", failure: "html", times: Infinity });
    for (let i = 0; i < 60; i++) {
      await room.take([event(`m${i}`)]);
      await room.pass(MINUTE, 10_000);
    }
    lift();
    const back = room.clock.now();
    await room.pass(2 * MINUTE, 5_000);
    const [catchUp, ...more] = texts(GROUP);
    expect(more).toEqual([]);
    expect(catchUp).toContain("60 alarms: 60 active, 0 came and went");
    const toldAt = /told at (\d\d:\d\d)/.exec(catchUp ?? "")?.[1];
    expect([clockOf(back), clockOf(back + MINUTE)]).toContain(toldAt);
    expect(await unsettled()).toBe(0);
  });

  it("answers 429 with retry_after 1000: not one call to that chat before, and no other chat waits", async () => {
    room = await createRoom({ chats: [GROUP, PRIVATE] });
    const failure = { status: 429, description: "Too Many Requests: retry after 1000", retryAfterSeconds: 1_000 };
    room.telegram.fault({ method: "sendMessage", chatId: GROUP, failure });
    await room.take([event("a")]);
    await room.pass(1_000);
    await room.take([event("b", { severity: "critical" })]);
    await room.pass(998_000, 2_000);
    expect(callsTo(GROUP)).toHaveLength(1);
    expect(about(PRIVATE, "a")).toHaveLength(1);
    expect(about(PRIVATE, "b").length).toBeGreaterThanOrEqual(1);
    await room.pass(60_000);
    expect(about(GROUP, "b").join("\n")).toContain("CRITICAL");
    expect(about(GROUP, "a")).toHaveLength(1);
    expect(await unsettled()).toBe(0);
  });

  it("in a storm of 5xx: all cards come, once", async () => {
    room = await createRoom({ chats: [PRIVATE], floodRate: null });
    for (let i = 0; i < 30; i++) {
      const failure = { status: i % 2 === 0 ? 500 : 502, description: "Internal Server Error" };
      room.telegram.fault({ failure, times: 2 });
      await room.take([event(`m${i}`)]);
      await room.pass(3_000);
    }
    await room.pass(20 * MINUTE, 5_000);
    expect(await unsettled()).toBe(0);

    const told = texts(PRIVATE).flatMap((text) => [...text.matchAll(/Machine (m\d+)\./g)].map(([, id]) => id));
    expect(told).toHaveLength(30);
    expect(new Set(told)).toEqual(new Set(Array.from({ length: 30 }, (_, i) => `m${i}`)));
  });

  it("loses its answers after it applied them: all cards come, and no more are repeated than answers were lost", async () => {
    room = await createRoom({ chats: [PRIVATE], floodRate: null });
    const LOST = 10;
    for (let i = 0; i < 30; i++) {
      if (i % 3 === 0) room.telegram.fault({ method: "sendMessage", failure: "dropAfter" });
      await room.take([event(`m${i}`)]);
      await room.pass(10_000);
    }
    await room.pass(5 * MINUTE, 5_000);
    expect(await unsettled()).toBe(0);
    const counts = Array.from({ length: 30 }, (_, i) => about(PRIVATE, `m${i}`).length);
    expect(Math.min(...counts)).toBe(1);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(30 + LOST);
  });

  it("is not missed by who was away ourselves: after a restart the chat is told together what waited", async () => {
    room = await createRoom({ chats: [PRIVATE] });
    const lift = room.telegram.fault({ method: "*", failure: "drop", times: Infinity });
    await room.take([event("a"), event("b"), event("c")]);
    await room.pass(2_000);
    lift();
    room.clock.advance(30 * MINUTE);
    await room.restart();
    await room.pass(30_000);
    expect(texts(PRIVATE)).toHaveLength(1);
    expect(texts(PRIVATE)[0]).toContain("3 alarms: 3 active, 0 came and went");
  });
});
