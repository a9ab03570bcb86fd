import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmRule } from "../../../src/alarms/lifecycle/alarm-rule.ts";
import type { Alarm } from "../../../src/alarms/types.ts";
import { NOW } from "../../support/alarms.ts";
import { NO_RULE, OneAlarm } from "../../support/one-alarm.ts";

const seconds = (min: number, max: number) => fc.integer({ min, max });
/** At the limits of the plant and of the rules, and around. */
const value = fc.constantFrom(null, 77, 79, 80, 81, 84, 85, 86, 90);
const rule = fc.record({
  delayMs: fc.option(seconds(1, 30).map((s) => s * 1_000)),
  hysteresis: fc.option(fc.constantFrom<NonNullable<AlarmRule["hysteresis"]>>({ share: 0.02 }, { by: 3 })),
  limit: fc.option(fc.constantFrom({ side: "above", value: 85 } as const, { side: "below", value: 84 } as const)),
  chatter: fc.option(
    fc.record({ count: seconds(1, 3), withinMs: fc.constant(60_000), quietMs: fc.constantFrom(30_000, 120_000) }),
  ),
});
/** How long before it came it happened by the plant's clock; `null`: that does not say. */
const report = (lateBy: fc.Arbitrary<number | null>) =>
  fc.record({
    state: fc.constantFrom("active", "active", "cleared", "cleared", "flapping", null),
    severity: fc.constantFrom("warning", "warning", "error", "critical", "purple"),
    value,
    after: seconds(0, 40),
    lateBy,
    isRetained: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
type Report = ReturnType<typeof report> extends fc.Arbitrary<infer Value> ? Value : never;
const inOrder = fc.array(report(fc.constant(null)), { minLength: 1, maxLength: 20 });
const inAnyOrder = fc.array(report(fc.option(seconds(0, 60))), { minLength: 1, maxLength: 20 });

/** Nothing but rules for single alarms calms anything down. */
const LOUD = { chatter: { count: 1_000, withinMs: 600_000 } };

/** Says it to each of them. `before`: the first one as it was until then; `null`: nothing was said of it yet. */
function* played(
  reports: readonly Report[],
  ...ones: [OneAlarm, ...OneAlarm[]]
): Generator<{ said: Report; at: number; before: Alarm | null }> {
  let at = 0;
  for (const said of reports) {
    at += said.after;
    const { state, severity, value: measured, lateBy, isRetained } = said;
    const more = {
      severity,
      limit: 80,
      ...(measured !== null && { value: measured }),
      ...(lateBy !== null && { timestamp: NOW + (at - lateBy) * 1_000 }),
    };
    const before = ones[0].pass(at).alarm;
    for (const one of ones) one.say(state, at, more, { isRetained });
    yield { said, at, before };
  }
}
const RUNS = { numRuns: 150 };

describe("whatever a rule says, and whatever comes", () => {
  it("nothing critical is held back, left out, or not heard for it", () => {
    fc.assert(
      fc.property(rule, inOrder, (given, reports) => {
        const [ruled, free] = [new OneAlarm(given, LOUD), new OneAlarm(null, LOUD)];
        for (const { said, at } of played(reports, ruled, free)) {
          if (said.severity !== "critical" || said.state === "cleared") continue;
          expect(ruled.kept).toMatchObject({ state: "active", peakSeverity: "critical", handling: { heldBack: null } });
          const heard = ({ rings }: OneAlarm) => rings.some(([when, why]) => when === at && why !== "wentUnseen");
          if (heard(free)) expect(heard(ruled)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("nothing that was not understood is held back", () => {
    fc.assert(
      fc.property(rule, inOrder, (given, reports) => {
        const ruled = new OneAlarm(given, LOUD);
        for (const { said } of played(reports, ruled)) {
          if (said.state === "cleared" || (said.state !== "flapping" && said.severity !== "purple")) continue;
          expect(ruled.kept).toMatchObject({ state: "active", handling: { heldBack: null, heldEnd: null } });
        }
      }),
      RUNS,
    );
  });

  it("nothing critical that comes late is not heard for it", () => {
    fc.assert(
      fc.property(rule, inAnyOrder, (given, reports) => {
        const [ruled, free] = [new OneAlarm(given, LOUD), new OneAlarm(null, LOUD)];
        for (const { said, at, before } of played(reports, ruled, free)) {
          if (said.severity !== "critical" || said.state === "cleared") continue;
          const heard = ({ rings }: OneAlarm) => rings.some(([when, why]) => when === at && why !== "wentUnseen");
          const isKnown =
            (before?.state === "active" && before.peakSeverity === "critical") ||
            before?.handling.lagging?.doubt === "critical";
          if (isKnown || !heard(free)) continue;
          expect(heard(ruled)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("nothing that was not understood vanishes without a word, whenever it comes", () => {
    fc.assert(
      fc.property(rule, inAnyOrder, (given, reports) => {
        const ruled = new OneAlarm(given, LOUD);
        for (const { said } of played(reports, ruled)) {
          const words = [said.state, said.severity].filter((word) => word === "flapping" || word === "purple");
          if (said.state === "cleared" || words.length === 0) continue;
          const { remark, late } = ruled.kept.handling;
          for (const word of words) expect([remark, late?.remark].join(" ")).toContain(word);
        }
      }),
      RUNS,
    );
  });

  it("what stays is told at the latest at its delay, and what is over ends", () => {
    fc.assert(
      fc.property(rule, inAnyOrder, (given, reports) => {
        const ruled = new OneAlarm(given, LOUD);
        const steps = [...played(reports, ruled)];
        const last = (steps.at(-1)?.at ?? 0) + 100;
        const staying = ruled.say("active", last, given.limit?.side === "below" ? { value: 70 } : { value: 99 });
        expect(staying.pass(last + (given.delayMs ?? 0) / 1_000).kept.state).toBe("active");
        // What was critical calms down by the rule for all.
        const quiet = LOUD.chatter.withinMs;
        const over = staying.say("cleared", last + 60, { value: 80, limit: 80 });
        expect(over.pass(last + 60 + quiet / 1_000).kept.state).toBe("cleared");
      }),
      RUNS,
    );
  });

  it("what says that it is active is told within an hour, whatever its value", () => {
    fc.assert(
      fc.property(rule, inAnyOrder, (given, reports) => {
        const ruled = new OneAlarm(given, LOUD);
        const last = ([...played(reports, ruled)].at(-1)?.at ?? 0) + 100;
        expect(ruled.say("active", last, { value: 84.5 }).pass(last + 3_600).kept.state).toBe("active");
      }),
      RUNS,
    );
  });

  it("what no rule takes, or one without effect, is as without rules", () => {
    const none = fc.constantFrom<Partial<AlarmRule>>(
      NO_RULE,
      { topics: ["elsewhere/#"], delayMs: 10_000, limit: { side: "above", value: 1_000 } },
      { messages: ["another"], hysteresis: { by: 1_000 }, chatter: { count: 1, withinMs: 60_000 } },
    );
    fc.assert(
      fc.property(none, inAnyOrder, (given, reports) => {
        const [ruled, free] = [new OneAlarm(given), new OneAlarm(null)];
        for (const _ of played(reports, ruled, free)) expect(ruled.kept).toEqual(free.kept);
        expect(ruled.rings).toEqual(free.rings);
      }),
      RUNS,
    );
  });
});
