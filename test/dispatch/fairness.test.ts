import { afterEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Severity } from "../../src/alarms/types.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

const GROUP = -1_007;
const MINUTE = 60_000;

let room: Room;
afterEach(() => room.close());

const alarm = (id: string, severity: Severity, state = "active"): AlarmEvent =>
  eventOf({ id, message: `Machine ${id}.`, severity, state }, { at: room.clock.now() });
const cards = (text: string) => room.telegram.messages(GROUP).filter((message) => message.text.includes(text));
const refused = () => room.telegram.calls.filter(({ status }) => status === 429);
const many = (count: number, severity: Severity): AlarmEvent[] =>
  Array.from({ length: count }, (_, i) => alarm(`c${i}`, severity));

describe("in a group that gets more than Telegram lets through", () => {
  it("five hundred critical alarms do not hold back that others are over, nor any other kind of call", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    await room.take([alarm("x", "error"), alarm("y", "warning")]);
    await room.pass(10_000);
    await room.take(many(500, "critical"));
    await room.pass(5_000);
    await room.take([alarm("x", "error", "cleared"), alarm("y", "warning", "cleared"), alarm("z", "warning")]);
    await room.pass(2 * MINUTE);
    expect(cards("CLEARED")).toHaveLength(2);
    expect(cards("Machine z.")).toHaveLength(1);
    const rang = cards("CRITICAL").length;
    expect(rang).toBeGreaterThan(15);
    await room.pass(3 * MINUTE);
    // The rest of the pace is theirs.
    expect(cards("CRITICAL").length - rang).toBeGreaterThan(50);
    expect(refused()).toEqual([]);
  });

  it("a critical alarm rings once more only when the old message of the one before it has said its last word", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    const warnings = () => Array.from({ length: 40 }, (_, i) => alarm(`w${i}`, "warning"));
    await room.take([...many(3, "critical"), ...warnings()]);
    await room.pass(3 * MINUTE);
    await room.take(many(3, "critical").map((event) => ({ ...event, state: "cleared" as const })));
    await room.pass(MINUTE);
    const before = room.telegram.calls.length;
    // All the warnings are to be edited, too, which tells more than what an old message says.
    await room.take([...warnings(), ...many(3, "critical")]);
    await room.pass(3 * MINUTE);
    const calls = room.telegram.calls.slice(before).map(({ method, params }) => `${method} ${String(params["text"])}`);
    const order = calls.flatMap((call) =>
      /^sendMessage.*CRITICAL/.test(call) ? ["ring"] : call.includes("Continued below") ? ["last word"] : [],
    );
    expect(order).toEqual(["ring", "last word", "ring", "last word", "ring", "last word"]);
    expect(refused()).toEqual([]);
  });

  it("a critical alarm rings once more within seconds, however many old messages others left behind as they went onto a board", async () => {
    room = await createRoom({ chats: [GROUP] });
    const warnings = (state: string) => Array.from({ length: 60 }, (_, i) => alarm(`w${i}`, "warning", state));
    for (const warning of warnings("active")) {
      await room.take([{ ...warning, receivedAt: room.clock.now() }]);
      await room.pass(2 * MINUTE, MINUTE);
    }
    await room.take([...warnings("cleared"), alarm("hot", "critical")]);
    await room.pass(5 * MINUTE);
    await room.take([alarm("hot", "critical", "cleared")]);
    await room.pass(MINUTE);
    await room.take(warnings("active"));
    await room.pass(20_000);
    const rang = cards("Machine hot.").length;
    await room.take([alarm("hot", "critical")]);
    await room.pass(20_000);
    expect(cards("Machine hot.")).toHaveLength(rang + 1);
    expect(cards("Continued below").length).toBeLessThan(20);
    expect(refused()).toEqual([]);
  });

  it("the first ring of a critical alarm comes at once, also when the group's pace was used up before", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    await room.take(Array.from({ length: 40 }, (_, i) => alarm(`w${i}`, "warning")));
    await room.pass(MINUTE);
    await room.take([alarm("hot", "critical"), alarm("hotter", "critical")]);
    await room.pass(2_000, 500);
    expect(cards("CRITICAL")).toHaveLength(2);
    expect(refused()).toEqual([]);
  });

  it("ten that are critical ring within ten seconds, and the rest of the minute is spread", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    await room.take(many(10, "critical"));
    await room.pass(10_000, 500);
    expect(cards("CRITICAL")).toHaveLength(10);
    await room.take(Array.from({ length: 30 }, (_, i) => alarm(`w${i}`, "warning")));
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      await room.pass(10_000);
      counts.push(cards("WARNING").length);
    }
    // Eight places are left until the first are free again.
    const each = counts.map((count, i) => count - (counts[i - 1] ?? 0));
    expect(Math.min(...each), `in each ten seconds: ${each.join(", ")}`).toBeGreaterThanOrEqual(1);
    expect(Math.max(...each), `in each ten seconds: ${each.join(", ")}`).toBeLessThanOrEqual(3);
    expect(refused()).toEqual([]);
  });
});
