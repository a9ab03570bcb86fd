import { Context } from "grammy";
import { LOOK } from "../../people/right.ts";
import type { RequestedAction } from "../access/access.ts";
import { kindOf, rightOf } from "../access/button-rights.ts";
import type { Command } from "../access/command.ts";
import { isForwarded } from "../access/person.ts";

/**
 * What an update wants, by the tables of commands and buttons; the handlers match in the same way.
 * @returns `null`: nothing that has to be allowed, as people in a group also talk to each other
 */
export function requestedActionOf(ctx: Context, commands: readonly Command[]): RequestedAction | null {
  if (ctx.callbackQuery) return requestedByPress(ctx.callbackQuery.data ?? "");
  const isTalk = ctx.chat?.type !== "private" && ctx.msg?.reply_to_message?.from?.id !== ctx.me.id;
  if (isForwarded(ctx)) return isTalk ? null : { action: "forwarded message", details: "", right: LOOK };
  for (const { name, button, short, right, noted } of commands) {
    const isTyped = hasCommand(ctx, name);
    const typed = isTyped ? String(ctx.match).trim() : "";
    if (!isTyped && !(button !== undefined && ctx.hasText(button)) && !(short && ctx.hasText(short))) continue;
    return { action: `/${name}`, details: noted?.exec(typed)?.[0] ?? "", right };
  }
  return isTalk ? null : { action: "message", details: "", right: LOOK };
}

/** How a command is found, made once: `ctx.hasCommand` makes it anew, and thirty of them for each update are most of its work. */
const checks = new Map<string, (ctx: Context) => boolean>();
function hasCommand(ctx: Context, name: string): boolean {
  let check = checks.get(name);
  if (!check) {
    check = Context.has.command(name);
    checks.set(name, check);
  }
  return check(ctx);
}

/** What stands behind the kind of a button of ours; anybody's client can send anything else with it. */
const DETAILS = /^[\w.-]{0,40}(:[\w.-]{0,40})*$/;
/** What of an alarm somebody saw: the log needs its number only. */
const SEEN = /^(\d{1,15}):\d{1,9}:\d(?::(\w+))?$/;

function requestedByPress(data: string): RequestedAction {
  const kind = kindOf(data);
  const right = rightOf(kind);
  if (right === null) return { action: "unknown button", details: "", right: LOOK };
  const rest = data.slice(kind.length + 1);
  const [, alarm, choice = ""] = SEEN.exec(rest) ?? [];
  const details = alarm === undefined ? rest : `#${alarm} ${choice}`.trim();
  return { action: `button ${kind}`, details: alarm !== undefined || DETAILS.test(rest) ? details : "", right };
}
