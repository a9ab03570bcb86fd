import { GrammyError, HttpError, type Context, type NextFunction } from "grammy";
import type { Logger } from "../../lib/log.ts";
import type { Budgets } from "../../people/budget.ts";
import { neededRole, type Right } from "../../people/right.ts";
import { aRole, holds, type Role } from "../../people/role.ts";
import { SecondFactorNeeded, type SecondFactor } from "../../people/second-factor.ts";
import { reasonOf } from "../../store/sql/disk-reason.ts";
import { isStorageFailure } from "../../store/sql/failure.ts";
import type { People } from "../../store/people/people.ts";
import { formatDuration } from "../../lib/time/time.ts";
import { toast } from "./card-buttons.ts";
import type { Denials } from "./denials.ts";
import type { WriteAuditLine } from "./audit-writer.ts";
import { finish, handledResult, type Handled } from "./outcome.ts";
import { actorOf, groupOf, servedIn } from "./person.ts";
import { ours } from "../api/render.ts";
import { Refusals } from "./whisper.ts";
import type { Strangers } from "./strangers.ts";

/** What somebody wants with an update. */
export interface RequestedAction {
  /** As the audit log names it: `/route`, `button ack`. */
  readonly action: string;
  /** What stood behind it. */
  readonly details: string;
  readonly right: Right;
}

/** What it is decided by. */
export interface AccessOptions {
  readonly people: Pick<People, "roleOf" | "meet">;
  readonly writeAuditLine: WriteAuditLine;
  readonly denials: Pick<Denials, "note">;
  /** Whether a chat gets alarms, as it joined or is named by a route or the settings. */
  readonly isServed: (chatId: number) => boolean;
  /** What an update wants; `null`: nothing that anybody has to be allowed, such as talk in a group. */
  readonly requestedActionOf: (ctx: Context) => RequestedAction | null;
  readonly budgets: Budgets;
  /** The same for what is written in groups, whose messages are few. */
  readonly groupBudgets: Budgets;
  readonly secondFactor: Pick<SecondFactor, "isNeeded">;
  readonly strangers: Strangers;
  /** An admin wants something in a group that has not joined. */
  readonly offerToJoin: (ctx: Context) => Promise<void>;
  readonly log: Logger;
}

/** The command that opens the second factor does not need it. */
export const CODE_COMMAND = "/code";
/** The press that lets a group join comes from one that has not. */
const JOIN_PRESS = "button join";

/** What keeps somebody from what they want. */
interface Obstacle {
  /** At most the 200 characters that a toast may have (FACTS: C1). */
  readonly words: string;
  readonly result: string;
}

const LOCKED: Obstacle = {
  words: `Write me ${CODE_COMMAND} and your six digits in private first, then do that again.`,
  result: "denied: needs the second factor",
};
const NOT_INVITED = "Only people whom an admin has invited can press this.";
const NOT_JOINED = "This group has not joined. An admin of Valvomo must let it join.";

/**
 * The one place that decides who is served, and with what.
 *
 * Rights belong to the person, in groups too: being in one lets people read what it is sent, no more. Who has no role gets
 * silence; who has one is told what is missing.
 */
export class Access {
  /** They learn what the bot may do in a group. */
  readonly refusals = new Refusals();
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Lets an update pass, or answers it with what is missing, or with silence. */
  readonly enter = async (ctx: Context, next: NextFunction): Promise<void> => {
    const { people, isServed, requestedActionOf, log } = this.#options;
    const { from, chat } = ctx;
    // We are told, too, what we pinned ourselves.
    if (!from || !chat || from.id === ctx.me.id) return;
    const role = this.#roleIn(ctx);
    const isHome = isServed(chat.id);
    // People without a role talk to each other in groups, too; in private, a flood of them is not to cost more than this.
    if (role === null)
      return groupOf(ctx) !== null && requestedActionOf(ctx) === null
        ? undefined
        : this.#enterUnknown(ctx, from.id, isHome);
    const requested = requestedActionOf(ctx);
    // Nobody waits for that: who presses first is served first.
    people
      .meet(actorOf(ctx))
      .catch((error: unknown) => log.warn({ reason: String(error) }, "could not note who was here"));
    const isOutside = groupOf(ctx) !== null && !isHome;
    if (requested === null) return isOutside ? undefined : next();
    if (!(await this.#canAfford(ctx, from.id, requested.right))) return;
    return isOutside && requested.action !== JOIN_PRESS
      ? this.#enterOutside(ctx, role)
      : this.serve(ctx, requested, next);
  };

  /** The same for what only its handler can tell from other updates: does it, or says what is missing. */
  readonly serve = async (ctx: Context, requested: RequestedAction, work: () => Promise<Handled>): Promise<void> => {
    const { denials, writeAuditLine } = this.#options;
    const { action, details, right } = requested;
    const found = this.#obstacle(ctx, requested);
    if (found !== null) {
      await denials.note(ctx, { action, details, result: found.result });
      return this.#say(ctx, found.words);
    }
    const isNoted = neededRole(right, groupOf(ctx) !== null) !== "viewer";
    let result = "failed";
    try {
      await finish(ctx, await work());
      result = "done";
    } catch (error) {
      if (!(error instanceof SecondFactorNeeded)) {
        // At once: the audit log may wait for the same as what failed.
        await this.#sayFailed(ctx, error);
        throw error;
      }
      await finish(ctx, { result: LOCKED.result, tell: () => this.#say(ctx, LOCKED.words) });
    } finally {
      if (isNoted) await writeAuditLine(ctx, { action, details, result: handledResult(ctx) ?? result });
    }
  };

  /** Whether somebody has a right where they are. */
  readonly allows = (ctx: Context, right: Right): boolean => {
    const isGroup = groupOf(ctx) !== null;
    return holds(this.#roleIn(ctx), neededRole(right, isGroup)) && !(isGroup && right.isPrivate === true);
  };

  /** Who writes in the name of a group or a channel is nobody: it may be any of its admins. */
  #roleIn({ from, message }: Context): Role | null {
    return from === undefined || message?.sender_chat !== undefined ? null : this.#options.people.roleOf(from.id);
  }

  /** `null`: nothing is in the way. */
  #obstacle(ctx: Context, { action, right }: RequestedAction): Obstacle | null {
    const isGroup = groupOf(ctx) !== null;
    const role = this.#roleIn(ctx);
    const needed = neededRole(right, isGroup);
    if (!holds(role, needed)) {
      const words = `Only ${aRole(needed)} may do that${isGroup ? " here" : ""}; you ${role === null ? "have no role" : `are ${aRole(role)}`}. Ask an admin.`;
      return { words, result: `denied: needs ${needed}` };
    }
    if (right.isPrivate === true && isGroup)
      return { words: "Others can read that here: write it to me in private.", result: "denied: in a group" };
    const isLocked =
      needed === "admin" && action !== CODE_COMMAND && this.#options.secondFactor.isNeeded(servedIn(ctx).person.id);
    return isLocked ? LOCKED : null;
  }

  #say(ctx: Context, words: string): Promise<void> {
    return ctx.callbackQuery ? toast(ctx, words) : this.refusals.say(ctx, ours(words));
  }

  /** Nobody is to wonder whether what they want was done. What Telegram does not take of us cannot be said either, but at a press. */
  async #sayFailed(ctx: Context, error: unknown): Promise<void> {
    const isOfTelegram = error instanceof GrammyError || error instanceof HttpError;
    if (isOfTelegram && !ctx.callbackQuery) return;
    const words = isStorageFailure(error)
      ? `Not done: nothing can be stored now (${reasonOf(error)}). Try it again in a minute.`
      : "Something went wrong: it may not be done. Try again; if it stays so, tell an admin.";
    await this.#say(ctx, words).catch((reason: unknown) =>
      this.#options.log.warn({ reason: String(reason) }, "could not say what failed"),
    );
  }

  /** Whether somebody has budget left; if not, they are told: once, but at each press, as that is not a message. */
  async #canAfford(ctx: Context, userId: number, right: Right): Promise<boolean> {
    const { budgets, groupBudgets } = this.#options;
    const isWritten = groupOf(ctx) !== null && !ctx.callbackQuery;
    // In this order: who writes too much in a group can still press.
    const shortage = (isWritten ? groupBudgets.take(userId, 1) : null) ?? budgets.take(userId, right.cost ?? 1);
    if (shortage?.isNew || (shortage && ctx.callbackQuery))
      await this.#say(ctx, `That was a lot at once. Wait ${formatDuration(shortage.waitMs + 999)}.`);
    return shortage === null;
  }

  async #enterUnknown(ctx: Context, userId: number, isHome: boolean): Promise<void> {
    const { budgets, strangers } = this.#options;
    // Who presses there reads the alarms anyway, and must know that nobody came because of it.
    if (ctx.callbackQuery && isHome && budgets.take(userId, 1) === null) await toast(ctx, NOT_INVITED);
    return strangers.meet(ctx);
  }

  async #enterOutside(ctx: Context, role: Role): Promise<void> {
    const { strangers, offerToJoin } = this.#options;
    if (ctx.callbackQuery) await toast(ctx, NOT_JOINED);
    return holds(role, "admin") ? offerToJoin(ctx) : strangers.note(ctx, "group has not joined");
  }
}
