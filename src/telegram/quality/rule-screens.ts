import type { InlineKeyboardButton } from "grammy/types";
import type { AlarmRule } from "../../alarms/lifecycle/alarm-rule.ts";
import { shorten } from "../../alarms/text.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { DiffLine } from "../../plants/rule-edit.ts";
import type { RuleFile, RuleWish } from "../../plants/rule-file.ts";
import { ruleWith, type Remedy } from "../../quality/candidates.ts";
import type { Html } from "../api/render.ts";
import { readRemedy } from "./remedy-code.ts";
import {
  addedView,
  changedLines,
  goneView,
  keptView,
  pasteView,
  questionView,
  removedView,
  thereView,
} from "./rule-views.ts";

/** By what rules are written into the plants file. */
export interface RuleButtonOptions {
  readonly ruleFile: RuleFile;
  readonly plants: { readonly alarms: readonly AlarmRule[] };
  /** Whether others may stand by, with a file of their own. */
  readonly isShared: boolean;
  /** An alarm, as a chat may see it. */
  readonly find: (chatId: number, alarmId: number) => Promise<Alarm | null>;
}

/** In the place of a remedy: the rule as a whole. */
export const WHOLE = "all";
const MAX_NOTED = 200;

/** What a press is about, and how its button names that. */
interface Wished extends RuleWish {
  readonly alarmId: number;
  readonly code: string;
  readonly remedy: Remedy;
}

/** What came of a press: for the audit log, and for whoever pressed. */
export interface RuleScreen {
  readonly result: string;
  /** At the press. */
  readonly words?: string;
  readonly text: Html;
  readonly keyboard: InlineKeyboardButton[][];
}

/** What an admin is shown on the way to a rule, and back. */
export class RuleScreens {
  readonly #options: RuleButtonOptions;

  constructor(options: RuleButtonOptions) {
    this.#options = options;
  }

  get #fileName(): string {
    return this.#options.ruleFile.name;
  }

  /** What a rule would change, with the question whether it is to. */
  async ask(wished: Wished): Promise<RuleScreen> {
    const { alarmId, code } = wished;
    const offer = await this.#options.ruleFile.offer(wished);
    if (offer.kind === "there") return { result: "there already", text: thereView(this.#fileName), keyboard: [] };
    if (offer.kind === "by hand") return this.#byHand(wished, offer.why);
    const yes = { text: "Yes", callback_data: `ruleyes:${alarmId}:${code}:${offer.mark}` };
    const keyboard = [[yes, { text: "No", callback_data: "ruleno" }]];
    const { isShared } = this.#options;
    const isForTopic = wished.rule.messages.length === 0;
    return { result: "asked", text: questionView(this.#fileName, offer.diff, { isShared, isForTopic }), keyboard };
  }

  async #byHand({ rule }: Wished, why: string): Promise<RuleScreen> {
    const { writtenRule } = await import("../../plants/written-rule.ts");
    return { result: "not done", text: pasteView(why, writtenRule(rule)), keyboard: [] };
  }

  /** Writes it, if the file is still what was asked about. */
  async write(wished: Wished, given: string): Promise<RuleScreen> {
    const done = await this.#options.ruleFile.add(wished, given);
    if (done.kind === "by hand") return this.#byHand(wished, done.why);
    if (done.kind === "changed") {
      const words = `${this.#fileName} was changed meanwhile: look once more.`;
      return { ...(await this.ask(wished)), result: "not done: the file was changed", words };
    }
    const { mark, isWhole, diff } = done;
    const back = `ruleback:${wished.alarmId}:${isWhole ? WHOLE : wished.code}:${mark}`;
    const keyboard = [[{ text: "Take it back", callback_data: back }]];
    return { result: noted("written", diff), text: addedView(this.#fileName, diff, this.#options.isShared), keyboard };
  }

  /** @param remedy what was added to a rule that was there before; `null`: all of it was */
  async takeBack(alarm: Alarm, remedy: Remedy | null, mark: string): Promise<RuleScreen> {
    const done = await this.#options.ruleFile.takeBack(mark, remedy);
    if (done.kind === "removed")
      return { result: noted("taken back", done.diff), text: removedView(this.#fileName, done.diff), keyboard: [] };
    if (done.kind === "by hand") return { result: "not done", text: keptView(done.why), keyboard: [] };
    const { topics } = ruleWith(alarm, {}, []);
    const others = done.others.filter((rule) => topics.some((topic) => rule.some((line) => line.includes(topic))));
    return { result: "not done: not there as written", text: goneView(this.#fileName, others), keyboard: [] };
  }

  /** What a button means; `null`: an alarm that its chat may not see, or nothing that we ever wrote. */
  async wishOf(chatId: number, id = "", code = ""): Promise<Wished | null> {
    const { find, plants } = this.#options;
    const alarm = await find(chatId, Number(id));
    const remedy = readRemedy(code);
    if (alarm === null || remedy === null) return null;
    return { alarm, alarmId: alarm.id, code, remedy, rule: ruleWith(alarm, remedy, plants.alarms) };
  }
}

/** What was changed in one line, for the audit log. */
function noted(result: string, diff: readonly DiffLine[]): string {
  const lines = changedLines(diff).map((line) => line.trim().replace(/^- /, ""));
  return shorten(`${result}: ${lines.filter((line) => line !== "alarms:").join("; ")}`, MAX_NOTED);
}
