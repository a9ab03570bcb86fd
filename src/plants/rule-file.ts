import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type AlarmRule, ruleOf } from "../alarms/lifecycle/alarm-rule.ts";
import type { Alarm } from "../alarms/types.ts";
import { ConfigError, systemCodeOf } from "../lib/errors.ts";
import { createOneAtATime } from "../lib/one-at-a-time.ts";
import { replaceText } from "../lib/replace-text.ts";
import { MAX_PLANTS_BYTES, readPlantsText } from "./plants-file.ts";
import type { Plants } from "./plants.ts";
import type { DiffLine, LineEdit } from "./rule-edit.ts";

/** It has to be done by hand, and why. */
interface ByHand {
  readonly kind: "by hand";
  readonly why: string;
}

/** A rule as it is to be, and what of it is new. */
export interface RuleWish {
  /** What it is for. */
  readonly alarm: Pick<Alarm, "topic" | "source" | "message">;
  readonly rule: AlarmRule;
  readonly remedy: Partial<AlarmRule>;
}

/** What a wish would change of the file. `mark`: names this very change. */
type RuleOffer =
  | { readonly kind: "ready"; readonly diff: readonly DiffLine[]; readonly mark: string }
  | { readonly kind: "there" }
  | ByHand;

/** What came of it. `mark`: names the rule as it stands there now; `isWhole`: all of it is new. */
type RuleAdding =
  | { readonly kind: "added"; readonly mark: string; readonly isWhole: boolean; readonly diff: readonly DiffLine[] }
  | { readonly kind: "changed" }
  | ByHand;

/** `gone`: it is not there as it was written; `others`: the rules that are, each in its lines. */
type RuleRemoval =
  | { readonly kind: "removed"; readonly diff: readonly DiffLine[] }
  | { readonly kind: "gone"; readonly others: readonly (readonly string[])[] }
  | ByHand;

/** Writes rules for single alarms into the plants file, and takes them out again; whatever else stands there stays as it is. */
export interface RuleFile {
  /** As people call it. */
  readonly name: string;
  readonly offer: (wish: RuleWish) => Promise<RuleOffer>;
  /** Only if the file is still what was offered. */
  readonly add: (wish: RuleWish, mark: string) => Promise<RuleAdding>;
  /** @param remedy what was added to a rule that was there before; `null`: all of it was */
  readonly takeBack: (mark: string, remedy: Partial<AlarmRule> | null) => Promise<RuleRemoval>;
}

/** @param path `null`: there is no plants file */
export function createRuleFile(path: string | null): RuleFile {
  const oneAtATime = createOneAtATime();
  const withFile = <T>(work: (path: string, text: string) => Promise<T>): Promise<T | ByHand> =>
    oneAtATime(async () => {
      if (path === null) return byHand("No plants file is set (PLANTS_FILE).");
      try {
        const hindrance = await hindranceOf(path);
        return hindrance === null ? await work(path, await readPlantsText(path)) : byHand(hindrance);
      } catch (error) {
        if (error instanceof ConfigError) return byHand(`${basename(path)} has a fault: ${error.problems[0] ?? ""}`);
        const code = systemCodeOf(error);
        if (code === null) throw error;
        return byHand(`${basename(path)} cannot be written from here (${code}).`);
      }
    });

  return {
    name: path === null ? "the plants file" : basename(path),
    offer: (wish) =>
      withFile(async (file, text): Promise<RuleOffer> => {
        const { diffOf, editMark } = await editing();
        const change = await changeBy(file, text, wish);
        if (change.kind !== "change") return change;
        return { kind: "ready", diff: diffOf(change.edit), mark: editMark(text, change.edit.added) };
      }),
    add: (wish, mark) =>
      withFile(async (file, text): Promise<RuleAdding> => {
        const { ruleBlocks, diffOf, editMark, edited } = await editing();
        const change = await changeBy(file, text, wish);
        if (change.kind === "by hand") return change;
        if (change.kind === "there" || editMark(text, change.edit.added) !== mark) return { kind: "changed" };
        const { edit, index, isWhole } = change;
        const after = edited(edit);
        if (!(await replaceText(file, text, after))) return { kind: "changed" };
        return { kind: "added", mark: ruleBlocks(after)[index]?.mark ?? "", isWhole, diff: diffOf(edit) };
      }),
    takeBack: (mark, remedy) =>
      withFile(async (file, text): Promise<RuleRemoval> => {
        const { ruleBlocks, diffOf, edited, keysRemoved, ruleRemoved } = await editing();
        const [{ parsePlants }, { writtenKeys }] = await Promise.all([
          import("./parse-plants.ts"),
          import("./written-rule.ts"),
        ]);
        const name = basename(file);
        const before = parsePlants(text, name);
        const blocks = ruleBlocks(text);
        const index = blocks.findIndex((one) => one.mark === mark);
        const block = blocks[index];
        const edit =
          block && (remedy === null ? ruleRemoved(text, block) : keysRemoved(text, block, writtenKeys(remedy)));
        if (!edit) return { kind: "gone", others: blocks.map((one) => one.text) };
        const after = parsePlants(edited(edit), name);
        const [was, is] = [without(before, index), remedy === null ? after : without(after, index)];
        if (!isDeepStrictEqual(is, was)) return byHand(`Something else in ${name} would be another then.`);
        return (await replaceText(file, text, edited(edit)))
          ? { kind: "removed", diff: diffOf(edit) }
          : byHand(`${name} was changed just now.`);
      }),
  };
}

/** YAML is for those who write it. */
const editing = () => import("./rule-edit.ts");
const byHand = (why: string): ByHand => ({ kind: "by hand", why });

/** Why a file cannot be written as it lies there; `null`: nothing keeps us from it. */
async function hindranceOf(path: string): Promise<string | null> {
  if ((await lstat(path)).isSymbolicLink()) return `${basename(path)} is a link, as where a container mounts it.`;
  await access(path, constants.W_OK);
  await access(dirname(path), constants.W_OK);
  return null;
}

/** How a wish changes the list of rules: which of them it is afterwards, and whether all of it is new. */
interface RuleChange {
  readonly kind: "change";
  readonly edit: LineEdit;
  readonly index: number;
  readonly isWhole: boolean;
}

/**
 * A rule for the same alarms gets the remedy; else the rule is put before all others. Our own reader says that nothing else is another
 * afterwards.
 * @throws ConfigError if the file has a fault
 */
async function changeBy(
  path: string,
  text: string,
  { alarm, rule, remedy }: RuleWish,
): Promise<RuleChange | { readonly kind: "there" } | ByHand> {
  const [{ keysAdded, ruleAdded, edited }, { parsePlants }, { writtenKeys, writtenRule }] = await Promise.all([
    editing(),
    import("./parse-plants.ts"),
    import("./written-rule.ts"),
  ]);
  const name = basename(path);
  const before = parsePlants(text, name);
  const { alarms: former } = before;
  const at = former.findIndex((one) => isDeepStrictEqual(namesOf(one), namesOf(rule)));
  const isWhole = at === -1;
  const wished = { ...rule, ...former[at], ...remedy };
  if (!isWhole && isDeepStrictEqual(wished, former[at])) return { kind: "there" };
  const edit = isWhole ? ruleAdded(text, writtenRule(rule)) : keysAdded(text, at, writtenKeys(remedy));
  const form = byHand(
    `I can add to the rules of ${name} only where nothing stands behind “alarms:”, and each rule begins with “- ” in a line of its own below it.`,
  );
  if (edit === null) return form;
  const index = Math.max(0, at);
  try {
    const after = parsePlants(edited(edit), name);
    const isExact =
      isDeepStrictEqual(after.alarms, isWhole ? [rule, ...former] : former.with(at, wished)) &&
      isDeepStrictEqual(withoutRules(after), withoutRules(before));
    if (!isExact) return form;
    if (Buffer.byteLength(edited(edit)) > MAX_PLANTS_BYTES) return byHand(`${name} would be larger than 128 kB.`);
    if (ruleOf(alarm, after.alarms) !== after.alarms[index])
      return byHand(`In ${name} another rule that takes this alarm stands before its own.`);
    return { kind: "change", edit, index, isWhole };
  } catch (error) {
    if (error instanceof ConfigError) return byHand(`That would not be a rule: ${error.problems[0] ?? ""}`);
    throw error;
  }
}

const withoutRules = (plants: Plants): unknown => ({ ...plants, alarms: null });
const without = (plants: Plants, index: number): Plants => ({ ...plants, alarms: plants.alarms.toSpliced(index, 1) });

/** Which alarms a rule is for. */
const namesOf = ({ topics, sources, messages }: AlarmRule): unknown => ({ topics, sources, messages });
