import type { Context } from "grammy";
import { OPEN_MS, type SecondFactor } from "../../people/second-factor.ts";
import { formatDuration } from "../../lib/time/time.ts";
import { DECIDE } from "../../people/right.ts";
import { CODE_COMMAND } from "../access/access.ts";
import type { Command } from "../access/command.ts";
import type { Done } from "../access/outcome.ts";
import { ours } from "../api/render.ts";
import { reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** Takes the code of the second factor, after which admin actions work for a while. */
export function createCodeCommand(options: {
  readonly secondFactor: SecondFactor;
  /** Too many wrong codes. */
  readonly onLocked: (ctx: Context) => Promise<void>;
}): Command {
  const { secondFactor, onLocked } = options;

  async function run(ctx: Context, args: string): Promise<Done> {
    const userId = servedIn(ctx).person.id;
    // It is of no use any more, and nobody need see it.
    await ctx.deleteMessage().catch(() => undefined);
    const result = await secondFactor.enter(userId, args.trim(), ctx.update.update_id);
    const words = {
      right: `Right. Admin actions work for ${formatDuration(OPEN_MS)}.`,
      wrong: "That code is wrong, or was used already. Write it like /code 123456",
      locked: "Too many wrong codes: wait a quarter of an hour.",
      unknown: "No secret is set up for you: TELEGRAM_ADMIN_TOTP must have one, see docs/admins.md.",
    };
    return {
      result,
      async tell() {
        await reply(ctx, ours(words[result]));
        if (result === "locked") await onLocked(ctx);
      },
    };
  }

  return {
    name: CODE_COMMAND.slice(1),
    description: "Your second factor (admins)",
    topic: "people",
    usage: [`${CODE_COMMAND} 123456`],
    right: DECIDE,
    run,
  };
}
