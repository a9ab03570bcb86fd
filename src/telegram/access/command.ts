import type { Context, NextFunction } from "grammy";
import type { Right } from "../../people/right.ts";
import type { Handled } from "./outcome.ts";

/** What /help is divided into, in its order. */
export const HELP_TOPICS = ["plots", "alarms", "quiet", "people", "plant"] as const;
export type HelpTopic = (typeof HELP_TOPICS)[number];

/** One thing that a person may ask for with a slash. */
export interface Command {
  readonly name: string;
  /** As Telegram's menu and /help show it. */
  readonly description: string;
  /** Where /help has it. */
  readonly topic: HelpTopic;
  /** How it is written with its arguments, for /help; several forms are several lines. Days are of now. */
  readonly usage: readonly string[];
  /** The reply keyboard's button that does the same. */
  readonly button?: string;
  /** What it asks of who uses it. */
  readonly right: Right;
  /** The same in one word, which lists lead to at a tap; its first group is what stands behind the command. */
  readonly short?: RegExp;
  /** Whether it takes words of any number, such as a reason; all others are refused what is too much to be read. */
  readonly takesText?: true;
  /** What of its arguments stands in the audit log: neither a secret nor what may name a person. Left out: nothing. */
  readonly noted?: RegExp;
  /** Answers it, or passes it on to the dialogues; `null`: they answer it always. */
  readonly run: ((ctx: Context, args: string, next: NextFunction) => Promise<Handled>) | null;
}

/** In a private chat it concerns one person, in a group all. */
export const SETTING: Right = { role: "viewer", roleInGroups: "admin" };
