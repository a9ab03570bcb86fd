import { afterEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Severity } from "../../src/alarms/types.ts";
import { eventOf } from "../support/alarms.ts";
import { createRoom, type Room } from "../support/room.ts";

const [GROUP, PRIVATE] = [-1_007, 11];

let room: Room;
afterEach(() => room.close());

const alarm = (id: string, severity: Severity): AlarmEvent =>
  eventOf({ id, message: `Machine ${id}.`, severity, state: "active" }, { at: room.clock.now() });
const texts = (chatId: number) => room.telegram.messages(chatId).map(({ text }) => text);
const tellsOf = (id: string) => (text: string) => text.includes(`Machine ${id}.`);

describe("when Telegram is back", () => {
  it.each(["html", "drop"] as const)(
    "after 70 s (%s), the worst card is shown within three seconds, and what else waits goes on at the chat's pace",
    async (failure) => {
      room = await createRoom({ chats: [GROUP, PRIVATE], floodRate: null });
      const lift = room.telegram.fault({ method: "*", failure, times: Infinity });
      for (const id of ["a", "b", "c"]) await room.take([alarm(id, "warning")]);
      await room.pass(20_000);
      await room.take([alarm("hot", "critical")]);
      await room.pass(50_000);
      expect([...texts(GROUP), ...texts(PRIVATE)]).toEqual([]);
      lift();
      await room.pass(3_000);
      for (const chatId of [GROUP, PRIVATE]) expect(texts(chatId)[0]).toContain("Machine hot.");
      await room.pass(20_000);
      for (const chatId of [GROUP, PRIVATE])
        for (const id of ["a", "b", "c"]) expect(texts(chatId).filter(tellsOf(id))).toHaveLength(1);
    },
  );

  it("after minutes, so that all is told together, what is critical still goes first", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    const lift = room.telegram.fault({ method: "*", failure: "html", times: Infinity });
    for (const id of ["a", "b", "c"]) await room.take([alarm(id, "warning")]);
    await room.take([alarm("hot", "critical")]);
    await room.pass(300_000, 2_000);
    lift();
    await room.pass(4_000);
    expect(texts(GROUP)[0]).toContain("Machine hot.");
    expect(texts(GROUP)[1]).toContain("While this chat could not be reached");
  });

  it("a card that Telegram alone fails over does not take the turns of the others", async () => {
    room = await createRoom({ chats: [GROUP], floodRate: null });
    room.telegram.fault({ method: "sendMessage", failure: { status: 500, description: "Internal Server Error" } });
    await room.take([alarm("hot", "critical")]);
    await room.pass(500, 500);
    const failure = { status: 500, description: "Internal Server Error" };
    const lift = room.telegram.fault({ method: "sendMessage", failure, times: Infinity });
    await room.pass(600_000, 2_000);
    const tries = room.telegram.calls.filter(({ method }) => method === "sendMessage");
    expect(tries.length).toBeLessThan(30);
    lift();
    await room.pass(62_000, 2_000);
    expect(texts(GROUP).filter(tellsOf("hot"))).toHaveLength(1);
  });
});
