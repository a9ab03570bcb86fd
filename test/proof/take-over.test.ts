import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { hasMosquitto } from "../support/mosquitto.ts";
import { askPostgres, hasPostgres } from "../support/postgres.ts";
import { openTrio, type Member, type Trio } from "../support/trio.ts";
import { ADMIN } from "../support/world.ts";

const TIMES = 20;
const TAKE_OVER_MS = 5_000;
const FROZEN_MS = 6_000;
const ANSWER_MS = 25;
/**
 * Each second: so many new alarms, which a chat can be told one by one by whoever is active for half of the time on a busy machine, and
 * events of one that lasts.
 */
const [NEW, MORE] = [2, 198];
const STEP_MS = 500;
const ALL_TOLD_MS = 200_000;

interface Ending {
  readonly name: string;
  readonly begin: (member: Member) => Promise<void>;
  /** To be called once another has taken over: after it the member is ready to be started anew. */
  readonly end: (member: Member, begunAt: number) => Promise<void>;
}

/** It finds itself replaced, and ends. */
async function untilEnded({ app }: Member): Promise<void> {
  expect(await app.ended()).toBeNull();
  expect(app.errors()).toBe("Valvomo ends: another process has taken over.\n");
}

const ENDINGS: readonly Ending[] = [
  { name: "killed", begin: ({ app }) => app.kill(), end: async () => undefined },
  {
    name: "frozen",
    begin: async ({ app }) => app.freeze(),
    async end(member, begunAt) {
      await delay(begunAt + FROZEN_MS - performance.now());
      member.app.thaw();
      await untilEnded(member);
    },
  },
  {
    name: "cut off",
    begin: async (member) => member.cutOff(),
    async end(member) {
      member.mendLinks();
      await untilEnded(member);
    },
  },
];

/** A plant that warns without end; `stop` tells how many it has said. */
function startPlant({ world }: Trio): { stop(): Promise<{ readonly machines: number; readonly events: number }> } {
  let [machines, events, isOn] = [0, 0, true];
  onTestFinished(() => {
    isOn = false;
  });
  const warn = (id: string, message: string): Promise<void> => {
    events += 1;
    return world.warn({ id, message, value: events, timestamp: Date.now() });
  };
  const running = (async () => {
    const sent: Promise<void>[] = [];
    for (let step = 0; isOn; step += 1) {
      for (let i = 0; i < (MORE * STEP_MS) / 1_000; i += 1) sent.push(warn("pump", "The pump vibrates."));
      for (let i = 0; i < (NEW * STEP_MS) / 1_000; i += 1)
        sent.push(warn(`machine-${machines}`, `Machine ${machines++} stopped.`));
      await delay(STEP_MS);
    }
    await Promise.all(sent);
  })();
  return {
    async stop() {
      isOn = false;
      await running;
      return { machines, events };
    },
  };
}

const told = ({ world }: Trio): string[] =>
  world.telegram.messages(ADMIN).flatMap(({ text }) => /Machine \d+(?= stopped)/.exec(text)?.[0] ?? []);

/** How many alarms the chat's boards say that they stand for. */
const onBoards = ({ world }: Trio): number =>
  world.telegram.messages(ADMIN).reduce((sum, { text }) => sum + Number(/^(\d+) alarms: /m.exec(text)?.[1] ?? 0), 0);

/**
 * Those that no message of the chat stands for. A card each is the rule; where the machine is so busy that cards wait for two minutes,
 * what waited stands on a board.
 */
async function untold(trio: Trio, machines: number): Promise<readonly string[]> {
  const shown = new Set(told(trio));
  const messages = new Set(trio.world.telegram.messages(ADMIN).map(({ messageId }) => messageId));
  const members = `SELECT message, message_of_board FROM (
      SELECT alarms.message, boards.message_id AS message_of_board FROM cards
      JOIN alarms ON alarms.id = cards.alarm_id JOIN boards ON boards.id = cards.board_id
    ) AS members WHERE message_of_board IS NOT NULL`;
  for (const row of await askPostgres(trio.databaseUrl, members))
    if (messages.has(Number(row["message_of_board"]))) shown.add(String(row["message"]).replace(" stopped.", ""));
  return Array.from({ length: machines }, (_, i) => `Machine ${i}`).filter((name) => !shown.has(name));
}

describe.skipIf(!hasMosquitto || !hasPostgres)(
  "of three processes whose clocks are hours apart, with 200 events a second, the active one",
  () => {
    it.each(ENDINGS)(
      "$name twenty times: another takes over, nothing is lost, at most one is told twice a time, and no two ever act",
      async ({ begin, end }) => {
        const trio = await openTrio({ answerMs: ANSWER_MS });
        const plant = startPlant(trio);
        const waits = fc.sample(fc.integer({ min: 0, max: 1_000 }), { numRuns: TIMES, seed: 12 });
        const [took, toldAt] = [[] as number[], [] as number[]];
        for (const waitMs of waits) {
          await delay(waitMs);
          const member = trio.active();
          toldAt.push(told(trio).length);
          const begunAt = performance.now();
          await begin(member);
          took.push((await trio.untilAnotherActs(member)) - begunAt);
          await end(member, begunAt);
          await member.start("standby");
          await trio.untilStandbys(2);
        }
        const { machines, events } = await plant.stop();

        await trio.world.telegram
          .waitFor(() => new Set(told(trio)).size + onBoards(trio) >= machines, ALL_TOLD_MS)
          .catch(() => undefined);
        expect(await untold(trio, machines)).toEqual([]);
        expect(trio.overlaps).toEqual([]);
        const stored = "SELECT COUNT(*) AS n FROM events WHERE topic NOT LIKE '$valvomo%'";
        expect(Number((await askPostgres(trio.databaseUrl, stored))[0]?.["n"])).toBe(events);
        const all = told(trio);
        const repeats = [...toldAt.keys()].map((i) => {
          const before = new Set(all.slice(0, toldAt[i]));
          const [from, to] = [toldAt[i] ?? 0, toldAt[i + 1] ?? all.length];
          return all.slice(from, to).filter((name, at) => before.has(name) || all.indexOf(name, from) < from + at)
            .length;
        });
        expect(Math.max(...repeats)).toBeLessThanOrEqual(1);
        const sorted = took.toSorted((a, b) => a - b);
        const [p50, max] = [sorted[TIMES / 2] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
        const repeated = repeats.filter((count) => count > 0).length;
        process.stdout.write(
          `take-over: p50 ${Math.round(p50)} ms, at most ${Math.round(max)} ms; ${events} events, none lost, ${repeated} of ${TIMES} times one told twice\n`,
        );
        expect(max).toBeLessThan(TAKE_OVER_MS);
      },
    );
  },
);
