import { describe, expect, it } from "vitest";
import { type AlarmRule, ruleOf, ruleWords } from "../../../src/alarms/lifecycle/alarm-rule.ts";

const RULE: AlarmRule = {
  topics: [],
  sources: [],
  messages: [],
  delayMs: 10_000,
  hysteresis: null,
  limit: null,
  chatter: null,
};
const HOT = { topic: "lut/AMB/warnings/pump-7", source: "AMB coil", message: "bearing too hot: 82.1 °C" };
const isTaken = (rule: Partial<AlarmRule>, alarm: Parameters<typeof ruleOf>[0] = HOT): boolean =>
  ruleOf(alarm, [{ ...RULE, ...rule }]) !== null;

describe("a rule takes an alarm", () => {
  it.each<[Partial<AlarmRule>, boolean]>([
    [{ topics: ["lut/#"] }, true],
    [{ topics: ["lut/+/warnings/pump-8", "lut/AMB/warnings/pump-7"] }, true],
    [{ topics: ["lut/AMB"] }, false],
    [{ sources: ["amb *"] }, true],
    [{ sources: ["coil"] }, false],
    [{ messages: ["bearing too hot"] }, true],
    [{ messages: ["Bearing *"] }, true],
    [{ messages: ["bearing"] }, false],
    [{ topics: ["lut/#"], sources: ["AMB coil"], messages: ["bearing too hot"] }, true],
    [{ topics: ["lut/#"], sources: ["pump"], messages: ["bearing too hot"] }, false],
  ])("by topic, source and words, all of those that it names: %j: %s", (rule, isIts) =>
    expect(isTaken(rule)).toBe(isIts),
  );

  it("by its words, whatever was measured", () => {
    expect(ruleWords("bearing too hot: 82.1 °C")).toBe(ruleWords("bearing too hot: 9 °C"));
    expect(ruleWords("Pump 3: speed 450 rpm below limit")).toBe("Pump 3: speed below limit");
  });

  it("that says no source only if its glob takes an empty one", () => {
    expect(isTaken({ sources: ["*"] }, { ...HOT, source: null })).toBe(true);
    expect(isTaken({ sources: ["A*"] }, { ...HOT, source: null })).toBe(false);
  });

  it("that comes from the limits of a field as well", () => {
    const limit = { topic: "$limits/field1", source: "Coil temperature", message: "Coil temperature above 80 °C" };
    expect(isTaken({ topics: ["$limits/#"] }, limit)).toBe(true);
    expect(isTaken({ topics: ["#"] }, limit)).toBe(false);
  });

  it("but none of our own, and no test alarm", () => {
    expect(isTaken({ messages: ["*"] }, { ...HOT, topic: "$valvomo", source: "Valvomo" })).toBe(false);
    expect(isTaken({ messages: ["*"] }, { ...HOT, source: "Valvomo drill" })).toBe(false);
  });

  it("as often as it is asked, whatever was asked of the same rules between", () => {
    const rules = [{ ...RULE, messages: ["pump 1 too hot"] }];
    for (let i = 0; i < 2_500; i++)
      expect(ruleOf({ ...HOT, message: `Pump ${i % 1_200} too hot` }, rules)).toBe(i % 1_200 === 1 ? rules[0] : null);
  });

  it("and the first that does counts", () => {
    const [first, second] = [
      { ...RULE, delayMs: 1 },
      { ...RULE, topics: ["lut/#"] },
    ];
    expect(ruleOf(HOT, [first, second])).toBe(first);
    expect(ruleOf(HOT, [{ ...first, topics: ["hall/#"] }, second])).toBe(second);
  });
});
