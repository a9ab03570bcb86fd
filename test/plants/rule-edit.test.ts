import { describe, expect, it } from "vitest";
import {
  ruleBlocks,
  diffOf,
  edited,
  keysAdded,
  keysRemoved,
  ruleAdded,
  ruleMark,
  ruleRemoved,
} from "../../src/plants/rule-edit.ts";

const RULE = ["- topic: lut/pump-7", "  message: bearing hot", "  delay: 10s"];

const withRule = (text: string): string => {
  const edit = ruleAdded(text, RULE);
  if (edit === null) throw new Error("it cannot be added");
  return edited(edit);
};
/** The rule as it stands in a text; one that was written in other words is not it. */
const blockIn = (text: string) => ruleBlocks(text).find(({ mark }) => mark === ruleMark(RULE));
const withoutRule = (text: string) => {
  const block = blockIn(text);
  return block ? ruleRemoved(text, block) : null;
};
const signed = (edit: Parameters<typeof diffOf>[0] | null): readonly string[] =>
  edit === null ? [] : diffOf(edit).map(({ sign, text }) => `${sign}${text}`);

describe("a rule put into the text of a plants file", () => {
  it("stands before the others, as the first counts, and leaves comments with what they are about", () => {
    const text =
      "alarms: # by hand\n    # the pumps\n    - topic: a/#\n      delay: 5s # as agreed\n\nshifts: ['06:00']\n";
    expect(withRule(text)).toBe(
      "alarms: # by hand\n    - topic: lut/pump-7\n      message: bearing hot\n      delay: 10s\n    # the pumps\n    - topic: a/#\n      delay: 5s # as agreed\n\nshifts: ['06:00']\n",
    );
  });

  it.each([
    ["", "alarms:\n  - topic: lut/pump-7\n  message"],
    ["# nothing yet\n", "# nothing yet\n\nalarms:\n"],
    ["shifts: ['06:00']", "shifts: ['06:00']\n\nalarms:\n"],
    ["alarms:\nshifts: ['06:00']\n", "alarms:\n  - topic: lut/pump-7\n    message"],
    ["alarms:\n- topic: a\n", "alarms:\n- topic: lut/pump-7\n  message"],
    ["a: 1\r\nalarms:\r\n  - topic: a\r\n", "a: 1\r\nalarms:\r\n  - topic: lut/pump-7\r\n    message: bearing hot\r\n"],
  ])("finds its place in %j, and is taken out again without a trace", (text, start) => {
    const after = withRule(text);
    expect(after.startsWith(start) || text === "").toBe(true);
    const removal = withoutRule(after);
    expect(removal && edited(removal)).toBe(text === "alarms:\nshifts: ['06:00']\n" ? "shifts: ['06:00']\n" : text);
  });

  it.each(["alarms: []\n", "alarms: [{ topic: a, delay: 5s }]\n", "alarms: 7\n"])("cannot be added to %j", (text) =>
    expect(ruleAdded(text, RULE)).toBeNull(),
  );

  it("is shown with a line or two around it, of which only rules are shown in full", () => {
    const text = "channels:\n  - channel: 9\n    writeKey: ABCDEFGHIJKLMNOP\n  # password\n";
    expect(signed(ruleAdded(text, RULE))).toEqual([
      "     writeKey: …",
      "   …",
      "+",
      "+alarms:",
      "+  - topic: lut/pump-7",
      "+    message: bearing hot",
      "+    delay: 10s",
    ]);
    expect(signed(ruleAdded(`quality: hall\nalarms:\n  - topic: a\n    delay: 5s\n`, RULE.slice(0, 1)))).toEqual([
      " quality: …",
      " alarms:",
      "+  - topic: lut/pump-7",
      "   - topic: a",
      "     delay: 5s",
    ]);
  });

  it("is taken out only as it was written, wherever it stands by then", () => {
    const text = withRule("alarms:\n  - topic: a\n    delay: 5s\n");
    const moved = `# new\n${text}`;
    expect(signed(withoutRule(moved))).toEqual([
      " …",
      " alarms:",
      "-  - topic: lut/pump-7",
      "-    message: bearing hot",
      "-    delay: 10s",
      "   - topic: a",
      "     delay: 5s",
    ]);
    const changed = text.replace("10s", "20s");
    expect(blockIn(changed)).toBeUndefined();
    expect(ruleBlocks(changed).map((block) => block.text.at(-1))).toEqual(["  delay: 20s", "  delay: 5s"]);
  });

  it("may grow by a line behind those that it has, which is taken out again as long as it is the last", () => {
    const text = "alarms:\n  - topic: a\n    delay: 5s # as agreed\n  - topic: b\n    delay: 5s\n";
    const edit = keysAdded(text, 0, ["hysteresis: 2%"]);
    expect(signed(edit)).toEqual([
      "   - topic: a",
      "     delay: 5s # as agreed",
      "+    hysteresis: 2%",
      "   - topic: b",
      "     delay: 5s",
    ]);
    const after = edit ? edited(edit) : "";
    const [block] = ruleBlocks(after);
    const removal = block ? keysRemoved(after, block, ["hysteresis: 2%"]) : null;
    expect(removal && edited(removal)).toBe(text);
    expect(block && keysRemoved(after, block, ["delay: 5s"])).toBeNull();
    expect(keysAdded(text, 2, ["hysteresis: 2%"])).toBeNull();
  });
});
