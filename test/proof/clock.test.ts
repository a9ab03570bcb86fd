import { afterEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import { parseQuietHours } from "../../src/alarms/cards/quiet-hours.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

const CHAT = 11;
const [MINUTE, HOUR] = [60_000, 3_600_000];

let room: Room;
afterEach(() => room.close());

const event = (id: string, more: object = {}): AlarmEvent =>
  eventOf({ id, message: `Machine ${id}.`, state: "active", ...more }, { at: room.clock.now() });
const texts = () =>
  room.telegram
    .messages(CHAT)
    .filter(({ from, isService }) => from === "bot" && !isService)
    .map(({ text }) => text);
const about = (id: string) => texts().filter((text) => text.includes(`Machine ${id}.`));

describe("a clock that is set", () => {
  it("back by two hours keeps nothing waiting and rings nothing twice", async () => {
    room = await createRoom({ chats: [CHAT] });
    await room.take([event("a", { severity: "error" })]);
    await room.pass(5_000);
    room.telegram.fault({ method: "sendMessage", failure: "drop" });
    await room.take([event("b")]);
    await room.pass(100, 100);
    room.clock.set(room.clock.now() - 2 * HOUR);
    await room.take([event("a", { severity: "error", value: 1 }), event("c")]);
    await room.pass(2 * MINUTE);
    expect([about("b").length, about("c").length]).toEqual([1, 1]);
    // Our own clock is not believed to have stood still for two hours: in doubt it is the same.
    expect(about("a")).toHaveLength(1);
    expect(await room.store.cards.backlog()).toMatchObject({ waiting: 0 });
  });

  it("forward by two hours gives no chat more calls than it may have", async () => {
    room = await createRoom({ chats: [CHAT], floodRate: null });
    await room.take(Array.from({ length: 12 }, (_, i) => event(`m${i}`)));
    await room.pass(500, 100);
    room.clock.set(room.clock.now() + 2 * HOUR);
    await room.pass(15_000, 500);
    expect(texts()).toHaveLength(12);
    expect(room.telegram.calls.filter(({ status }) => status === 429)).toEqual([]);
  });

  it("forward by two hours reminds once of what nobody has acknowledged", async () => {
    room = await createRoom({ chats: [CHAT] });
    await room.take([event("a", { severity: "critical" })]);
    await room.pass(5_000);
    room.clock.set(room.clock.now() + 2 * HOUR);
    await room.pass(30_000);
    expect(about("a").filter((text) => text.includes("Nobody has acknowledged this for 2 h"))).toHaveLength(1);
    expect(about("a").filter((text) => text.includes("Continued below"))).toHaveLength(1);
    await room.pass(10 * MINUTE, 5_000);
    expect(about("a")).toHaveLength(2);
  });
});

describe("the nights on which clocks change in Helsinki", () => {
  // 2026-10-25: 04:00 EEST becomes 03:00 EET. 2027-03-28: 03:00 EET becomes 04:00 EEST.
  it.each([
    ["longer by an hour", Date.UTC(2026, 9, 24, 19, 30), 8.5 * HOUR, "EET"],
    ["shorter by an hour", Date.UTC(2027, 2, 27, 20, 30), 6.5 * HOUR, "EEST"],
  ])("is %s, and quiet hours end at six all the same", async (_, at, untilSixMs, zone) => {
    room = await createRoom({ chats: [CHAT], at });
    const quiet = parseQuietHours("22:00-06:00");
    if ("problem" in quiet) throw new Error(quiet.problem);
    await room.store.chats.setQuietHours(CHAT, quiet.value);
    await room.take([event("held"), event("gone")]);
    await room.take([event("loud", { severity: "critical" })]);
    await room.pass(MINUTE);
    expect(texts().filter((text) => text.includes("Machine loud."))).toHaveLength(1);
    expect(about("held")).toEqual([]);
    await room.take([event("gone", { state: "cleared" }), event("loud", { severity: "critical", state: "cleared" })]);
    await room.pass(untilSixMs - 2 * MINUTE, 10 * MINUTE);
    expect(about("held")).toEqual([]);
    await room.pass(2 * MINUTE);
    const [digest, ...more] = texts().filter((text) => text.includes("While it was quiet"));
    expect(more).toEqual([]);
    expect(digest).toContain("2 alarms: 1 active, 1 came and went");
    expect(digest).toContain(`06:00:0`);
    expect(digest).toContain(zone);
  });

  it("reminds after as many minutes as on any other night", async () => {
    room = await createRoom({ chats: [CHAT], at: Date.UTC(2026, 9, 25, 0, 58) });
    await room.take([event("a", { severity: "critical" })]);
    await room.pass(4 * MINUTE, 30_000);
    expect(about("a")).toHaveLength(1);
    await room.pass(MINUTE + 10_000, 5_000);
    expect(about("a").filter((text) => text.includes("Nobody has acknowledged this for 5 min"))).toHaveLength(1);
  });

  it("tells the two hours apart that look alike", async () => {
    room = await createRoom({ chats: [CHAT], at: Date.UTC(2026, 9, 25, 0, 30) });
    await room.take([event("summer")]);
    await room.pass(HOUR, 5 * MINUTE);
    await room.take([event("winter")]);
    await room.pass(MINUTE);
    expect(about("summer")[0]).toContain("03:30:00 EEST");
    expect(about("winter")[0]).toContain("03:30:00 EET ");
  });
});
