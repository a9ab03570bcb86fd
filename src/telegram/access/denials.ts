import type { Context } from "grammy";
import type { Audit } from "../../store/people/audit.ts";
import type { WriteAuditLine } from "./audit-writer.ts";
import { actorOf } from "./person.ts";

/** What people with a role try and may not do: the audit log gets a line for each try, and a count of many. */
export interface Denials {
  /** Notes a try. */
  note: WriteAuditLine;
  /**
   * Tells, once the hour is over, how many more there were than have a line.
   * @param isLast the program stops: it is told at once
   */
  settle(isLast?: boolean): Promise<void>;
}

const HOUR = 3_600_000;
/** Lines of one person in an hour, so that nobody who presses on and on fills the log. */
export const MAX_DENIALS_NOTED = 10;

/** Who tried how often, and as which person of the audit log. */
interface Tries {
  readonly count: number;
  readonly personId: number | null;
}

/** @param options.personOf the number that the audit log has for who sent an update */
export function createDenials(options: {
  readonly writeAuditLine: WriteAuditLine;
  readonly personOf: (ctx: Context) => Promise<number>;
  readonly audit: Pick<Audit, "append">;
  readonly now: () => number;
}): Denials {
  const { audit, now } = options;
  let since = now();
  let tries = new Map<number, Tries>();

  async function settle(isLast = false): Promise<void> {
    if (!isLast && Math.abs(now() - since) < HOUR) return;
    const past = tries;
    [tries, since] = [new Map(), now()];
    for (const { count, personId } of past.values()) {
      if (count <= MAX_DENIALS_NOTED) continue;
      const details = `${count - MAX_DENIALS_NOTED} more tries within an hour`;
      await audit.append({ personId, groupId: null, action: "denied", details, result: "denied" });
    }
  }

  return {
    settle,
    async note(ctx, line) {
      await settle();
      const { userId } = actorOf(ctx);
      const before = tries.get(userId) ?? { count: 0, personId: null };
      const count = before.count + 1;
      tries.set(userId, { ...before, count });
      if (count <= MAX_DENIALS_NOTED) return options.writeAuditLine(ctx, line);
      if (before.personId === null) tries.set(userId, { count, personId: await options.personOf(ctx) });
    },
  };
}
