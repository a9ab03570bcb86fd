import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acknowledge } from "../../../src/alarms/lifecycle/handling.ts";
import { eventOf } from "../../support/alarms.ts";
import { CHATS, NEXT_CHAT, openRoom, type Room } from "../../support/model-room.ts";
import { createRoom } from "../../support/room.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("what comes next if nobody acknowledges counts from when somebody was told", () => {
  let room: Room;
  const pass = async (ms: number): Promise<void> => {
    room.clock.advance(ms);
    await room.elapse();
    await room.idle();
  };
  const reasonsIn = async (chatId: number): Promise<string[]> =>
    (await room.store().cards.decisions(1, chatId, 100))
      .toReversed()
      .filter(({ action, result }) => action === "send" && result === "ok")
      .map(({ reason }) => reason);
  const raise = async (severity: string): Promise<void> => {
    await room.report(0, { severity, state: "active" });
    await room.idle();
  };

  beforeEach(async () => {
    room = await openRoom({ floodRate: null, hasQuietHours: true, hasLatch: false, needsTwo: false, repeating: null });
  });
  afterEach(() => room[Symbol.asyncDispose]());

  it("in an outage no step is spent unheard", async () => {
    room.chat.isAway = true;
    await raise("critical");
    for (let i = 0; i < 60; i++) await pass(MINUTE);
    expect(await reasonsIn(NEXT_CHAT)).toEqual([]);
    room.chat.isAway = false;
    await pass(MINUTE);
    expect(await reasonsIn(CHATS[1])).toEqual(["first"]);
    for (let i = 0; i < 4; i++) await pass(MINUTE);
    expect(await reasonsIn(CHATS[1])).toEqual(["first"]);
    await pass(MINUTE);
    expect(await reasonsIn(CHATS[1])).toEqual(["first", "reminder"]);
    expect(await reasonsIn(NEXT_CHAT)).toEqual([]);
    await pass(10 * MINUTE);
    expect(await reasonsIn(NEXT_CHAT)).toEqual(["passedOn"]);
  });

  it("nor is one that an outage holds: the next comes after it was heard", async () => {
    await raise("critical");
    room.chat.isAway = true;
    for (let i = 0; i < 60; i++) await pass(MINUTE);
    room.chat.isAway = false;
    await pass(MINUTE);
    expect(await reasonsIn(CHATS[1])).toEqual(["first", "reminder"]);
    expect(await reasonsIn(NEXT_CHAT)).toEqual([]);
    await pass(10 * MINUTE);
    expect(await reasonsIn(NEXT_CHAT)).toEqual(["passedOn"]);
  });

  it("somebody who acknowledges is reminded from then on, whatever others have heard", async () => {
    await raise("critical");
    const by = { userId: 1, name: "Aino", chatId: CHATS[1] };
    await room.commit(
      (store) => store.act(1, { by, action: "acknowledge", apply: (alarm, at) => acknowledge(alarm, by, at) }),
      (result) => result?.chatIds ?? [],
    );
    await room.idle();
    await pass(HOUR);
    expect(await reasonsIn(CHATS[1])).toEqual(["first", "owner"]);
  });
});

it("quiet hours hold what comes next, too: it counts from the morning's board", async () => {
  const HALL = -7;
  await using disposables = new AsyncDisposableStack();
  const room = await createRoom({ chats: [HALL], at: Date.UTC(2026, 10, 23, 1) });
  disposables.defer(() => room.close());
  // By the chat's clock it is three.
  await room.store.chats.setQuietHours(HALL, { startMinute: 120, endMinute: 240, weekdays: [1, 2, 3, 4, 5, 6, 7] });
  await room.take([eventOf({ id: "a", message: "Hot", severity: "error", state: "active" }, { at: room.clock.now() })]);
  const ticks = async (minutes: number): Promise<void> => {
    for (let i = 0; i < minutes; i++) {
      await room.pass(MINUTE, MINUTE);
      await room.store.elapse();
    }
  };
  await ticks(58);
  expect(await room.store.alarms.find(1)).toMatchObject({ owedRing: "first", handling: { step: 0 } });
  await ticks(4);
  expect(await room.store.alarms.find(1)).toMatchObject({ owedRing: null, handling: { step: 0 } });
  await ticks(16);
  expect(await room.store.alarms.find(1)).toMatchObject({ handling: { step: 1 } });
});
