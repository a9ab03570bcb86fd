import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RepeatRule } from "../../src/alarms/lifecycle/repeating.ts";
import type { Severity } from "../../src/alarms/types.ts";
import type { FloodRate } from "../../src/dispatch/assign-to-board.ts";
import type { Database } from "../../src/store/sql/database.ts";
import { openEmptiedPostgres } from "../support/databases.ts";
import type { Fault } from "../support/memory-chat.ts";
import { disagreements, inexactRings, unheardRings } from "../support/model-checks.ts";
import { CHATS, NEXT_CHAT, openRoom, type RoomSettings } from "../support/model-room.ts";
import type { Command, Step } from "../support/model-commands.ts";
import { NO_RULE } from "../support/one-alarm.ts";
import { hasPostgres } from "../support/postgres.ts";
import { createTrial } from "../support/model-trial.ts";

/** More by hand: `PROOF_RUNS=5000`. */
const RUNS = Number(process.env.PROOF_RUNS ?? 100);
const TIMEOUT_MS = Math.max(120_000, RUNS * 600);
/** Without the bias towards few and small: what goes wrong needs many things to happen. */
const RUNS_EACH = { numRuns: RUNS, noBias: true };
const MINUTE = 60_000;

const alarm = fc.integer({ min: 0, max: 2 });
const chatId = fc.constantFrom(...CHATS, NEXT_CHAT);
const severity = fc.constantFrom<Severity>("info", "warning", "error", "critical");

const reportOf = (which: fc.Arbitrary<number>) =>
  fc.oneof(
    fc.record({ does: fc.constantFrom("raise" as const, "mention" as const), alarm: which, severity }),
    fc.record({ does: fc.constantFrom("worsen" as const, "clear" as const, "inform" as const), alarm: which }),
  );
/** A batch of any size; each alarm has a word at most, as its chats are told once of all that a batch says; no more alarms than one page of a board lists. */
const atOnce = fc.record({
  does: fc.constant("atOnce" as const),
  reports: fc.uniqueArray(reportOf(fc.integer({ min: 0, max: 5 })), {
    selector: (report) => report.alarm,
    minLength: 1,
    maxLength: 6,
    size: "max",
  }),
});
const plant = fc.oneof(
  { arbitrary: reportOf(alarm), weight: 3 },
  { arbitrary: atOnce, weight: 1 },
  { arbitrary: fc.record({ does: fc.constant("flash" as const), alarm, severity }), weight: 1 },
  {
    arbitrary: fc.record({
      does: fc.constant("lag" as const),
      alarm,
      severity,
      isClear: fc.boolean(),
      byMs: fc.constantFrom(1, 10 * MINUTE),
    }),
    weight: 1,
  },
);
const people = fc.oneof(
  fc.record({
    does: fc.constantFrom(
      "acknowledge" as const,
      "takeBack" as const,
      "reset" as const,
      "unshelve" as const,
      "note" as const,
    ),
    alarm,
    chatId,
  }),
  fc.record({
    does: fc.constant("shelve" as const),
    alarm,
    chatId,
    forMs: fc.constantFrom(30 * MINUTE, null),
  }),
  fc.record({ does: fc.constant("takeBoard" as const), chatId }),
);
const time = fc.record({
  does: fc.constant("pass" as const),
  times: fc.integer({ min: 1, max: 4 }),
  eachMs: fc.constantFrom(2_000, MINUTE, 6 * MINUTE, 20 * MINUTE, 90 * MINUTE, 25 * 60 * MINUTE),
});
const fault = fc.oneof(
  fc.record({ kind: fc.constantFrom("unavailable" as const, "crash" as const), isApplied: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom<Exclude<Fault["kind"], "unavailable" | "crash">>(
      "limited",
      "unreachable",
      "closed",
      "refused",
      "markup",
      "tooLong",
    ),
  }),
) satisfies fc.Arbitrary<Fault>;
const trouble = fc.oneof(
  fc.record({ does: fc.constant("fail" as const), faults: fc.array(fault, { minLength: 1, maxLength: 3 }) }),
  fc.record({ does: fc.constant("goAway" as const), isAway: fc.boolean() }),
  fc.record({ does: fc.constant("remove" as const), alarm, chatId }),
  fc.record({ does: fc.constant("restart" as const) }),
);

const steps = (command: fc.Arbitrary<Command>, isRushed: fc.Arbitrary<boolean>): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ command, isRushed }), { minLength: 1, maxLength: 40, size: "max" });
const settings = fc.record({
  floodRate: fc.constantFrom<FloodRate | null>(null, { count: 1, withinMs: 10 * MINUTE }),
  hasQuietHours: fc.boolean(),
  hasLatch: fc.boolean(),
  needsTwo: fc.boolean(),
  repeating: fc.constantFrom<RepeatRule>(null, { count: 1, withinMs: 60 * MINUTE }),
});

/** What this test found once, as small as it could be made. */
const FOUND: [RoomSettings, Step[]][] = [
  // A card that came while the one before was still to say that the alarm went on.
  [
    { floodRate: null, hasQuietHours: false, hasLatch: false, needsTwo: false, repeating: null },
    [
      { command: { does: "raise", alarm: 0, severity: "warning" }, isRushed: false },
      { command: { does: "raise", alarm: 0, severity: "error" }, isRushed: true },
      { command: { does: "raise", alarm: 0, severity: "critical" }, isRushed: false },
    ],
  ],
  // A return that was not told yet, and is over, was taken for the reminder that came after it.
  [
    { floodRate: null, hasQuietHours: false, hasLatch: false, needsTwo: false, repeating: null },
    [
      { command: { does: "raise", alarm: 0, severity: "error" }, isRushed: false },
      { command: { does: "clear", alarm: 0 }, isRushed: false },
      { command: { does: "goAway", isAway: true }, isRushed: false },
      { command: { does: "raise", alarm: 0, severity: "error" }, isRushed: false },
      { command: { does: "pass", times: 1, eachMs: 20 * MINUTE }, isRushed: false },
      { command: { does: "clear", alarm: 0 }, isRushed: false },
    ],
  ],
  // So was a rise that was not told yet in one chat, and taken in another.
  [
    { floodRate: null, hasQuietHours: true, hasLatch: false, needsTwo: false, repeating: null },
    [
      { command: { does: "raise", alarm: 0, severity: "warning" }, isRushed: false },
      { command: { does: "pass", times: 1, eachMs: 90 * MINUTE }, isRushed: false },
      { command: { does: "goAway", isAway: true }, isRushed: false },
      { command: { does: "raise", alarm: 0, severity: "error" }, isRushed: false },
      { command: { does: "pass", times: 1, eachMs: 20 * MINUTE }, isRushed: false },
      { command: { does: "takeBoard", chatId: CHATS[0] }, isRushed: false },
    ],
  ],
  // A board took what came to it, passed on, after it was shown: no event had come since.
  [
    {
      floodRate: { count: 1, withinMs: 10 * MINUTE },
      hasQuietHours: false,
      hasLatch: false,
      needsTwo: false,
      repeating: null,
    },
    [
      { command: { does: "raise", alarm: 1, severity: "error" }, isRushed: false },
      { command: { does: "raise", alarm: 0, severity: "error" }, isRushed: false },
      { command: { does: "pass", times: 2, eachMs: 1_500 * MINUTE }, isRushed: true },
      { command: { does: "pass", times: 1, eachMs: 2_000 }, isRushed: false },
      { command: { does: "takeBoard", chatId: NEXT_CHAT }, isRushed: false },
    ],
  ],
];

describe("what the chats show in the end is what a simple model says", { timeout: TIMEOUT_MS }, () => {
  it("and each ring is heard exactly once, while nothing fails", async () => {
    const command = fc.oneof(
      { arbitrary: plant, weight: 4 },
      { arbitrary: people, weight: 3 },
      { arbitrary: time, weight: 3 },
    );
    await fc.assert(
      fc.asyncProperty(settings, steps(command, fc.constant(false)), async (room, script) => {
        await using trial = await createTrial(room);
        await trial.play(script);
        await trial.calmDown();
        expect([...(await disagreements(trial)), ...(await inexactRings(trial))]).toEqual([]);
      }),
      RUNS_EACH,
    );
  });

  const anything = fc.oneof(
    { arbitrary: plant, weight: 4 },
    { arbitrary: people, weight: 3 },
    { arbitrary: time, weight: 2 },
    { arbitrary: trouble, weight: 3 },
  );
  const whateverFails = (open?: () => Promise<Database>) =>
    fc.asyncProperty(settings, steps(anything, fc.boolean()), async (room, script) => {
      await using trial = await createTrial(room, open);
      await trial.play(script);
      await trial.calmDown();
      expect([...(await disagreements(trial)), ...(await unheardRings(trial))]).toEqual([]);
    });

  it("whatever fails, whenever the program dies, however much comes at once", async () => {
    await expect(fc.assert(whateverFails(), { ...RUNS_EACH, examples: FOUND })).resolves.toBeUndefined();
  });

  it.skipIf(!hasPostgres)("also on PostgreSQL", async () => {
    const { open, close } = await openEmptiedPostgres();
    onTestFinished(close);
    const runs = { ...RUNS_EACH, numRuns: Math.ceil(RUNS / 4), examples: FOUND };
    await expect(fc.assert(whateverFails(open), runs)).resolves.toBeUndefined();
  });

  it("and what has a delay is told once it has stood for that, whenever the program dies", async () => {
    const toggle = fc.record({ gapSeconds: fc.integer({ min: 1, max: 40 }), isKilled: fc.boolean() });
    const toggles = fc.array(toggle, { minLength: 1, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(toggles, async (steps) => {
        const delayMs = 20_000;
        await using room = await openRoom({
          floodRate: null,
          hasQuietHours: false,
          hasLatch: false,
          needsTwo: false,
          repeating: null,
          single: [{ ...NO_RULE, delayMs }],
        });
        const { clock, chat } = room;
        let [isActive, isTold, rings, activeAt] = [false, false, 0, 0];

        async function pass(ms: number): Promise<void> {
          clock.advance(ms);
          if (isActive && !isTold && clock.now() - activeAt >= delayMs) [isTold, rings] = [true, rings + 1];
          await room.elapse();
          await room.idle();
        }

        for (const { gapSeconds, isKilled } of steps) {
          isActive = !isActive;
          [isTold, activeAt] = [false, clock.now()];
          await room.report(0, { severity: "warning", state: isActive ? "active" : "cleared" });
          if (isKilled) await room.restart();
          await pass(gapSeconds * 1_000);
        }
        await pass(delayMs);

        for (const chatId of CHATS) {
          expect(chat.rings.filter((ring) => ring.chatId === chatId)).toHaveLength(rings);
          const cards = [...chat.messages.values()].filter((one) => one.kind === "card" && one.chatId === chatId);
          const state = isTold ? "active" : "cleared";
          expect(cards.map(({ alarms }) => alarms[0]?.state)).toEqual(rings === 0 ? [] : [state]);
        }
      }),
      RUNS_EACH,
    );
  });

  it("and what chatters is held open, rings no more, and ends as the plant said", async () => {
    const toggles = fc.array(fc.integer({ min: 1, max: 240 }), { minLength: 1, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(toggles, async (gapsSeconds) => {
        const rule = { count: 3, withinMs: 10 * MINUTE };
        await using room = await openRoom({
          floodRate: null,
          hasQuietHours: false,
          hasLatch: false,
          needsTwo: false,
          repeating: null,
          chatter: rule,
        });
        const { clock, chat } = room;
        let isActive = false;
        let starts: number[] = [];
        let lastChangeAt = 0;
        let isHeld = false;
        let rings = 0;

        async function pass(ms: number): Promise<void> {
          clock.advance(ms);
          if (clock.now() - lastChangeAt >= rule.withinMs) isHeld = false;
          await room.elapse();
          await room.idle();
        }

        for (const gap of gapsSeconds) {
          isActive = !isActive;
          lastChangeAt = clock.now();
          if (isActive && !isHeld) {
            rings++;
            starts = [...starts.filter((at) => clock.now() - at < rule.withinMs), clock.now()];
            isHeld = starts.length > rule.count;
          }
          await room.report(0, { severity: "warning", state: isActive ? "active" : "cleared" });
          await pass(gap * 1_000);
        }
        for (let i = 0; i < 11; i++) await pass(MINUTE);

        for (const chatId of CHATS) {
          expect(chat.rings.filter((ring) => ring.chatId === chatId)).toHaveLength(rings);
          const cards = [...chat.messages.values()].filter((one) => one.kind === "card" && one.chatId === chatId);
          expect(cards.map(({ alarms }) => alarms[0]?.state)).toEqual([isActive ? "active" : "cleared"]);
        }
      }),
      RUNS_EACH,
    );
  });
});
