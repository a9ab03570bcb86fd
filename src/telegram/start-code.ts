import type { Context } from "grammy";

/** The code that a deep link puts behind /start, in a private chat; `null`: there is none. */
export function codeOf(ctx: Context): string | null {
  if (ctx.chat?.type !== "private") return null;
  return /^\/start(?:@\w+)? ([^\s]+)$/.exec(ctx.message?.text ?? "")?.[1] ?? null;
}
