import { Composer, type Context } from "grammy";
import type { Audience } from "../audience.ts";
import { ownEvent } from "../alarms/own.ts";
import { hashOf, isCode } from "../people/invitation.ts";
import type { JoinGuard } from "../people/join-guard.ts";
import { aRole, holds, type Role } from "../people/role.ts";
import { JOIN, WRONG_CODE, type Audit } from "../store/audit.ts";
import type { ChatSettings } from "../store/chats.ts";
import type { People } from "../store/people.ts";
import { toast } from "./card-buttons.ts";
import type { Command } from "./commands.ts";
import { mainKeyboard } from "./keyboard.ts";
import { actorOf, groupOf } from "./person.ts";
import { html, lines } from "./render.ts";
import { reply } from "./reply.ts";
import type { Strangers } from "./strangers.ts";

/** What joining needs. */
export interface JoiningOptions {
  readonly people: People;
  readonly audit: Pick<Audit, "append">;
  readonly guard: JoinGuard;
  readonly chats: Pick<ChatSettings, "setJoined" | "joined">;
  readonly audience: Pick<Audience, "take">;
  /** Whether routes say where alarms go, so that a chat that joins gets none by that alone. */
  readonly hasRoutes: () => boolean;
  /** What names a chat besides its own joining, which is so not to be undone in a chat; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** A chat gets alarms no more. */
  readonly onLeave: () => Promise<void>;
  /** Somebody's role is another one now. */
  readonly onRole: (userId: number) => void;
  readonly now: () => number;
}

/** How people and groups come in, and leave. */
export interface Joining {
  /** Takes the code of an invitation, from whoever it comes. */
  enter(ctx: Context, code: string): Promise<void>;
  /** Asks an admin whether this group may join. */
  offer(ctx: Context): Promise<void>;
  /** The bot was taken into a chat, or thrown out. */
  moved(ctx: Context, strangers: Strangers): Promise<void>;
  readonly buttons: Composer<Context>;
  readonly leave: Command;
}

const OUT = new Set(["left", "kicked"]);

/** Builds it. */
export function createJoining(options: JoiningOptions): Joining {
  const { people, audit, guard, chats, audience, hasRoutes, namedIn, onLeave, onRole, now } = options;

  const tell = (message: string): Promise<void> =>
    audience.take([ownEvent({ id: "joining", message, severity: "warning", state: null, isForAdmins: true }, now())]);

  async function note(ctx: Context, details: string, result: string): Promise<void> {
    const personId = await people.meet(actorOf(ctx));
    await audit.append({ personId, groupId: groupOf(ctx), action: JOIN, details, result });
  }

  async function wrong(ctx: Context, role: Role | null): Promise<void> {
    const user = actorOf(ctx);
    await note(ctx, "", WRONG_CODE);
    const locked = guard.wrong(user.userId);
    // Nothing that a stranger chose, such as his name, reaches a chat.
    if (locked === "person") {
      await tell(`User ${user.userId} gave five wrong invitation codes: none of his is looked at for an hour.`);
    }
    if (locked === "everybody") await tell("Fifty wrong invitation codes within an hour: nobody can join for an hour.");
    // Who is known is told; a stranger learns nothing.
    if (role !== null)
      await reply(ctx, html`This invitation is not good, or not any more. Ask an admin for a new one.`);
  }

  async function enter(ctx: Context, code: string): Promise<void> {
    const user = actorOf(ctx);
    const role = people.roleOf(user.userId);
    // Nothing is noted of what comes while it is locked: that would be a flood of lines.
    if (!guard.mayTry(user.userId)) return;
    const joined = isCode(code) ? await people.join(user, hashOf(code)) : null;
    if (joined === null) return wrong(ctx, role);
    const { invitation, isNew } = joined;
    if (!isNew)
      return reply(
        ctx,
        html`You are ${aRole(role ?? invitation.role)} already; the invitation can be used by somebody else.`,
      );
    onRole(user.userId);
    await note(ctx, `invited by person ${invitation.invitedBy}`, `${invitation.role} now`);
    const can = {
      viewer: "look at everything",
      operator: "look at everything, acknowledge and shelve",
      admin: "do everything",
    };
    await reply(
      ctx,
      lines(
        html`Welcome to <b>Valvomo</b>, the control room of your plant. You are ${aRole(invitation.role)}: you may ${can[invitation.role]}.`,
        html`/help says how.`,
      ),
      { reply_markup: mainKeyboard },
    );
    await reply(ctx, html`Shall alarms come here, too?`, {
      reply_markup: {
        inline_keyboard: [
          [
            { text: "Yes, send me alarms", callback_data: "subscribe:yes" },
            { text: "No", callback_data: "subscribe:no" },
          ],
        ],
      },
    });
  }

  const joinedWords = (): string =>
    hasRoutes()
      ? "Which alarms come here, routes say: an admin adds one with /route warning here"
      : "All alarms come here from now on; /alarms shows those that are active now.";

  const buttons = new Composer<Context>();
  buttons.callbackQuery(/^subscribe:(yes|no)$/, async (ctx) => {
    const isYes = ctx.match[1] === "yes";
    if (ctx.chat?.type !== "private") return toast(ctx, "In a private chat only.");
    if (isYes) await chats.setJoined(ctx.chat.id, now());
    await toast(ctx, "");
    await ctx.editMessageText(isYes ? `${joinedWords()} /leave ends it.` : "None come here.");
  });
  buttons.callbackQuery(/^join:(yes|no)$/, async (ctx) => {
    if (ctx.chat === undefined || ctx.chat.type === "private") return toast(ctx, "In a group only.");
    await toast(ctx, "");
    if (ctx.match[1] === "yes") {
      await chats.setJoined(ctx.chat.id, now());
      await ctx.editMessageText(`This group has joined. ${joinedWords()}`);
      return;
    }
    await ctx.editMessageText("Good-bye.");
    await ctx.leaveChat();
  });

  async function offer(ctx: Context): Promise<void> {
    await reply(
      ctx,
      lines(
        html`<b>Shall this group get alarms?</b>`,
        html`Everybody in it will read them. To acknowledge or to ask for plots, a person needs an invitation (/invite, in private).`,
      ),
      {
        reply_markup: {
          inline_keyboard: [
            [
              { text: "Join", callback_data: "join:yes" },
              { text: "No, leave", callback_data: "join:no" },
            ],
          ],
        },
      },
    );
  }

  const leave: Command = {
    name: "leave",
    description: "No alarms in this chat any more",
    usage: ["/leave"],
    right: { role: "viewer", roleInGroups: "admin" },
    async run(ctx) {
      const chatId = ctx.chatId ?? 0;
      const names = namedIn(chatId);
      if (names.length > 0)
        return reply(ctx, html`This chat is named in ${names.join(" and in ")}: it gets alarms until that is changed.`);
      const isJoined = chats.joined().includes(chatId);
      await chats.setJoined(chatId, null);
      await onLeave();
      await reply(ctx, isJoined ? html`No alarms come here any more.` : html`No alarms came here.`);
      if (ctx.chat?.type !== "private") await ctx.leaveChat();
    },
  };

  return {
    enter,
    offer,
    async moved(ctx, strangers) {
      const { old_chat_member: before, new_chat_member: after } = ctx.myChatMember ?? {};
      const isNew = before !== undefined && after !== undefined && OUT.has(before.status) && !OUT.has(after.status);
      if (groupOf(ctx) === null || !isNew) return;
      if (holds(people.roleOf(ctx.from?.id ?? 0), "admin")) await offer(ctx);
      else await strangers.note(ctx, "silence");
    },
    buttons,
    leave,
  };
}
