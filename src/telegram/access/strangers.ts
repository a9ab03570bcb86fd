import type { Context } from "grammy";
import type { Update } from "grammy/types";
import type { Logger } from "../../lib/log.ts";
import type { Audit } from "../../store/people/audit.ts";
import type { WriteAuditLine } from "./audit-writer.ts";
import { actorOf, groupOf } from "./person.ts";
import { startCodeOf } from "./start-code.ts";

/** Those without a role: they get silence, and the audit log a line. */
export interface Strangers {
  /** Looks whether one has an invitation, and is silent if not. */
  meet(ctx: Context): Promise<void>;
  /** Notes what somebody wanted, once an hour. */
  note(ctx: Context, result: string): Promise<void>;
  /**
   * Whether an update is one more message of somebody who was noted already, or of too many: it is counted here, and a flood of
   * them is not to cost what grammY does for each.
   */
  readonly shouldIgnore: (update: Update) => boolean;
  /**
   * Tells, once the hour is over, how much was not noted by itself.
   * @param isLast the program stops: it is told at once
   */
  settle(isLast?: boolean): Promise<void>;
}

const HOUR = 3_600_000;
/** More strangers than this in an hour are a flood: they are counted. */
const MAX_NOTED = 60;

/** What telling strangers apart needs. */
interface StrangersOptions {
  readonly writeAuditLine: WriteAuditLine;
  readonly audit: Pick<Audit, "append">;
  /** Whether somebody has no role, and no alarms in their private chat. */
  readonly isStranger: (userId: number) => boolean;
  /** Takes an invitation code. */
  readonly enter: (ctx: Context, code: string) => Promise<void>;
  /** An update was neither answered nor noted by itself. */
  readonly onDropped: () => void;
  readonly now: () => number;
  readonly log: Logger;
}

/** The hour begins now. */
export function createStrangers(options: StrangersOptions): Strangers {
  const { audit, isStranger, enter, onDropped, now, log } = options;
  let noted = new Set<string>();
  let since = now();
  let uncounted = 0;

  const isOver = (): boolean => Math.abs(now() - since) >= HOUR;
  const keyOf = (userId: number, groupId: number | null): string => `${userId} ${groupId ?? ""}`;
  const isNoted = (key: string): boolean => noted.has(key) || noted.size >= MAX_NOTED;

  function drop(): void {
    uncounted += 1;
    onDropped();
  }

  /** Begins an hour, and tells of the last one what was not noted. */
  async function settle(isLast = false): Promise<void> {
    if (!isLast && !isOver()) return;
    const count = uncounted;
    [noted, since, uncounted] = [new Set(), now(), 0];
    if (count === 0) return;
    const details = `${count} more updates within an hour`;
    await audit.append({ personId: null, groupId: null, action: "strangers", details, result: "silence" });
  }

  async function note(ctx: Context, result: string): Promise<void> {
    await settle();
    const user = actorOf(ctx);
    const key = keyOf(user.userId, groupOf(ctx));
    if (isNoted(key)) return drop();
    noted.add(key);
    log.info({ userId: user.userId, chatId: ctx.chatId, update: ctx.update.update_id }, "not served");
    const what = ctx.callbackQuery ? "a press" : ctx.myChatMember ? "took the bot into a group" : "a message";
    await options.writeAuditLine(ctx, { action: "stranger", details: what, result });
  }

  return {
    note,
    settle,
    async meet(ctx) {
      const code = startCodeOf(ctx);
      return code === null ? note(ctx, "silence") : enter(ctx, code);
    },
    shouldIgnore({ message }) {
      if (message?.chat?.type !== "private" || message.text?.startsWith("/start ")) return false;
      // A private chat has the id of its person.
      const { id } = message.chat;
      if (isOver() || !isNoted(keyOf(id, null)) || !isStranger(id)) return false;
      drop();
      return true;
    },
  };
}
