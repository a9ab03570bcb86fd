import { expect, it } from "vitest";
import { createGapWatch } from "../../src/duty/gap-watch.ts";
import { gapsOf } from "../../src/duty/turn.ts";

const HOUR = 3_600_000;
const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });

it("tells the admins of each gap in the rota a day before, once, and that it is over or filled", async () => {
  let now = 0;
  let turns = [
    { startAt: 0, endAt: 10 * HOUR, who: person(1) },
    { startAt: 40 * HOUR, endAt: 50 * HOUR, who: person(2) },
    { startAt: 60 * HOUR, endAt: 99 * HOUR, who: person(1) },
  ];
  const open = new Map<string, string>();
  const told: string[] = [];
  const watch = createGapWatch({
    duty: { gaps: () => gapsOf(turns, 0, 99 * HOUR).filter(({ endAt }) => endAt > now) },
    troubles: async (topic) => [...open.keys()].map((id) => ({ id, topic })),
    async tell({ id, message }) {
      open.set(id, message);
      told.push(message);
    },
    async take(events) {
      for (const { message } of events) open.delete(message.replace("Over: ", ""));
    },
    timeZone: "UTC",
    now: () => now,
  });
  for (; now < 39 * HOUR; now += HOUR) await watch.look();
  expect(told).toEqual([
    expect.stringContaining("from 1970-01-01 10:00 to 1970-01-02 16:00 (UTC)"),
    expect.stringContaining("from 1970-01-03 02:00 to 1970-01-03 12:00 (UTC)"),
  ]);
  now = 41 * HOUR;
  await watch.look();
  expect(open.size).toBe(1);
  turns = [...turns, { startAt: 50 * HOUR, endAt: 60 * HOUR, who: person(3) }];
  await watch.look();
  expect([open.size, told.length]).toEqual([0, 2]);
});
