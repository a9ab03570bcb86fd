import type { Context } from "grammy";
import { LOOK } from "../people/right.ts";
import type { Use } from "./access.ts";
import { kindOf, rightOf } from "./button-rights.ts";
import type { Command } from "./commands.ts";

/**
 * What an update wants, by the tables of commands and buttons; the handlers match in the same way.
 * @returns `null`: nothing that has to be allowed, as people in a group also talk to each other
 */
export function useOf(ctx: Context, commands: readonly Command[]): Use | null {
  if (ctx.callbackQuery) return useOfPress(ctx.callbackQuery.data ?? "");
  for (const { name, button, right, isSecret } of commands) {
    const isTyped = ctx.hasCommand(name);
    if (!isTyped && !(button !== undefined && ctx.hasText(button))) continue;
    return { action: `/${name}`, details: isTyped && isSecret !== true ? ctx.match.trim() : "", right };
  }
  const isTalk = ctx.chat?.type !== "private" && ctx.msg?.reply_to_message?.from?.id !== ctx.me.id;
  return isTalk ? null : { action: "message", details: "", right: LOOK };
}

function useOfPress(data: string): Use {
  const kind = kindOf(data);
  const right = rightOf(kind);
  if (right === null) return { action: "unknown button", details: "", right: LOOK };
  return { action: `button ${kind}`, details: data.slice(kind.length + 1), right };
}
