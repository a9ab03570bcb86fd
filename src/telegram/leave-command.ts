import type { Context } from "grammy";
import type { ChatSettings } from "../store/chats.ts";
import type { Access } from "./access.ts";
import type { Command } from "./commands.ts";
import { noteOutcome } from "./outcome.ts";
import { html } from "./render.ts";
import { decline, reply } from "./reply.ts";

/** Ends the alarms in a chat; an admin can name a group, as one that threw the bot out has nobody to say it there. */
export function createLeaveCommand(options: {
  readonly chats: Pick<ChatSettings, "setJoined" | "joined" | "currentId">;
  /** What names a chat besides its own joining; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** A chat gets alarms no more. */
  readonly onLeave: (chatId: number) => Promise<void>;
  readonly serve: Access["serve"];
}): Command {
  const { chats, namedIn, onLeave, serve } = options;

  async function leave(ctx: Context, chatId: number): Promise<void> {
    const isHere = chatId === ctx.chatId;
    const names = namedIn(chatId);
    if (names.length > 0) {
      const which = isHere ? "This chat" : "It";
      return decline(ctx, html`${which} is named in ${names.join(" and in ")}: it gets alarms until that is changed.`);
    }
    if (!chats.joined().includes(chatId))
      return decline(ctx, isHere ? html`No alarms came here.` : html`No group of that number has joined.`);
    await chats.setJoined(chatId, null);
    await onLeave(chatId);
    noteOutcome(ctx, "done");
    await reply(ctx, isHere ? html`No alarms come here any more.` : html`No alarms go there any more.`);
    // It may have thrown the bot out already.
    if (chatId < 0) await ctx.api.leaveChat(chatId).catch(() => undefined);
  }

  return {
    name: "leave",
    description: "No alarms in this chat any more",
    usage: ["/leave"],
    right: { role: "viewer", roleInGroups: "admin" },
    noted: /^-\d{1,15}$/,
    async run(ctx, args) {
      const named = /^-\d{1,15}$/.exec(args.trim())?.[0];
      if (named === undefined || Number(named) === ctx.chatId) return leave(ctx, ctx.chatId ?? 0);
      const use = { action: "/leave", details: named, right: { role: "admin", isPrivate: true } } as const;
      await serve(ctx, use, () => leave(ctx, chats.currentId(Number(named))));
    },
  };
}
