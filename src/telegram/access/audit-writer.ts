import type { Context } from "grammy";
import type { Logger } from "../../lib/log.ts";
import type { Audit } from "../../store/people/audit.ts";
import type { People } from "../../store/people/people.ts";
import { actorOf, groupOf } from "./person.ts";

/** A line of the audit log about who sent an update, and where. */
interface Line {
  readonly action: string;
  readonly details: string;
  readonly result: string;
}

/** Appends a line. Never rejects: what was done is done, and a store that fails must keep nobody from being answered. */
export type WriteAuditLine = (ctx: Context, line: Line) => Promise<void>;

/** A line that the store does not take stands in the program's own log. */
export function createAuditWriter(options: {
  readonly people: Pick<People, "meet">;
  readonly audit: Pick<Audit, "append">;
  readonly log: Logger;
}): WriteAuditLine {
  const { people, audit, log } = options;
  return async (ctx, line) => {
    try {
      const personId = await people.meet(actorOf(ctx));
      await audit.append({ personId, groupId: groupOf(ctx), ...line });
    } catch (error) {
      log.error({ err: error, ...line, userId: ctx.from?.id, chatId: ctx.chatId }, "a line of the audit log was lost");
    }
  };
}
