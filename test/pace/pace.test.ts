import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/time/clock.ts";
import { createFormerClock } from "../../src/lib/time/former-clock.ts";
import { readKeptPace } from "../../src/pace/kept-pace.ts";
import { createPace, type Pace } from "../../src/pace/pace.ts";
import { CALL_KINDS, type CallKind, type Turn } from "../../src/pace/turns.ts";
import { createManualClock, type ManualClock } from "../support/clock.ts";

const GROUP = -100_123;
const MINUTE = 60_000;

const open = (isOn = true): { clock: ManualClock; pace: Pace } => {
  const clock = createManualClock();
  return { clock, pace: createPace({ isOn, clock }) };
};

/** Makes calls that take no time; the instants at which they went, ms from now, and of which kind they were. */
function call(
  { clock, pace }: ReturnType<typeof open>,
  chatId: number,
  kinds: readonly CallKind[],
): { readonly at: number; readonly kind: CallKind }[] {
  const start = clock.now();
  const made: { at: number; kind: CallKind }[] = [];
  for (const kind of kinds)
    pace.ask(chatId, new Set([kind]), (turn) => {
      made.push({ at: clock.now() - start, kind });
      turn.end(true);
    });
  return made;
}
const of = (kind: CallKind, count: number): CallKind[] => Array.from({ length: count }, () => kind);

const mostWithin = (times: readonly number[], windowMs: number): number =>
  Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));

describe("pace", () => {
  it("lets a person's chat have a short burst, then one a second", () => {
    const room = open();
    const made = call(room, 7, of("answer", 20));
    room.clock.advance(MINUTE);
    expect(made.slice(0, 4).map(({ at }) => at)).toEqual([0, 0, 0, 0]);
    expect(made.at(-1)?.at).toBe(16_000);
  });

  it("never gives a group more than 20 in any minute", () => {
    const room = open();
    const made = call(room, GROUP, of("critical", 100));
    room.clock.advance(10 * MINUTE);
    const times = made.map(({ at }) => at);
    expect(times).toHaveLength(100);
    expect(mostWithin(times, MINUTE)).toBeLessThanOrEqual(20);
    expect(mostWithin(times, MINUTE)).toBeGreaterThanOrEqual(19);
  });

  it("never gives a group more than 20 in any minute over a take-over, nor calls a chat that was to be left alone", () => {
    const room = open();
    const made = call(room, GROUP, of("critical", 100));
    room.clock.advance(20_000);
    room.pace.refused(7, 30_000);
    const kept = readKeptPace(JSON.parse(JSON.stringify(room.pace.kept())), createFormerClock(room.clock.now));
    const next = { clock: room.clock, pace: createPace({ isOn: true, past: kept, clock: room.clock }) };
    const before = made.length;
    room.clock.advance(3_000);
    expect([next.pace.heldMs(7), next.pace.heldMs(8)]).toEqual([27_000, 0]);
    const later = call(next, GROUP, of("critical", 20));
    next.clock.advance(5 * MINUTE);
    const times = [...made.slice(0, before).map(({ at }) => at), ...later.map(({ at }) => at + 23_000)];
    expect([before > 10, later.length]).toEqual([true, 20]);
    expect(mostWithin(times, MINUTE)).toBeLessThanOrEqual(20);
  });

  it("takes nothing for kept that nobody can read, and no wait for longer than a day", () => {
    const clock = createManualClock();
    expect(readKeptPace("odd", createFormerClock(clock.now))).toEqual({ tokenUntil: 0, waits: [], calls: [] });
    const past = { tokenUntil: 0, waits: [[7, clock.now() + 99 * 24 * 60 * MINUTE]] as [number, number][], calls: [] };
    expect(createPace({ isOn: true, past, clock }).heldMs(7)).toBe(24 * 60 * MINUTE);
  });

  it("never gives the token more than 30 in any second, however many chats", () => {
    const room = open();
    const made = Array.from({ length: 300 }, (_, i) => call(room, i + 1, ["ring"]));
    room.clock.advance(MINUTE);
    const times = made.flat().map(({ at }) => at);
    expect(times).toHaveLength(300);
    expect(mostWithin(times, 1_000)).toBeLessThanOrEqual(30);
    expect(mostWithin(times, 1_000)).toBeGreaterThanOrEqual(29);
  });

  it("keeps to that however long calls are on their way, since a place is spent when its call is over", () => {
    const { clock, pace } = open();
    const turns: Turn[] = [];
    const next = (): void => void pace.ask(7, new Set(["answer"] as const), (turn) => turns.push(turn));
    for (let i = 0; i < 20; i++) next();
    clock.advance(10_000);
    // Nobody knows whether they were counted early or late.
    expect(turns).toHaveLength(4);
    for (const turn of turns.slice()) turn.end(true);
    expect(turns).toHaveLength(4);
    clock.advance(1_000);
    expect(turns).toHaveLength(5);
  });

  it("gives a place back at once of which nothing came", () => {
    const { pace } = open();
    let calls = 0;
    for (let i = 0; i < 50; i++)
      pace.ask(GROUP, new Set(["edit"] as const), (turn) => {
        calls += 1;
        turn.end(false);
      });
    expect(calls).toBe(50);
  });

  it("counts each picture of an album", async () => {
    const { clock, pace } = open();
    const album = await pace.turn(7, "edit", 4);
    album?.end(true);
    expect(pace.isFree(7)).toBe(false);
    clock.advance(1_000);
    expect(pace.isFree(7)).toBe(true);
  });

  it("does not stop when the clock is set back", () => {
    const room = open();
    call(room, 7, of("answer", 4));
    room.clock.set(room.clock.now() - 3_600_000);
    const made = call(room, 7, ["answer"]);
    room.clock.advance(1_000);
    expect(made).toHaveLength(1);
  });

  it("asks for nothing when it is off", () => {
    const pace = createPace({ isOn: false, clock: systemClock });
    let calls = 0;
    for (let i = 0; i < 1_000; i++)
      pace.ask(-1, new Set(["edit"] as const), (turn) => {
        calls += 1;
        turn.end(true);
      });
    expect(calls).toBe(1_000);
  });

  it("forgets a wish that was taken back", () => {
    const { clock, pace } = open();
    for (let i = 0; i < 4; i++) pace.ask(7, new Set(["ring"] as const), (turn) => turn.end(true));
    let calls = 0;
    const cancel = pace.ask(7, new Set(["ring"] as const), () => (calls += 1));
    cancel();
    clock.advance(MINUTE);
    expect(calls).toBe(0);
  });

  describe("shared among those who wait", () => {
    it("gives a critical alarm the next place, whatever waits, and in a group at once: two are kept free", () => {
      const room = open();
      call(room, GROUP, [...of("answer", 30), ...of("edit", 30), ...of("board", 3)]);
      room.clock.advance(20_000);
      const critical = call(room, GROUP, of("critical", 3));
      expect(critical.map(({ at }) => at)).toEqual([0, 0]);
      // The third comes after two others, since those are overdue.
      room.clock.advance(12_000);
      expect(critical).toHaveLength(3);
    });

    it("answers who asks in a group at once, while the rest of its minute is spread after a burst of critical ones", () => {
      const room = open();
      call(room, GROUP, [...of("critical", 8), ...of("board", 1), ...of("edit", 30)]);
      room.clock.advance(30_000);
      const answers = call(room, GROUP, of("answer", 2));
      expect(answers.map(({ at }) => at)).toEqual([0, 0]);
    });

    it.each([
      ["a group", GROUP],
      ["a private chat", 7],
    ])("gives it in %s within a second, whenever it comes while people's questions use up the pace", (_, chatId) => {
      for (let secondsAfter = 0; secondsAfter <= 60; secondsAfter++) {
        const room = open();
        call(room, chatId, of("answer", 100));
        room.clock.advance(secondsAfter * 1_000);
        const critical = call(room, chatId, of("critical", 1));
        room.clock.advance(1_000);
        expect(critical, `after ${secondsAfter} s`).toHaveLength(1);
      }
    });

    it("lets no kind starve, however many critical ones there are", () => {
      const room = open();
      const made = call(room, GROUP, [
        ...of("critical", 500),
        ...of("answer", 3),
        ...of("ring", 2),
        ...of("board", 1),
        ...of("edit", 5),
        ...of("again", 2),
      ]);
      room.clock.advance(2 * MINUTE);
      const others = made.filter(({ kind }) => kind !== "critical");
      expect(others).toHaveLength(13);
      expect(others.find(({ kind }) => kind === "board")?.at).toBeLessThanOrEqual(15_000);
      expect(others.find(({ kind }) => kind === "answer")?.at).toBeLessThanOrEqual(15_000);
      expect(others.find(({ kind }) => kind === "edit")?.at).toBeLessThanOrEqual(45_000);
      // Each second turn at least is theirs.
      const after = made.slice(0, made.indexOf(others.at(-1)!));
      expect(after.filter(({ kind }) => kind === "critical").length).toBeGreaterThanOrEqual(others.length - 1);
    });

    it("answers people before anything is edited, and edits every fourth time all the same", () => {
      const room = open();
      const made = call(room, 7, [...of("edit", 10), ...of("answer", 10)]);
      // The first four are given at once, before there are answers.
      room.clock.advance(8_000);
      expect(
        made
          .slice(4)
          .map(({ kind }) => kind[0])
          .join(""),
      ).toBe("aaaeaaae");
    });

    it("shows the board at least every 15 s to a group in which all else waits, too", () => {
      const room = open();
      const others = CALL_KINDS.filter((kind) => kind !== "board").flatMap((kind) => of(kind, 200));
      call(room, GROUP, others);
      const shown: number[] = [];
      const start = room.clock.now();
      // As a board is: to be shown again five seconds later.
      const show = (): void =>
        void room.pace.ask(GROUP, new Set(["board"] as const), (turn) => {
          shown.push(room.clock.now() - start);
          turn.end(true);
          room.clock.after(5_000, show);
        });
      show();
      room.clock.advance(10 * MINUTE);
      const gaps = shown.slice(1).map((at, i) => at - (shown[i] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(15_000);
      expect(shown.length).toBeGreaterThan(35);
    });
  });

  describe("when Telegram asks to wait", () => {
    const start = (isOn = true) => {
      const room = open(isOn);
      room.clock.advance(MINUTE);
      const refuse = (chatId: number, retryAfterMs: number) =>
        room.pace.ask(chatId, new Set(["ring"] as const), (turn) => {
          room.pace.refused(chatId, retryAfterMs);
          turn.end(false);
        });
      const waits = (chatId: number): boolean => !room.pace.isFree(chatId);
      return { ...room, refuse, waits };
    };

    it.each([true, false])("leaves that chat alone exactly so long, whether it paces by itself (%s) or not", (isOn) => {
      const { clock, pace, refuse, waits } = start(isOn);
      refuse(7, 30_000);
      expect([pace.heldMs(7), waits(7), waits(8)]).toEqual([30_000, true, false]);
      clock.advance(29_999);
      expect(pace.heldMs(7)).toBe(1);
      clock.advance(1);
      expect([pace.heldMs(7), waits(7)]).toEqual([0, false]);
    });

    it("takes it for the token's when two chats are refused that were calm, and then leaves all alone", () => {
      const { clock, pace, refuse, waits } = start();
      refuse(7, 30_000);
      clock.advance(2_000);
      refuse(8, 28_000);
      expect([pace.heldMs(9), pace.heldMs(-1)]).toEqual([28_000, 28_000]);
      clock.advance(28_000);
      expect(waits(9)).toBe(false);
    });

    it("does not blame the token for chats that had much, one after the other, or in a run before this one", () => {
      const room = start();
      const { clock, refuse, waits } = room;
      for (const chatId of [-1, -2]) {
        call(room, chatId, ["ring"]);
        refuse(chatId, 30_000);
      }
      refuse(7, 10_000);
      clock.advance(10_000);
      refuse(8, 10_000);
      expect(waits(9)).toBe(false);
      const fresh = open();
      for (const chatId of [7, 8])
        fresh.pace.ask(chatId, new Set(["ring"] as const), (turn) => {
          fresh.pace.refused(chatId, 30_000);
          turn.end(false);
        });
      expect(fresh.pace.isFree(9)).toBe(true);
    });
  });
});
