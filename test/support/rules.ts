import { type AlarmRules, DEFAULT_ESCALATIONS } from "../../src/alarms/lifecycle/escalation-plan.ts";
import type { Destination } from "../../src/alarms/types.ts";

/** The rules of a program without any settings. */
export const RULES: AlarmRules = {
  returnAfterMs: 3_600_000,
  chatter: { count: 5, withinMs: 600_000 },
  repeating: { count: 2, withinMs: 3_600_000 },
  escalations: DEFAULT_ESCALATIONS,
  single: [],
};

/** A chat outside of forums. */
export const chatOf = (chatId: number): Destination => ({ chatId, threadId: null, name: `chat ${chatId}` });
