import type { Context } from "grammy";
import { isForwarded } from "./person.ts";

/** The code that a deep link puts behind /start, in a private chat; `null`: there is none. */
export function startCodeOf(ctx: Context): string | null {
  if (ctx.chat?.type !== "private" || isForwarded(ctx)) return null;
  return /^\/start(?:@\w+)? ([^\s]+)$/.exec(ctx.message?.text ?? "")?.[1] ?? null;
}
