import { Composer, type Context } from "grammy";
import type { ChatSettings } from "../../store/people/chats.ts";
import { DECIDE } from "../../people/right.ts";
import type { Access } from "../access/access.ts";
import { toast } from "../access/card-buttons.ts";
import type { Command } from "../access/command.ts";
import { handled, type Done, type Handled } from "../access/outcome.ts";
import { html, ours, type Html } from "../api/render.ts";
import { decline, reply, turnPage } from "../access/reply.ts";
import { servedIn } from "../access/person.ts";

/** What leaving needs. */
interface LeaveOptions {
  readonly chats: Pick<ChatSettings, "setJoined" | "joined" | "currentId">;
  /** What names a chat besides its own joining; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** A chat gets alarms no more. */
  readonly onLeave: (chatId: number) => Promise<void>;
  readonly serve: Access["serve"];
}

/**
 * Ends the alarms in a chat after a question, since a tap on the word in somebody's message may be a mistake. An admin can name a group:
 * in one that threw the bot out nobody can write it.
 */
export class LeaveCommand {
  readonly buttons = new Composer<Context>();
  readonly command: Command = {
    name: "leave",
    description: "No alarms in this chat any more",
    topic: "people",
    usage: ["/leave"],
    right: { role: "viewer", roleInGroups: "admin" },
    noted: /^-\d{1,15}$/,
    run: (ctx, args) => {
      const named = /^-\d{1,15}$/.exec(args.trim())?.[0];
      return this.#forChat(ctx, named === undefined ? null : Number(named), "/leave", (...to) => this.#ask(...to));
    },
  };
  readonly #options: LeaveOptions;

  constructor(options: LeaveOptions) {
    this.#options = options;
    const { buttons } = this;
    buttons.callbackQuery(
      /^leave:(-?\d{1,15})$/,
      handled((ctx) => this.#forChat(ctx, Number(ctx.match[1]), "button leave", (...to) => this.#leave(...to))),
    );
    buttons.callbackQuery(
      "leave:no",
      handled(async (ctx) => ({
        result: "not done",
        async tell() {
          await toast(ctx, "");
          await turnPage(ctx, html`Alarms come as before.`, []);
        },
      })),
    );
  }

  async #ask(ctx: Context, chatId: number): Promise<Done> {
    const isHere = chatId === ctx.chatId;
    const obstacle = this.#obstacleTo(chatId, isHere);
    if (obstacle !== null) return decline(ctx, obstacle);
    const where = isHere ? (chatId < 0 ? "to this group" : "to you") : `to the group ${chatId}`;
    const buttonsBelow = [
      { text: "No more alarms", callback_data: `leave:${chatId}` },
      { text: "Cancel", callback_data: "leave:no" },
    ];
    return {
      result: "asked",
      tell: () =>
        reply(ctx, html`Stop all alarms ${where}?`, {
          reply_markup: { inline_keyboard: [buttonsBelow] },
        }),
    };
  }

  async #leave(ctx: Context, chatId: number): Promise<Done> {
    const { chats, onLeave } = this.#options;
    const isHere = chatId === ctx.chatId;
    await toast(ctx, "");
    const obstacle = this.#obstacleTo(chatId, isHere);
    if (obstacle !== null) return { result: "not done", tell: () => turnPage(ctx, obstacle, []) };
    await chats.setJoined(chatId, null);
    await onLeave(chatId);
    return {
      result: "done",
      async tell() {
        await turnPage(ctx, isHere ? html`No alarms come here any more.` : html`No alarms go there any more.`, []);
        // It may have thrown the bot out already.
        if (chatId < 0) await ctx.api.leaveChat(chatId).catch(() => undefined);
      },
    };
  }

  /** Does it for this chat, or for another one, which only an admin may. */
  async #forChat(ctx: Context, named: number | null, action: string, work: Work): Promise<Handled> {
    const { chats, serve } = this.#options;
    if (named === null || chats.currentId(named) === ctx.chatId) return work(ctx, servedIn(ctx).chatId);
    const requested = { action, details: String(named), right: DECIDE } as const;
    await serve(ctx, requested, () => work(ctx, chats.currentId(named)));
  }

  /** Why a chat cannot leave; `null`: it can. */
  #obstacleTo(chatId: number, isHere: boolean): Html | null {
    const { chats, namedIn } = this.#options;
    const names = namedIn(chatId);
    if (names.length > 0)
      return html`${isHere ? "This chat" : "It"} is named in ${ours(names.join(" and in "))}: it gets alarms until you change that.`;
    if (chats.joined().includes(chatId)) return null;
    return isHere ? html`This chat got no alarms.` : html`No group of that number has joined.`;
  }
}

type Work = (ctx: Context, chatId: number) => Promise<Done>;
