import type { Context, NextFunction } from "grammy";
import type { Logger } from "../log.ts";
import type { Budgets } from "../people/budget.ts";
import { neededRole, type Right } from "../people/right.ts";
import { aRole, holds } from "../people/role.ts";
import type { SecondFactor } from "../people/second-factor.ts";
import type { Audit } from "../store/audit.ts";
import type { People } from "../store/people.ts";
import { formatDuration } from "../time.ts";
import { toast } from "./card-buttons.ts";
import { actorOf, groupOf } from "./person.ts";
import { html } from "./render.ts";
import { reply } from "./reply.ts";
import type { Strangers } from "./strangers.ts";

/** What somebody wants with an update. */
export interface Use {
  /** As the audit log names it: `/route`, `button ack`. */
  readonly action: string;
  /** What stood behind it. */
  readonly details: string;
  readonly right: Right;
}

/** The one place that decides who is served, and with what. */
export interface Access {
  /** Lets an update pass, or answers it with what is missing, or with silence. */
  enter(ctx: Context, next: NextFunction): Promise<void>;
  /** The same for what only its handler can tell from other updates: lets it pass, or says what is missing. */
  admits(ctx: Context, use: Use): Promise<boolean>;
  /** Whether somebody has a right where he is. */
  allows(ctx: Context, right: Right): boolean;
}

/** What it is decided by. */
export interface AccessOptions {
  readonly people: Pick<People, "roleOf" | "meet">;
  readonly audit: Pick<Audit, "append">;
  /** Whether a chat gets alarms, as it joined or is named by a route or the settings. */
  readonly isServed: (chatId: number) => boolean;
  /** What an update wants; `null`: nothing that anybody has to be allowed, such as talk in a group. */
  readonly useOf: (ctx: Context) => Use | null;
  readonly budgets: Budgets;
  readonly secondFactor: Pick<SecondFactor, "isNeeded">;
  readonly strangers: Strangers;
  /** An admin wants something in a group that has not joined. */
  readonly offerToJoin: (ctx: Context) => Promise<void>;
  readonly log: Logger;
}

/** What opens the second factor needs it not. */
export const CODE_COMMAND = "/code";
/** The press that lets a group join comes from one that has not. */
const JOIN_PRESS = "button join";

/** What keeps somebody from what he wants. */
interface Obstacle {
  /** At most the 200 characters that a toast may have (FACTS: C1). */
  readonly words: string;
  readonly result: string;
  /** Whether it stands in the audit log. */
  readonly isNoted: boolean;
}

const NOT_INVITED = "Only people whom an admin has invited can press this.";

/**
 * Rights belong to the person, in groups too: being in one lets people read what it is sent, no more. Who has no role gets
 * silence; who has one is told what is missing.
 */
export function createAccess(options: AccessOptions): Access {
  const { people, audit, isServed, useOf, budgets, secondFactor, strangers, offerToJoin, log } = options;

  async function note(ctx: Context, use: Use, result: string): Promise<void> {
    const personId = await people.meet(actorOf(ctx));
    await audit.append({ personId, groupId: groupOf(ctx), action: use.action, details: use.details, result });
  }

  /** `null`: nothing is in the way. */
  function obstacle(ctx: Context, { action, right }: Use): Obstacle | null {
    const userId = ctx.from?.id ?? 0;
    const isGroup = groupOf(ctx) !== null;
    const role = people.roleOf(userId);
    const needed = neededRole(right, isGroup);
    if (!holds(role, needed)) {
      const words = `Only ${aRole(needed)} may do that${isGroup ? " here" : ""}; you are ${role === null ? "nobody" : aRole(role)}. Ask an admin.`;
      return { words, result: `denied: needs ${needed}`, isNoted: true };
    }
    if (right.isPrivate === true && isGroup) {
      return {
        words: "Not where others read it: write that to me in private.",
        result: "denied: in a group",
        isNoted: true,
      };
    }
    if (needed === "admin" && action !== CODE_COMMAND && secondFactor.isNeeded(userId)) {
      const words = `First your second factor: write me ${CODE_COMMAND} and the six digits in private, then do that again.`;
      return { words, result: "denied: needs the second factor", isNoted: true };
    }
    const waitMs = budgets.take(userId, right.cost ?? 1);
    if (waitMs === 0) return null;
    return { words: `That was a lot at once. Wait ${formatDuration(waitMs + 999)}.`, result: "", isNoted: false };
  }

  async function admits(ctx: Context, use: Use): Promise<boolean> {
    const found = obstacle(ctx, use);
    if (found === null) return true;
    if (found.isNoted) await note(ctx, use, found.result);
    if (ctx.callbackQuery) await toast(ctx, found.words);
    else await reply(ctx, html`${found.words}`);
    return false;
  }

  const allows = (ctx: Context, right: Right): boolean => {
    const isGroup = groupOf(ctx) !== null;
    return (
      holds(people.roleOf(ctx.from?.id ?? 0), neededRole(right, isGroup)) && !(isGroup && right.isPrivate === true)
    );
  };

  async function serve(ctx: Context, use: Use, next: NextFunction): Promise<void> {
    if (!(await admits(ctx, use))) return;
    const isNoted = neededRole(use.right, groupOf(ctx) !== null) !== "viewer";
    try {
      await next();
    } catch (error) {
      if (isNoted) await note(ctx, use, "failed");
      throw error;
    }
    if (isNoted) await note(ctx, use, "done");
  }

  return {
    admits,
    allows,
    async enter(ctx, next) {
      const { from, chat } = ctx;
      if (!from || !chat) return;
      const role = people.roleOf(from.id);
      const groupId = groupOf(ctx);
      const isHome = isServed(chat.id);
      if (role === null) {
        // Who presses there reads the alarms anyway, and must know that nobody came because of it.
        if (ctx.callbackQuery && isHome) await toast(ctx, NOT_INVITED);
        return strangers.meet(ctx);
      }
      // Nobody waits for that: who presses first is served first.
      people
        .meet(actorOf(ctx))
        .catch((error: unknown) => log.warn({ reason: String(error) }, "could not note who was here"));
      const use = useOf(ctx);
      if (groupId !== null && !isHome && use?.action !== JOIN_PRESS)
        return holds(role, "admin") ? offerToJoin(ctx) : strangers.note(ctx, "group has not joined");
      return use === null ? next() : serve(ctx, use, next);
    },
  };
}
