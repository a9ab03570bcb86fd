import type { Context } from "grammy";
import { hashOf, isCode } from "../../people/invitation.ts";
import type { JoinGuard } from "../../people/join-guard.ts";
import { aRole, type Role } from "../../people/role.ts";
import { JOIN, WRONG_CODE } from "../../store/people/audit.ts";
import type { ChatSettings } from "../../store/people/chats.ts";
import type { InvitationEnd } from "../../store/people/invitation-table.ts";
import type { People } from "../../store/people/people.ts";
import { mainKeyboard } from "../dialogues/keyboard.ts";
import type { WriteAuditLine } from "../access/audit-writer.ts";
import { actorOf } from "../access/person.ts";
import { html, lines, type Html } from "../api/render.ts";
import { reply } from "../access/reply.ts";
import { askToJoin } from "./join-question.ts";

/** What taking invitations needs. */
export interface EntranceOptions {
  readonly people: Pick<People, "roleOf" | "join" | "meet" | "invitations">;
  readonly writeAuditLine: WriteAuditLine;
  readonly guard: JoinGuard;
  readonly chats: Pick<ChatSettings, "joined">;
  /** Tells the admins what somebody tries; `id` names the trouble, one for each person, so that no guesser hides behind another. */
  readonly warn: (id: string, message: string) => Promise<void>;
  /** What names a chat besides its own joining, which is so not to be undone in a chat; in words. */
  readonly namedIn: (chatId: number) => readonly string[];
  /** Somebody's role is another one now. */
  readonly onRole: (userId: number) => void;
}

const CAN: Readonly<Record<Role, string>> = {
  viewer: "look at everything",
  operator: "look at everything, acknowledge, shelve and close",
  admin: "do everything",
};

const ENDED: Readonly<Record<InvitationEnd, string>> = {
  used: "This invitation has been used already: each lets in one person.",
  expired: "This invitation has expired.",
  withdrawn: "This invitation was taken back.",
};

/** How people come in: by the code of an invitation. */
export class Entrance {
  readonly #options: EntranceOptions;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** Takes a code, whoever sends it. */
  async enter(ctx: Context, code: string): Promise<void> {
    const { people, writeAuditLine, guard, onRole } = this.#options;
    const user = actorOf(ctx);
    const role = people.roleOf(user.userId);
    // A good code is good always: nobody can guess one, and others' guesses are to lock nobody out.
    const joined = isCode(code) ? await people.join(user, hashOf(code), ctx.update.update_id) : null;
    // Of wrong ones nothing is said or noted while it is locked: that would be a flood of lines.
    if (joined === null) return guard.mayAnswer(user.userId) ? this.#refuse(ctx, role, code) : undefined;
    const { invitation, isNew } = joined;
    if (!isNew)
      return reply(
        ctx,
        html`You are ${aRole(role ?? invitation.role)} already; the invitation can be used by somebody else.`,
      );
    onRole(user.userId);
    const details = `invited by person ${invitation.invitedBy}`;
    await writeAuditLine(ctx, { action: JOIN, details, result: `${invitation.role} now` });
    await reply(ctx, welcome(invitation.role), { reply_markup: mainKeyboard });
    await this.#offerAlarms(ctx, user.userId, invitation.role);
  }

  async #refuse(ctx: Context, role: Role | null, code: string): Promise<void> {
    const { people, writeAuditLine, guard, warn } = this.#options;
    const user = actorOf(ctx);
    // Counted first: whatever fails afterwards, guessing must not go on.
    const locked = guard.wrong(user.userId);
    await writeAuditLine(ctx, { action: JOIN, details: "", result: WRONG_CODE });
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
    // Nobody can guess a code that there was: who has one was given it, and is told what became of it. Another one tells a stranger nothing.
    const end = isCode(code) ? await people.invitations.endOf(hashOf(code)) : null;
    if (role === null && end === null) return;
    const still = role === null ? html`Ask for a new one.` : html`You are still ${aRole(role)}.`;
    await reply(ctx, html`${end === null ? "This invitation is not valid." : ENDED[end]} ${still}`);
  }

  async #offerAlarms(ctx: Context, userId: number, role: Role): Promise<void> {
    const { chats, namedIn } = this.#options;
    if (chats.joined().includes(userId) || namedIn(userId).length > 0) return;
    const question =
      role === "admin"
        ? html`Send you all alarms here? As an admin you get those that no route takes, and what is wrong with Valvomo itself, in any case.`
        : html`Send you alarms here, too?`;
    await askToJoin(ctx, question, "subscribe", ["Yes, send me alarms", "No"]);
  }
}

const welcome = (role: Role): Html =>
  lines(
    html`Welcome to <b>Valvomo</b>, the control room of your plant. You are ${aRole(role)}: you may ${CAN[role]}.`,
    html`/help says how.`,
  );
