import { describe, expect, it } from "vitest";
import { agreedChanges, nextOf, othersThan } from "../../src/duty/exchange-rules.ts";
import { openExchanges } from "../../src/duty/exchanges.ts";
import { silentLog } from "../support/log.ts";

const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });
const turn = (startAt: number, endAt: number, who: number) => ({ startAt, endAt, who: person(who) });
const TURNS = [turn(0, 10, 1), turn(10, 20, 2), turn(20, 30, 3)];
const swap = {
  id: 1,
  kind: "swap" as const,
  by: person(1),
  of: person(3),
  changes: [turn(0, 10, 3), turn(20, 30, 1)],
  askedAt: 5,
  answer: null,
};

describe("a swap", () => {
  it("gives one's own next turn for one of another that has not begun", () => {
    expect(nextOf(2, TURNS)).toEqual(TURNS[1]);
    expect(nextOf(9, TURNS)).toBeNull();
    expect(othersThan(1, TURNS, 5)).toEqual([TURNS[1], TURNS[2]]);
    expect(othersThan(2, TURNS, 5)).toEqual([TURNS[2]]);
  });

  it("gives what is left of a turn that is going on, and nothing once either time is another's or over", () => {
    expect(agreedChanges(swap, TURNS, 5)).toEqual([turn(5, 10, 3), turn(20, 30, 1)]);
    expect(agreedChanges(swap, TURNS.slice(1), 10)).toBeNull();
    expect(agreedChanges(swap, [TURNS[0] ?? turn(0, 10, 1), turn(20, 30, 2)], 5)).toBeNull();
  });
});

it("keeps what people asked and changed over a restart, for a day and until it is over, and nothing of who is forgotten", async () => {
  let now = 5;
  const kept = new Map<string, unknown>();
  const keyValue = {
    read: async (name: string) => kept.get(name) ?? null,
    write: async (name: string, content: unknown) => void kept.set(name, JSON.parse(JSON.stringify(content))),
  };
  const open = () => openExchanges(keyValue, () => now, silentLog);
  const { by, of, kind, changes, askedAt } = swap;
  const first = await open();
  const ids = await Promise.all([
    first.ask({ by, of, kind, changes, askedAt }),
    first.ask({ by: of, of: by, kind, changes, askedAt }),
  ]);
  expect(ids).toEqual([1, 2]);
  await first.answer(1, 77, changes);
  const second = await open();
  expect(second.find(1)?.answer).toEqual({ update: 77, isAgreed: true });
  expect([second.find(2)?.answer, second.changes()]).toEqual([null, changes]);
  await second.forget(3);
  expect([second.find(1), second.find(2), second.changes()]).toEqual([null, null, [turn(20, 30, 1)]]);
  now += 9 * 24 * 3_600_000;
  await second.give([]);
  expect(second.changes()).toEqual([]);
});
