import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../../src/alarms/lifecycle/lifecycle.ts";
import { createRuleFile } from "../../../src/plants/rule-file.ts";
import { toPlain } from "../../../src/telegram/api/render.ts";
import { RuleScreens, type RuleScreen } from "../../../src/telegram/quality/rule-screens.ts";
import { eventOf, TOPIC } from "../../support/alarms.ts";
import { RULES } from "../../support/rules.ts";

const ALARM = advance(null, eventOf({ message: "bearing hot 82 °C", source: "AMB", state: "active" }), 12, RULES);
const RULE = `  - topic: ${TOPIC}\n    source: AMB\n    message: bearing hot\n`;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-rule-screens-"));
  path = join(folder, "plants.yaml");
  writeFileSync(path, "quality: 7\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const screensOf = (file: string | null = path, isShared = false, found = ALARM): RuleScreens =>
  new RuleScreens({
    ruleFile: createRuleFile(file),
    plants: { alarms: [] },
    isShared,
    find: async (chatId, id) => (chatId === 1 && id === found.id ? found : null),
  });
/** What a button asks for. */
async function wished(screens: RuleScreens, code: string) {
  const wish = await screens.wishOf(1, "12", code);
  if (wish === null) throw new Error("it means nothing");
  return wish;
}
/** What a button below a screen has behind its kind. */
const pressed = ({ keyboard }: RuleScreen, label: string): readonly string[] => {
  const button = keyboard.flat().find(({ text }) => text === label);
  return button && "callback_data" in button ? button.callback_data.split(":") : [];
};
/** As people read it. */
const wordsOf = ({ text }: RuleScreen): string => toPlain(text).replaceAll("\u2060", "");

describe("the way to a rule", () => {
  it("asks once more where the file was changed meanwhile, and says so", async () => {
    const screens = screensOf();
    const wish = await wished(screens, "above_85.5");
    const [, , , mark = ""] = pressed(await screens.ask(wish), "Yes");
    writeFileSync(path, "quality: 8\n");
    const again = await screens.write(wish, mark);
    expect(again).toMatchObject({ words: "plants.yaml was changed meanwhile: look once more." });
    expect(wordsOf(again)).toMatch(/^Change plants\.yaml\?\n/);
    const [, , , newMark = ""] = pressed(again, "Yes");
    const done = await screens.write(wish, newMark);
    expect(readFileSync(path, "utf8")).toBe(`quality: 8\n\nalarms:\n${RULE}    above: 85.5\n`);
    expect(done.result).toBe(`written: topic: ${TOPIC}; source: AMB; message: bearing hot; above: 85.5`);
    expect(wordsOf(await screens.ask(wish))).toBe("That rule is in plants.yaml already.");
  });

  it("takes back a second remedy by itself, and says what there is where somebody changed the rule", async () => {
    const screens = screensOf();
    const write = async (code: string): Promise<RuleScreen> => {
      const wish = await wished(screens, code);
      return screens.write(wish, pressed(await screens.ask(wish), "Yes").at(-1) ?? "");
    };
    await write("delay");
    const before = readFileSync(path, "utf8");
    const [, , code = "", mark = ""] = pressed(await write("chatter"), "Take it back");
    expect(readFileSync(path, "utf8")).toBe(`${before}    chatter: {times: 3, within: 1m, quiet: 5m}\n`);
    const wish = await wished(screens, code);
    expect(wordsOf(await screens.takeBack(ALARM, wish.remedy, mark))).toContain("Taken back out of plants.yaml");
    expect(readFileSync(path, "utf8")).toBe(before);
    expect(wordsOf(await screens.takeBack(ALARM, null, mark))).toMatch(
      /^Not taken back: plants\.yaml has that rule in other words by now\. Change it there\.\n- topic: /,
    );
    writeFileSync(path, "");
    expect(wordsOf(await screens.takeBack(ALARM, null, mark))).toContain("has no rule for this alarm any more");
  });

  it("shows the lines to paste where there is no file to write, and says that another process has its own", async () => {
    const none = screensOf(null);
    expect(wordsOf(await none.ask(await wished(none, "hysteresis")))).toBe(
      `Not written. No plants file is set (PLANTS_FILE). Put it in by hand, where the file comes from: first of all rules, in the place of one for the same alarm.\nalarms:\n${RULE}    hysteresis: 2%`,
    );
    const shared = screensOf(path, true);
    expect(wordsOf(await shared.ask(await wished(shared, "delay")))).toContain(
      "A process that stands by reads a file of its own: change that, too.",
    );
  });

  it("says that a rule is for a whole topic where the alarm has no words by which it could be named", async () => {
    const all = "It is for all alarms of that topic";
    const bare = screensOf(path, false, { ...ALARM, message: "82.1 °C" });
    expect(wordsOf(await bare.ask(await wished(bare, "delay")))).toContain(all);
    const named = screensOf();
    expect(wordsOf(await named.ask(await wished(named, "delay")))).not.toContain(all);
  });

  it("knows no alarm that the chat may not see, nor what we never wrote", async () => {
    const screens = screensOf();
    expect(await screens.wishOf(2, "12", "delay")).toBeNull();
    for (const code of ["above_", "above_e", "between_5", "all", "above_1e999"])
      expect(await screens.wishOf(1, "12", code)).toBeNull();
  });
});
