import { expect, it } from "vitest";
import { createRota, type RotaGap } from "../../src/duty/rota.ts";
import { createGapWatch } from "../../src/duty/gap-watch.ts";
import { UNMANNED } from "../../src/duty/addressee.ts";
import { gapsOf, type DutyTurn } from "../../src/duty/turn.ts";
import { parsePlants } from "../../src/plants/parse-plants.ts";
import { toPlain } from "../../src/telegram/api/render.ts";
import { dutyView } from "../../src/telegram/duty/duty-views.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const person = (chatId: number) => ({ chatId, threadId: null, name: `P${chatId}` });

/** A watch over gaps as they are at each look, and what it told. */
function open(gaps: () => readonly RotaGap[], now: () => number) {
  const active = new Map<string, string>();
  const told: string[] = [];
  const watch = createGapWatch({
    duty: { gaps },
    troubles: async (topic) => [...active.keys()].map((id) => ({ id, topic })),
    async tell({ id, message }) {
      active.set(id, message);
      told.push(message);
    },
    async take(events) {
      for (const { message } of events) active.delete(message.replace("Over: ", ""));
    },
    timeZone: "UTC",
    now,
  });
  return { watch, active, told };
}

it("tells the admins of each gap in the rota a day before, once, and that it is over or filled", async () => {
  let now = 0;
  let turns = [
    { startAt: 0, endAt: 10 * HOUR, who: person(1) },
    { startAt: 40 * HOUR, endAt: 50 * HOUR, who: person(2) },
    { startAt: 60 * HOUR, endAt: 99 * HOUR, who: person(1) },
  ];
  const { watch, active, told } = open(
    () =>
      gapsOf(turns, 0, 99 * HOUR)
        .filter(({ endAt }) => endAt > now)
        .map((gap) => ({ ...gap, removed: null })),
    () => now,
  );
  for (; now < 39 * HOUR; now += HOUR) await watch.look();
  expect(told).toEqual([
    expect.stringContaining("from 1970-01-01 10:00 to 1970-01-02 16:00 (UTC)"),
    expect.stringContaining("from 1970-01-03 02:00 to 1970-01-03 12:00 (UTC)"),
  ]);
  now = 41 * HOUR;
  await watch.look();
  expect(active.size).toBe(1);
  turns = [...turns, { startAt: 50 * HOUR, endAt: 60 * HOUR, who: person(3) }];
  await watch.look();
  expect([active.size, told.length]).toEqual([0, 2]);
});

/** The rota of a plants file, and a watch over it; `removed` are those whose role was taken away. */
function openRota(duty: string, at: { now: number; readonly removed: Set<number> }, written?: readonly DutyTurn[]) {
  const plants = parsePlants(`chats: { anna: 21, ben: 22 }\nduty: ${duty}`, "plants.yaml");
  const rota = createRota({
    plants,
    changes: () => [],
    calendar: () =>
      written === undefined ? null : (from, to) => written.filter((one) => one.endAt > from && one.startAt < to),
    timeZone: "UTC",
    isRemoved: (userId) => at.removed.has(userId),
    now: () => at.now,
  });
  return { rota, ...open(rota.gaps, () => at.now) };
}

it("an alarm lasts as long as nobody is on duty, also where that is a month", async () => {
  const at = { now: 400 * DAY, removed: new Set<number>() };
  const ends = [
    { startAt: 399 * DAY, endAt: 402 * DAY, who: person(21) },
    { startAt: 432 * DAY, endAt: 440 * DAY, who: person(22) },
  ];
  const { watch, active, told } = openRota("{ calendar: rota.ics }", at, ends);
  for (; at.now <= 401 * DAY; at.now += HOUR) await watch.look();
  expect(active.size).toBe(0);
  for (; at.now < 432 * DAY; at.now += 6 * HOUR) {
    await watch.look();
    expect(active.size).toBe(1);
  }
  await watch.look();
  expect([active.size, told]).toEqual([0, [expect.stringContaining("from 1971-02-07 00:00 on (UTC). What")]]);
});

it("the turn of somebody who was removed is a gap, told by their name, and /duty says so", async () => {
  const at = { now: Date.UTC(2026, 10, 2, 5), removed: new Set([21]) };
  const week = "{ week: [{ from: '06:00', to: '18:00', who: anna }, { from: '18:00', to: '06:00', who: ben }] }";
  const { rota, watch, active, told } = openRota(week, at);
  await watch.look();
  expect(told).toEqual([
    expect.stringContaining("from 2026-11-02 06:00 to 2026-11-02 18:00 (UTC), as anna was removed."),
  ]);
  const said = () => toPlain(dutyView(rota, { timeZone: "UTC", now: at.now }));
  expect(said()).toContain("Mon 11-02 06:00 to 18:00: nobody, as anna was removed");
  // By now tomorrow's is told, too.
  at.now += 2 * HOUR;
  await watch.look();
  expect([active.size, rota.current(), rota.onDuty()]).toEqual([2, null, UNMANNED]);
  expect(said()).toContain("⚠️ Nobody is on duty, as anna was removed.");
  expect(rota.people().map(({ name }) => name)).toContain("anna");
  at.removed.clear();
  await watch.look();
  expect([active.size, rota.current()?.who.name]).toEqual([0, "anna"]);
});

it("somebody who has each turn and was removed leaves one alarm, until somebody is on duty", async () => {
  const at = { now: Date.UTC(2026, 10, 2, 5), removed: new Set([21]) };
  const { watch, active, told } = openRota("{ week: [{ from: '00:00', to: '24:00', who: anna }] }", at);
  for (const until = at.now + 20 * DAY; at.now < until; at.now += 5 * HOUR) {
    await watch.look();
    expect(active.size).toBe(1);
  }
  expect(told).toEqual([expect.stringContaining("from 2026-11-02 05:00 on (UTC), as anna was removed.")]);
});
