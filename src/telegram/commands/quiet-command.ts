import type { Context } from "grammy";
import { formatQuietHours, parseQuietHours, quietUntil } from "../../alarms/cards/quiet-hours.ts";
import type { ChatSettings } from "../../store/people/chats.ts";
import { formatInstant } from "../../lib/time/time.ts";
import { SETTING, type Command } from "../access/command.ts";
import type { Handled } from "../access/outcome.ts";
import { html, ours } from "../api/render.ts";
import { decline, reply } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

const HOW = html`Write /quiet 22:00-06:00 or /quiet 22:00-06:00 mon-fri, and /quiet off to end them.`;

/** Shows and sets the quiet hours of a chat. */
export function createQuietCommand(options: {
  readonly chats: ChatSettings;
  /** The quiet hours of a chat changed, so what was kept for their end is due at another time. */
  readonly onChange: (chatId: number) => Promise<void>;
  readonly now: () => number;
}): Command {
  const { chats, onChange, now } = options;

  async function run(ctx: Context, args: string): Promise<Handled> {
    const chatId = servedIn(ctx).chatId;
    const wish = args.trim().toLowerCase();
    if (wish === "") return show(ctx, chatId);
    const quiet = wish === "off" ? { value: null } : parseQuietHours(wish);
    if ("problem" in quiet) return decline(ctx, ours(quiet.problem));
    await chats.setQuietHours(chatId, quiet.value);
    return {
      result: "done",
      async tell() {
        await onChange(chatId);
        await show(ctx, chatId);
      },
    };
  }

  async function show(ctx: Context, chatId: number): Promise<void> {
    const quiet = chats.quietHoursOf(chatId);
    if (quiet === null) return reply(ctx, html`This chat has no quiet hours: every alarm rings. ${HOW}`);
    const zone = chats.timeZoneOf(chatId);
    const until = quietUntil(quiet, zone, now());
    const state = until === null ? "It is not quiet now." : `It is quiet until ${formatInstant(until, zone, now())}.`;
    await reply(
      ctx,
      html`Quiet hours: ${formatQuietHours(quiet)} (${zone}). Only critical alarms ring then; the others come together at the end. ${state}`,
    );
  }

  return {
    name: "quiet",
    description: "Quiet hours: only critical alarms ring in this chat",
    topic: "quiet",
    usage: ["/quiet", "/quiet 22:00-06:00 mon-fri", "/quiet off"],
    right: SETTING,
    noted: /^(off|[\d:.\- \u2012-\u2015\u2212]+[a-z, -]{0,30})$/i,
    run,
  };
}
