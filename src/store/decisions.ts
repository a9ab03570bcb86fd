import type { Decision, Reason } from "../alarms/decide.ts";
import type { Queries } from "./database.ts";

/** One call that was made for a card: why, and what came of it. */
export interface DecisionRecord {
  readonly alarmId: number;
  readonly chatId: number;
  readonly decidedAt: number;
  readonly version: number;
  readonly reason: Reason;
  readonly action: Decision["action"];
  /** `ok`, or why it failed. */
  readonly result: string;
}

/** Appends one decision. */
export async function appendDecision(queries: Queries, id: number, decision: DecisionRecord): Promise<void> {
  await queries.run(
    `INSERT INTO decisions (id, alarm_id, chat_id, decided_at, version, reason, action, result)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    id,
    decision.alarmId,
    decision.chatId,
    decision.decidedAt,
    decision.version,
    decision.reason,
    decision.action,
    decision.result,
  );
}
