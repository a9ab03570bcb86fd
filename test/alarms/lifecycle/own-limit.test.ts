import { describe, expect, it } from "vitest";
import { isOverForNow } from "../../../src/alarms/lifecycle/chatter.ts";
import { dueAt } from "../../../src/alarms/lifecycle/elapse.ts";
import { NOW } from "../../support/alarms.ts";
import { OneAlarm } from "../../support/one-alarm.ts";
import { RULES } from "../../support/rules.ts";

const HOUR = 3_600;
/** The plant's limit is 80. */
const at = (value: number) => ({ value, limit: 80 });
const above = (value: number, more: ConstructorParameters<typeof OneAlarm>[0] = {}) =>
  new OneAlarm({ limit: { side: "above", value }, ...more });

describe("an alarm with another limit", () => {
  it("comes when its value passes that, and ends when it does not any more", () => {
    const one = above(85).say("active", 0, at(82)).say("active", 60, at(84)).say("active", 120, at(85.1));
    expect(one.rings).toEqual([[120, "first"]]);
    expect(one.kept).toMatchObject({ state: "active", startedAt: NOW + 120_000, value: 85.1, count: 1 });
    one.say("active", 180, at(83));
    expect(one.kept).toMatchObject({ state: "cleared", clearedAt: NOW + 180_000, value: 83 });
    expect(one.say("active", 240, at(90)).rings.at(-1)).toEqual([240, "returned"]);
  });

  it("does not come while its value does not pass that, and is counted", () => {
    const one = above(85).say("active", 0, at(82)).say("active", 60, at(84)).say("cleared", 120, at(79)).pass(HOUR);
    expect(one.rings).toEqual([]);
    expect(one.kept.handling.untold).toMatchObject({ within: 1, brief: 0 });
    const below = new OneAlarm({ limit: { side: "below", value: 10 } });
    expect(below.say("active", 0, { value: 12 }).rings).toEqual([]);
    expect(below.say("active", 9, { value: 9 }).rings).toEqual([[9, "first"]]);
  });

  it("comes when its value was not told again for an hour: it may be any by then", () => {
    const one = above(85).say("active", 0, at(82)).say("active", 60, at(83)).pass(HOUR);
    expect(one.rings).toEqual([]);
    expect(one.pass(HOUR + 60).rings).toEqual([[HOUR + 60, "first"]]);
    const ended = above(85).say("active", 0, at(90)).say("active", 60, at(83));
    expect(ended.pass(2 * HOUR).rings).toEqual([
      [0, "first"],
      [HOUR + 60, "returned"],
    ]);
  });

  it("comes at once when it says no value, is critical, or not understood", () => {
    expect(above(85).say("active", 0).rings).toEqual([[0, "first"]]);
    expect(above(85).say("active", 0, { ...at(82), severity: "critical" }).rings).toEqual([[0, "first"]]);
    expect(above(85).say("flapping", 0, at(82), { remark: null }).rings).toEqual([[0, "first"]]);
    const known = above(85)
      .say("active", 0, at(82))
      .say("active", 60, { ...at(84), severity: "critical" });
    expect(known.rings).toEqual([[60, "first"]]);
    expect(known.kept.startedAt).toBe(NOW + 60_000);
  });

  it("that was critical is over only when the plant says so", () => {
    const one = above(85)
      .say("active", 0, { ...at(90), severity: "critical" })
      .say("active", 60, at(82));
    expect(one.kept).toMatchObject({ state: "active", severity: "warning", peakSeverity: "critical" });
    expect(one.say("cleared", 70, at(79)).kept.state).toBe("cleared");
  });

  it("goes by the value of a text as well, of which nothing tells the end", () => {
    const one = above(85, { delayMs: 10_000 });
    const text = (value: number, seconds: number) => one.say(null, seconds, { message: "Hot", value });
    text(82, 0);
    expect(one.pass(2 * HOUR).rings).toEqual([]);
    expect(one.kept.handling.untold).toMatchObject({ within: 1 });
    expect(text(90, 3 * HOUR).rings).toEqual([[3 * HOUR, "first"]]);
    expect(text(84, 3 * HOUR + 60).kept).toMatchObject({ state: "cleared", isClearedByPlant: false });
    expect(one.kept.handling.untold).toMatchObject({ within: 1 });
  });

  it("has to pass it for as long as its delay", () => {
    const one = above(85, { delayMs: 10_000 }).say("active", 0, at(82)).say("active", 60, at(86)).pass(69);
    expect(one.rings).toEqual([]);
    one.say("active", 69, at(83)).say("active", 75, at(87)).pass(84);
    expect(one.rings).toEqual([]);
    expect(one.pass(85).rings).toEqual([[85, "first"]]);
    expect(one.kept.startedAt).toBe(NOW + 75_000);
  });
});

it("what chatters and does not pass its limit is held open until it calms down, and comes again an hour later", () => {
  const one = above(85, { chatter: { count: 1, withinMs: 60_000, quietMs: 7_200_000 } });
  one.say("active", 0, at(86)).say("active", 10, at(84)).say("active", 20, at(86)).say("active", 30, at(84));
  expect(one.kept).toMatchObject({ state: "active", handling: { chatter: { count: 2, clearedAt: NOW + 30_000 } } });
  expect(one.pass(7_229).kept).toMatchObject({ state: "active", occurrence: 2 });
  expect(one.pass(7_230).kept).toMatchObject({ state: "active", occurrence: 3, startedAt: NOW + 30_000 });
});

describe("an alarm with a hysteresis", () => {
  const near = (more: ConstructorParameters<typeof OneAlarm>[0] = {}) =>
    new OneAlarm({ hysteresis: { share: 0.02 }, ...more });

  it("is over only when its value came back so far from the plant's limit", () => {
    const one = near().say("active", 0, at(81)).say("cleared", 10, at(79.5));
    expect(one.kept).toMatchObject({ state: "active", value: 79.5, handling: { heldEnd: { at: NOW + 10_000 } } });
    expect(isOverForNow(one.kept)).toBe(true);
    one.say("active", 20, at(81)).say("cleared", 30, at(79)).say("active", 40, at(82));
    expect(one.rings).toEqual([[0, "first"]]);
    expect(one.kept.handling).toMatchObject({ heldEnd: null, untold: { hovering: 2 } });
    one.say("cleared", 50, at(78.4));
    expect(one.kept).toMatchObject({ state: "cleared", clearedAt: NOW + 50_000 });
    expect(new OneAlarm({ hysteresis: { by: 3 } }).say("active", 0, at(81)).say("cleared", 1, at(78)).kept.state).toBe(
      "active",
    );
  });

  it("is over by the plant's word when nothing more comes for as long as chatter takes to calm down", () => {
    const one = near().say("active", 0, at(81)).say("cleared", 10, at(79.5)).say("cleared", 400, at(79.6));
    expect(one.pass(609).kept.state).toBe("active");
    expect(one.pass(610).kept).toMatchObject({
      state: "cleared",
      clearedAt: NOW + 10_000,
      handling: { heldEnd: null },
    });
    const gone = near().say("active", 0, at(81)).say("cleared", 10, at(79.5));
    expect(dueAt(gone.kept, { ...gone.rules, single: [] })).toBe(NOW + 10_000);
    const quick = near({ chatter: { count: 3, withinMs: 60_000, quietMs: 120_000 } });
    expect(quick.say("active", 0, at(81)).say("cleared", 10, at(79.5)).pass(130).kept.state).toBe("cleared");
  });

  it("is over at once when it says no value, no limit is known, or it was critical", () => {
    const isOver = (raised: object, cleared: object) =>
      near().say("active", 0, raised).say("cleared", 9, cleared).kept.state === "cleared";
    expect(isOver(at(81), {})).toBe(true);
    expect(isOver({ value: 81 }, { value: 80 })).toBe(true);
    expect(isOver({ ...at(81), severity: "critical" }, at(79.9))).toBe(true);
    expect(isOver(at(81), at(79.9))).toBe(false);
    const unclear = near().say("active", 0, at(81)).say("cleared", 9, at(79.9), { remark: "Value “?”." });
    expect(unclear.kept.state).toBe("cleared");
  });

  it("is latched once its value came back so far", () => {
    const warning = { ...RULES.escalations.warning, isLatched: true };
    const escalations = { ...RULES.escalations, warning };
    const one = new OneAlarm({ hysteresis: { by: 5 } }, { escalations }).say("active", 0, at(81));
    expect(one.say("cleared", 10, at(79)).kept.handling).toMatchObject({ latchedAt: null });
    expect(one.say("cleared", 20, at(70)).kept.handling).toMatchObject({ latchedAt: NOW + 20_000, heldEnd: null });
  });

  it("is critical at once when it gets so while its end is held", () => {
    const one = near().say("active", 0, at(81)).say("cleared", 10, at(79.5));
    one.say("active", 20, { ...at(99), severity: "critical" });
    expect(one.rings.at(-1)).toEqual([20, "escalated"]);
  });

  it("goes by its rule's limit, where it has one", () => {
    const one = near({ limit: { side: "above", value: 100 } })
      .say("active", 0, at(101))
      .say("active", 10, at(99));
    expect(one.kept.state).toBe("active");
    expect(one.say("active", 20, at(98)).kept).toMatchObject({ state: "cleared", clearedAt: NOW + 20_000 });
  });
});

describe("an alarm with its own rule of chatter", () => {
  const TWICE = { count: 2, withinMs: 60_000, quietMs: 300_000 };
  const toggled = (severity: string, times: number) => {
    const one = new OneAlarm({ chatter: TWICE });
    for (let i = 0; i < times; i++) one.say("active", i * 10, { severity }).say("cleared", i * 10 + 5, { severity });
    return one;
  };

  it("is held open when it comes more often than that, until it was quiet for so long", () => {
    const one = toggled("warning", 5);
    expect(one.rings.map(([seconds]) => seconds)).toEqual([0, 10, 20]);
    expect(one.kept.handling.chatter).toMatchObject({ count: 5, isByRule: true });
    expect(dueAt(one.kept, one.rules)).toBe(NOW + 345_000);
    expect(one.pass(345).kept).toMatchObject({ state: "cleared", clearedAt: NOW + 45_000 });
  });

  it("is under the rule for all while it is critical", () => {
    expect(toggled("critical", 5).rings.filter(([, reason]) => reason !== "wentUnseen")).toHaveLength(5);
    const all = RULES.chatter.count + 1;
    expect(toggled("critical", 12).rings.filter(([, reason]) => reason !== "wentUnseen")).toHaveLength(all);
  });

  it("goes by it after it was critical, when it comes after its delay", () => {
    const one = new OneAlarm({ delayMs: 1_000, chatter: { count: 1, withinMs: 600_000 } });
    one.say("active", 0, { severity: "critical" }).say("cleared", 5).say("active", 10).pass(11);
    expect(one.kept.handling.chatter).toMatchObject({ isByRule: true });
  });

  it("rings for what gets critical, also when it was over for the moment, and each time that the rule for all lets it", () => {
    const one = toggled("warning", 4);
    expect(one.rings).toHaveLength(3);
    one.say("active", 40, { severity: "critical" }).say("cleared", 45).say("active", 50, { severity: "critical" });
    expect(one.rings.slice(3)).toEqual([
      [40, "returned"],
      [50, "returned"],
    ]);
  });
});
