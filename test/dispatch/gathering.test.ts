import { afterEach, describe, expect, it } from "vitest";
import type { Severity } from "../../src/alarms/types.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

const CHAT = 5;
const MINUTE = 60_000;

let room: Room | undefined;
afterEach(() => room?.close());

async function open(options: Partial<Parameters<typeof createRoom>[0]> = {}) {
  const opened = await createRoom({ chats: [CHAT], ...options });
  room = opened;
  return {
    ...opened,
    raise: (id: string, severity: Severity = "error") =>
      opened.take([eventOf({ id, message: `It is ${id}.`, severity, state: "active" }, { at: opened.clock.now() })]),
    said: () => opened.telegram.messages(CHAT).map(({ text }) => text),
  };
}

describe("reminders", () => {
  it("are no new alarms for a flood: what is new goes on to ring by itself", async () => {
    const { raise, pass, said } = await open({ floodRate: { count: 3, withinMs: 10 * MINUTE } });
    for (const id of ["a", "b", "c"]) {
      await raise(id);
      await pass(MINUTE);
    }
    await pass(10 * MINUTE);
    await raise("d");
    await raise("e");
    await pass(5 * MINUTE);
    expect(said().filter((text) => text.includes("Nobody has acknowledged this"))).not.toEqual([]);
    await raise("f");
    await pass(10_000);
    expect(said().at(-1)).toContain("It is f.");
    expect(said().join()).not.toContain("Alarm flood");
  });

  it("come together, if there are many at once", async () => {
    const { raise, pass, said } = await open({ floodRate: { count: 3, withinMs: MINUTE } });
    for (let i = 0; i < 10; i++) await raise(`m${i}`);
    await pass(18 * MINUTE, 5_000);
    expect(said().filter((text) => text.startsWith("🌊"))).toHaveLength(1);
    const told = said().filter((text) => text.startsWith("⏰"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/reminders, told together\n10 alarms/);
  });
});

describe("what comes within seconds", () => {
  const togetherRate = { count: 2, withinMs: 5_000 };

  it("is told together, on a message that rings; but for what is worse than the others, and critical", async () => {
    const { raise, pass, said, telegram } = await open({ togetherRate });
    for (const id of ["one", "two", "three", "four"]) {
      await raise(id, "warning");
      await pass(1_000);
    }
    await raise("worse", "error");
    await raise("worst", "critical");
    await pass(10_000);
    for (const id of ["one", "two", "worse", "worst"])
      expect(said().filter((text) => text.includes(`It is ${id}.`) && !text.includes("🔗"))).toHaveLength(1);
    const boards = telegram.messages(CHAT).filter(({ text }) => text.includes("🔗 Came within seconds"));
    expect(boards).toHaveLength(1);
    for (const id of ["three", "four"]) expect(boards[0]?.text).toContain(`It is ${id}.`);
    const call = telegram.calls.find(({ params }) => String(params["text"]).includes("Came within seconds"));
    expect(call).toMatchObject({ method: "sendMessage", params: { disable_notification: false } });
  });

  it("goes on the board of a flood, if it is one", async () => {
    const { raise, pass, said } = await open({ togetherRate, floodRate: { count: 4, withinMs: 10 * MINUTE } });
    for (const id of ["one", "two", "three", "four", "five", "six"]) {
      await raise(id);
      await pass(500, 500);
    }
    await pass(20_000);
    const board = said().find((text) => text.startsWith("🌊")) ?? "";
    expect(board).toContain("6 alarms");
    expect(said().filter((text) => text.startsWith("🔗"))).toEqual([]);
  });

  it("gathers nothing that comes later", async () => {
    const { raise, pass, said } = await open({ togetherRate });
    for (const id of ["one", "two", "three"]) await raise(id);
    await pass(10_000);
    await raise("later");
    await pass(1_000);
    expect(said().at(-1)).toMatch(/^🟠 ERROR.*\nIt is later\./);
  });
});

describe("a board", () => {
  it("lists the worst first, then the newest, and names what came last", async () => {
    const { raise, pass, said } = await open({ floodRate: { count: 1, withinMs: 10 * MINUTE } });
    await raise("first", "warning");
    for (let i = 0; i < 12; i++) {
      await pass(2_000);
      await raise(`error ${i}`);
    }
    await pass(2_000);
    await raise("late warning", "warning");
    await pass(30_000);
    const board = said().find((text) => text.includes("Alarm flood")) ?? "";
    expect(board).toMatch(/🆕 Newest: 🟠 .*It is error 11\./);
    const listed = [...board.matchAll(/\/alarm_\d+ · .*\n +It is (.*)\./g)].map(([, id]) => id);
    expect(listed.slice(0, 3)).toEqual(["error 11", "error 10", "error 9"]);
  });
});
