import { Composer, type Context } from "grammy";
import { hashOf, isCode } from "../../people/invitation.ts";
import type { JoinGuard } from "../../people/join-guard.ts";
import { aRole, holds, type Role } from "../../people/role.ts";
import { JOIN, WRONG_CODE } from "../../store/people/audit.ts";
import type { ChatSettings } from "../../store/people/chats.ts";
import type { People } from "../../store/people/people.ts";
import { toast } from "../access/card-buttons.ts";
import { mainKeyboard } from "../dialogues/keyboard.ts";
import type { Note } from "../access/noting.ts";
import { noteOutcome } from "../access/outcome.ts";
import { actorOf, groupOf, servedIn } from "../access/person.ts";
import { html, lines, ours, type Html } from "../api/render.ts";
import { reply, turn } from "../access/reply.ts";
import type { Strangers } from "../access/strangers.ts";

/** What joining needs. */
export interface JoiningOptions {
  readonly people: Pick<People, "roleOf" | "join" | "meet">;
  readonly note: Note;
  readonly guard: JoinGuard;
  readonly chats: Pick<ChatSettings, "setJoined" | "joined">;
  /** Whether a chat gets alarms. */
  readonly isServed: (chatId: number) => boolean;
  /** Tells the admins what somebody tries; `id` names the trouble, one for each person, so that no guesser hides behind another. */
  readonly warn: (id: string, message: string) => Promise<void>;
  /** Whether routes say where alarms go, so that a chat that joins gets none by that alone. */
  readonly hasRoutes: () => boolean;
  /** What names a chat besides its own joining, which is so not to be undone in a chat; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** A group gets alarms from now on. */
  readonly onJoin: (groupId: number) => void;
  /** A chat gets alarms no more. */
  readonly onLeave: (chatId: number) => Promise<void>;
  /** Somebody's role is another one now. */
  readonly onRole: (userId: number) => void;
  readonly now: () => number;
}

/** How people and groups come in. */
export interface Joining {
  /** Takes the code of an invitation, from whoever it comes. */
  enter(ctx: Context, code: string): Promise<void>;
  /** Asks an admin whether this group may join. */
  offer(ctx: Context): Promise<void>;
  /** The bot was taken into a chat, or thrown out. */
  moved(ctx: Context, strangers: Strangers): Promise<void>;
  readonly buttons: Composer<Context>;
}

const OUT = new Set(["left", "kicked"]);

const CAN: Readonly<Record<Role, string>> = {
  viewer: "look at everything",
  operator: "look at everything, acknowledge, shelve and close",
  admin: "do everything",
};

/** Builds the handlers of invitations and of groups that the bot is taken into. */
export function createJoining(options: JoiningOptions): Joining {
  const { people, note, guard, chats, isServed, warn, hasRoutes, namedIn, onJoin, onLeave, onRole, now } = options;

  async function wrong(ctx: Context, role: Role | null): Promise<void> {
    const user = actorOf(ctx);
    // Counted first: whatever fails afterwards, guessing must not go on.
    const locked = guard.wrong(user.userId);
    await note(ctx, { action: JOIN, details: "", result: WRONG_CODE });
    // Nothing that a stranger chose, such as their name, reaches a chat; and their number is not to outlive their being forgotten.
    if (locked === "person") {
      const id = await people.meet(user);
      await warn(
        `wrong codes of person ${id}`,
        `Person ${id} gave five wrong invitation codes: their wrong codes get no answer for an hour. /audit shows who.`,
      );
    }
    if (locked === "everybody")
      await warn(
        "wrong codes of many",
        "Fifty wrong invitation codes came within an hour: Valvomo neither answers nor notes wrong codes for an hour. Valid codes work.",
      );
    // Who is known is told; a stranger learns nothing.
    if (role === null) return;
    await reply(ctx, html`This invitation is not valid, or not any more. You are still ${aRole(role)}.`);
  }

  async function enter(ctx: Context, code: string): Promise<void> {
    const user = actorOf(ctx);
    const role = people.roleOf(user.userId);
    // A good code is good always: nobody can guess one, and others' guesses are to lock nobody out.
    const joined = isCode(code) ? await people.join(user, hashOf(code), ctx.update.update_id) : null;
    // Of wrong ones nothing is said or noted while it is locked: that would be a flood of lines.
    if (joined === null) return guard.mayAnswer(user.userId) ? wrong(ctx, role) : undefined;
    const { invitation, isNew } = joined;
    if (!isNew)
      return reply(
        ctx,
        html`You are ${aRole(role ?? invitation.role)} already; the invitation can be used by somebody else.`,
      );
    onRole(user.userId);
    const details = `invited by person ${invitation.invitedBy}`;
    await note(ctx, { action: JOIN, details, result: `${invitation.role} now` });
    await reply(
      ctx,
      lines(
        html`Welcome to <b>Valvomo</b>, the control room of your plant. You are ${aRole(invitation.role)}: you may ${CAN[invitation.role]}.`,
        html`/help says how.`,
      ),
      { reply_markup: mainKeyboard },
    );
    if (!chats.joined().includes(user.userId) && namedIn(user.userId).length === 0)
      await ask(
        ctx,
        invitation.role === "admin"
          ? html`Shall all alarms come here? As an admin, you get the alarms that no route takes, and what is wrong with Valvomo itself, in any case.`
          : html`Shall alarms come here, too?`,
        "subscribe",
        ["Yes, send me alarms", "No"],
      );
  }

  const ask = (ctx: Context, question: Html, kind: "subscribe" | "join", [yes, no]: readonly [string, string]) =>
    reply(ctx, question, {
      reply_markup: {
        inline_keyboard: [
          [
            { text: yes, callback_data: `${kind}:yes` },
            { text: no, callback_data: `${kind}:no` },
          ],
        ],
      },
    });

  const joinedWords = (): string =>
    hasRoutes()
      ? "Routes say which alarms come here: an admin adds one with /route warning here"
      : "All alarms come here from now on; /alarms shows those that are active now.";

  const noneWords = (ctx: Context): string =>
    people.roleOf(servedIn(ctx).person.id) === "admin" ? "Only alarms for admins come here." : "No alarms come here.";

  const buttons = new Composer<Context>();
  buttons.callbackQuery(/^subscribe:(yes|no)$/, async (ctx) => {
    const isYes = ctx.match[1] === "yes";
    if (ctx.chat?.type !== "private") return toast(ctx, "In a private chat only.");
    await chats.setJoined(ctx.chat.id, isYes ? now() : null);
    if (!isYes) await onLeave(ctx.chat.id);
    await toast(ctx, "");
    await turn(ctx, ours(isYes ? `${joinedWords()} /leave ends it.` : noneWords(ctx)), []);
  });
  buttons.callbackQuery(/^join:(yes|no)$/, async (ctx) => {
    if (ctx.chat === undefined || ctx.chat.type === "private") return toast(ctx, "In a group only.");
    const isYes = ctx.match[1] === "yes";
    // The question may be an old one.
    if (!isYes && isServed(ctx.chat.id)) {
      noteOutcome(ctx, "not done");
      return toast(ctx, "This group has joined meanwhile. /leave ends that.");
    }
    if (isYes) {
      await chats.setJoined(ctx.chat.id, now());
      onJoin(ctx.chat.id);
    }
    noteOutcome(ctx, isYes ? "joined" : "turned away");
    await toast(ctx, "");
    await turn(ctx, ours(isYes ? `This group has joined. ${joinedWords()}` : "Good-bye."), []);
    if (!isYes) await ctx.leaveChat();
  });

  const offer = (ctx: Context): Promise<void> =>
    ask(
      ctx,
      lines(
        html`<b>Shall this group get alarms?</b>`,
        html`Everybody in it will read them. To acknowledge or to ask for plots, a person needs an invitation (/invite, in private).`,
      ),
      "join",
      ["Join", "No, leave"],
    );

  return {
    enter,
    offer,
    async moved(ctx, strangers) {
      const { old_chat_member: before, new_chat_member: after } = ctx.myChatMember ?? {};
      if (groupOf(ctx) === null || before === undefined || after === undefined) return;
      const isOut = OUT.has(after.status);
      if (OUT.has(before.status) === isOut) return;
      const role = people.roleOf(servedIn(ctx).person.id);
      if (role === null) return strangers.note(ctx, "silence");
      await note(ctx, { action: "bot", details: isOut ? "thrown out" : "taken in", result: "done" });
      if (!isOut && holds(role, "admin") && !isServed(servedIn(ctx).chatId)) await offer(ctx);
    },
    buttons,
  };
}
