import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ruleMark } from "../../src/plants/rule-edit.ts";
import type { AlarmRule } from "../../src/alarms/lifecycle/alarm-rule.ts";
import { createRuleFile, type RuleWish } from "../../src/plants/rule-file.ts";

const LINES = ["- topic: lut/pump-7", "  message: bearing hot", "  delay: 10s"];
const NAMES = { topics: ["lut/pump-7"], sources: [], messages: ["bearing hot"] };
const NOTHING = { delayMs: null, hysteresis: null, limit: null, chatter: null };
const ALARM = { topic: "lut/pump-7", source: null, message: "bearing hot" };
const wishOf = (remedy: Partial<AlarmRule>): RuleWish => ({
  alarm: ALARM,
  rule: { ...NAMES, ...NOTHING, ...remedy },
  remedy,
});
const WISH = wishOf({ delayMs: 10_000 });
const MARK = ruleMark(LINES);
const TEXT = "chats: { hall: -7 } # ours\nalarms:\n  # the press\n  - topic: lut/press\n    delay: 5s\n";
const NOBODY = 65_534;
const FORM =
  "I can add to the rules of plants.yaml only where nothing stands behind “alarms:”, and each rule begins with “- ” in a line of its own below it.";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "valvomo-rule-"));
  path = join(folder, "plants.yaml");
  writeFileSync(path, TEXT);
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (): string => readFileSync(path, "utf8");
const offered = async (wish = WISH): Promise<string> => {
  const offer = await createRuleFile(path).offer(wish);
  if (offer.kind !== "ready") throw new Error(JSON.stringify(offer));
  return offer.mark;
};

describe("a rule in the plants file", () => {
  it("is written in front of the others, with all else as it was, and taken out again without a trace", async () => {
    chmodSync(path, 0o640);
    const file = createRuleFile(path);
    expect(await file.add(WISH, await offered())).toMatchObject({ kind: "added", mark: MARK, isWhole: true });
    expect(text()).toBe(TEXT.replace("alarms:\n", `alarms:\n  ${LINES.join("\n  ")}\n`));
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["plants.yaml"]);
    expect(await file.offer(WISH)).toEqual({ kind: "there" });
    expect(await file.takeBack(MARK, null)).toMatchObject({ kind: "removed" });
    expect(text()).toBe(TEXT);
  });

  it("grows by a second remedy for the same alarm, which is taken out by itself", async () => {
    const file = createRuleFile(path);
    await file.add(WISH, await offered());
    const before = text();
    const second = { hysteresis: { share: 0.02 } };
    const added = await file.add(wishOf(second), await offered(wishOf(second)));
    expect(added).toMatchObject({ kind: "added", isWhole: false });
    expect(text()).toBe(before.replace("delay: 10s\n", "delay: 10s\n    hysteresis: 2%\n"));
    expect(await file.takeBack(added.kind === "added" ? added.mark : "", second)).toMatchObject({ kind: "removed" });
    expect(text()).toBe(before);
  });

  it("is not written into a file that is another by now, nor twice where two say yes at once", async () => {
    const mark = await offered();
    const file = createRuleFile(path);
    const both = await Promise.all([file.add(WISH, mark), file.add(WISH, mark)]);
    expect(both.map(({ kind }) => kind)).toEqual(["added", "changed"]);
    expect(text().split("bearing hot")).toHaveLength(2);
    writeFileSync(path, `${TEXT}shifts: ['06:00']\n`);
    expect(await file.add(WISH, mark)).toEqual({ kind: "changed" });
    expect(await file.add(wishOf({ delayMs: 20_000 }), await offered())).toEqual({ kind: "changed" });
  });

  it("is not taken back in other words than it was written in: what there is, is told", async () => {
    const file = createRuleFile(path);
    await file.add(WISH, await offered());
    writeFileSync(path, text().replace("10s", "20s"));
    expect(await file.takeBack(MARK, null)).toEqual({
      kind: "gone",
      others: [
        ["- topic: lut/pump-7", "  message: bearing hot", "  delay: 20s"],
        ["- topic: lut/press", "  delay: 5s"],
      ],
    });
  });

  it.each<[string, () => string | null, string, RuleWish?]>([
    ["no file is set", () => null, "No plants file is set (PLANTS_FILE)."],
    [
      "it is a link, as Kubernetes mounts it",
      () => {
        symlinkSync(path, join(folder, "linked.yaml"));
        return join(folder, "linked.yaml");
      },
      "linked.yaml is a link, as where a container mounts it.",
    ],
    ["there is none", () => join(folder, "none.yaml"), "none.yaml cannot be written from here (ENOENT)."],
    [
      "it has a fault",
      () => {
        writeFileSync(path, "routes: 7\n");
        return path;
      },
      "plants.yaml has a fault: plants.yaml line 1: routes: must be a list.",
    ],
    [
      "its text is longer than a rule takes",
      () => path,
      "That would not be a rule: plants.yaml line 3: alarms › 1 › topic: must be a text of 1 to 200 characters; numbers need quotes.",
      wishOf({ topics: ["x".repeat(201)], delayMs: 1_000 }),
    ],
    [
      "its rules are in brackets",
      () => {
        writeFileSync(path, "alarms: [{ topic: lut/press, delay: 5s }]\n");
        return path;
      },
      FORM,
    ],
    [
      "its list is written as empty",
      () => {
        writeFileSync(path, "chats: { hall: -7 }\nalarms: ~\n");
        return path;
      },
      FORM,
    ],
    [
      "the file would be larger than is read",
      () => {
        writeFileSync(path, `#${"x".repeat(127_950)}\n`);
        return path;
      },
      "plants.yaml would be larger than 128 kB.",
    ],
    [
      "a rule before its own takes the alarm, so that it would never count",
      () => {
        writeFileSync(path, `alarms:\n  - topic: lut/#\n    delay: 5s\n  ${LINES.join("\n  ")}\n`);
        return path;
      },
      "In plants.yaml another rule that takes this alarm stands before its own.",
      wishOf({ hysteresis: { share: 0.02 } }),
    ],
  ])("is left to people where %s", async (_, prepare, why, wish = WISH) => {
    const file = createRuleFile(prepare());
    const before = existsSync(path) && text();
    expect(await file.offer(wish)).toEqual({ kind: "by hand", why });
    expect((await file.add(wish, "12345678")).kind).not.toBe("added");
    expect(existsSync(path) && text()).toBe(before);
  });

  it("is left to people where the folder takes no file, and the old one stays whole", async () => {
    const mark = await offered();
    mkdirSync(`${path}.valvomo-new`);
    expect(await createRuleFile(path).add(WISH, mark)).toEqual({
      kind: "by hand",
      why: "plants.yaml cannot be written from here (EISDIR).",
    });
    expect(text()).toBe(TEXT);
  });

  // Root may give a file to anybody; who acts for another may not.
  it.skipIf(process.getuid?.() !== 0)("is left to people where its owner cannot be kept", async () => {
    const mark = await offered();
    chmodSync(folder, 0o777);
    chmodSync(path, 0o666);
    process.seteuid?.(NOBODY);
    try {
      expect(await createRuleFile(path).add(WISH, mark)).toEqual({
        kind: "by hand",
        why: "plants.yaml cannot be written from here (EPERM).",
      });
    } finally {
      process.seteuid?.(0);
    }
    expect([text(), statSync(path).uid, readdirSync(folder)]).toEqual([TEXT, 0, ["plants.yaml"]]);
  });

  it("is not taken back where something else would be another then", async () => {
    // As it ends, so many line breaks has the text of its last key.
    writeFileSync(path, "routes:\n  - to: -7\n    source: |+\n      AMB\n\n");
    await createRuleFile(path).add(WISH, await offered());
    const before = text();
    expect(await createRuleFile(path).takeBack(MARK, null)).toEqual({
      kind: "by hand",
      why: "Something else in plants.yaml would be another then.",
    });
    expect(text()).toBe(before);
  });

  it("is written past a link and a draft of somebody's, and not into what they are", async () => {
    const [other, draft] = [join(folder, "other"), `${path}.new`];
    writeFileSync(other, "theirs");
    writeFileSync(draft, "a draft");
    symlinkSync(other, `${path}.valvomo-new`);
    expect(await createRuleFile(path).add(WISH, await offered())).toMatchObject({ kind: "added" });
    expect([readFileSync(other, "utf8"), readFileSync(draft, "utf8")]).toEqual(["theirs", "a draft"]);
    expect(readdirSync(folder).toSorted()).toEqual(["other", "plants.yaml", "plants.yaml.new"]);
    expect(lstatSync(path).isFile()).toBe(true);
  });
});
