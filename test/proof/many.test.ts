import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { AlarmEvent } from "../../src/alarms/event.ts";
import type { Severity } from "../../src/alarms/types.ts";
import type { ShownMessage } from "../../src/demo/telegram/view.ts";
import { eventOf } from "../support/alarms.ts";
import { RULES } from "../support/rules.ts";
import { createRoom, type Room } from "../support/room.ts";

const GROUP = -1_007;
const ALARMS = 2_000;
const CRITICAL = 3;

let room: Room;
afterEach(() => room.close());

/** The severity of the alarm with this number: three critical ones in the middle of it all. */
const severityOf = (i: number): Severity =>
  i % 700 === 350 ? "critical" : i % 10 === 0 ? "error" : i % 3 === 0 ? "info" : "warning";
const alarm = (i: number): AlarmEvent => {
  const content = { id: `m${i}`, message: `Machine ${i}.`, source: `Cabinet ${i % 40}`, severity: severityOf(i) };
  return eventOf({ ...content, state: "active" }, { at: room.clock.now() });
};
/** 2,000 alarms in ten seconds. */
async function pour(): Promise<void> {
  for (let i = 0; i < ALARMS; i += 40) {
    await room.take(Array.from({ length: 40 }, (_, k) => alarm(i + k)));
    await room.pass(200, 200);
  }
}
/** Lets the bot hear what people pressed; its answers wait for their turns, so time goes on meanwhile. */
async function hear(): Promise<void> {
  let isDone = false;
  const heard = room.hear().finally(() => (isDone = true));
  while (!isDone) {
    room.clock.advance(100);
    await setImmediate();
  }
  await heard;
}
const messages = () => room.telegram.messages(GROUP).filter(({ from, isService }) => from === "bot" && !isService);
const refused = () => room.telegram.calls.filter(({ status }) => status === 429).length;
const machineOf = ({ text }: Pick<ShownMessage, "text">) => Number(/Machine (\d+)\./.exec(text)?.[1] ?? Number.NaN);
const labels = ({ buttons }: ShownMessage) => buttons.flat().map(({ text }) => text);

describe("2,000 alarms in 10 s to one group", () => {
  it("become one board that counts them all within 30 s, and from which each can be reached", async () => {
    room = await createRoom({ chats: [GROUP] });
    await pour();
    await room.pass(20_000, 500);

    const board = messages().find(({ text }) => text.includes("Alarm flood"));
    expect(board?.text).toContain("2000 alarms: 2000 active");
    expect(board?.text).toContain("3 critical");
    expect(board?.text).toContain("First: Cabinet 0: Machine 0.");
    expect(board?.isPinned).toBe(true);
    const cards = messages().filter((message) => message !== board);
    // The critical ones rang by themselves.
    const critical = cards.map(machineOf).filter((i) => severityOf(i) === "critical");
    expect(critical).toHaveLength(CRITICAL);
    // Nothing that came after them was told by a card before them.
    const atFirst = cards.map(machineOf).indexOf(critical[0] ?? -1);
    expect(cards.slice(atFirst, atFirst + CRITICAL).map(machineOf)).toEqual(critical);
    expect(cards.filter((card) => severityOf(machineOf(card)) === "critical").every(({ isSilent }) => !isSilent)).toBe(
      true,
    );
    const used = room.telegram.calls.filter(({ method }) => /^(send|edit)/.test(method)).length;
    expect(messages().length).toBeLessThanOrEqual(12);
    expect(used).toBeLessThanOrEqual(20);
    expect(refused()).toBe(0);

    // Page by page, as a person does it.
    const reached = new Set<number>();
    for (let label: string | undefined = "List"; label;) {
      room.telegram.press({ chatId: GROUP, userId: 11, messageId: board?.messageId ?? 0, label });
      await hear();
      const page = messages().find(({ messageId }) => messageId === board?.messageId);
      expect(page?.text.length).toBeLessThanOrEqual(4_096);
      for (const [, i] of page?.text.matchAll(/Machine (\d+)\./g) ?? []) reached.add(Number(i));
      label = page && labels(page).includes("▶") ? "▶" : undefined;
    }
    expect(reached.size).toBe(ALARMS);

    // One tap takes the lot, but for the critical ones, which have cards of their own.
    room.telegram.press({ chatId: GROUP, userId: 11, messageId: board?.messageId ?? 0, label: "I'm on it" });
    await hear();
    const { alarms } = await room.store.alarms.listActive({ offset: 0, limit: ALARMS });
    expect(
      alarms.filter(
        ({ severity, acknowledgedBy }) => severity !== "info" && severity !== "critical" && acknowledgedBy !== "Aino",
      ),
    ).toEqual([]);
    expect(refused()).toBe(0);
  }, 60_000);

  it("ebb: the board says so, is unpinned, and new alarms have cards again", async () => {
    room = await createRoom({ chats: [GROUP] });
    await room.take(Array.from({ length: 40 }, (_, i) => alarm(i)));
    await room.pass(60_000);
    await room.pass(600_000, 15_000);
    const board = messages().find(({ text }) => text.includes("The alarm flood is over"));
    expect(board?.isPinned).toBe(false);
    await room.take([alarm(1_001)]);
    await room.pass(10_000);
    expect(
      messages().filter((message) => machineOf(message) === 1_001 && message.text.includes("WARNING")),
    ).toHaveLength(1);
    expect(refused()).toBe(0);
  });

  it("are 2,000 cards in the order of severity with FLOOD_RATE=off, none refused, none lost", async () => {
    room = await createRoom({
      chats: [GROUP],
      floodRate: null,
      // Nobody is reminded, so that each message is a new alarm.
      rules: {
        ...RULES,
        escalations: { ...RULES.escalations, error: RULES.escalations.info, critical: RULES.escalations.info },
      },
    });
    await pour();
    const left = async () => (await room.store.cards.backlog()).waiting;
    while ((await left()) > 0) await room.pass(60_000, 3_750);
    const cards = messages();
    expect(new Set(cards.map(machineOf)).size).toBe(ALARMS);
    expect(cards).toHaveLength(ALARMS);
    const RANKS: Readonly<Record<Severity, number>> = { critical: 3, error: 2, warning: 1, info: 0 };
    // What went out in the ten seconds in which they came could not know what would come.
    const ranks = cards.slice(8).map((card) => RANKS[severityOf(machineOf(card))]);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    expect(refused()).toBe(0);
  }, 60_000);
});
