import { z } from "zod";
import type { Logger } from "../lib/log.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import type { Schedule } from "./schedule.ts";

/** What a chat wants, and what it got. */
interface ReportPlan {
  /** The thread of a forum group; `null` outside of forums. */
  readonly threadId: number | null;
  readonly schedule: Schedule;
  /** What was due then or before needs no sending any more; epoch ms. */
  readonly sentAt: number;
}

/** The plan of one chat. */
export interface ChatPlan extends ReportPlan {
  readonly chatId: number;
}

/** What chats want; few, so kept in memory. */
export interface ReportStore {
  all(): readonly ChatPlan[];
  /** `null`: it wants no reports any more. */
  save(chatId: number, plan: ReportPlan | null): Promise<void>;
}

const NAME = "reports";

/** As a plan is kept. */
const keptForm = z.object({
  chatId: z.number(),
  threadId: z.number().nullable(),
  schedule: z.object({ minute: z.number(), weekday: z.number().nullable() }),
  sentAt: z.number(),
});

/** Reads the plans, which are one fact. One that is not understood, as of a newer version, is logged and left as it is. */
export async function openReportStore(keyValue: KeyValue, log: Pick<Logger, "error">): Promise<ReportStore> {
  const kept = (await keyValue.read(NAME)) ?? [];
  const plans = new Map<number, ChatPlan>();
  const unread: unknown[] = [];
  for (const one of Array.isArray(kept) ? kept : [kept]) {
    const { data, error } = keptForm.safeParse(one);
    if (data) plans.set(data.chatId, data);
    else {
      unread.push(one);
      log.error({ err: error }, "could not read the plan of a report: it is not sent");
    }
  }
  return {
    all: () => [...plans.values()],
    async save(chatId, plan) {
      if (plan === null) plans.delete(chatId);
      else plans.set(chatId, { ...plan, chatId });
      await keyValue.write(NAME, [...plans.values(), ...unread]);
    },
  };
}
