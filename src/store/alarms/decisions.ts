import type { Card } from "../../alarms/card.ts";
import type { Decision, Reason } from "../../alarms/cards/decide.ts";
import type { Database, Queries } from "../sql/database.ts";
import { newestNumber, takeNumber } from "../sql/numbers.ts";
import { together } from "../sql/together.ts";

/** One call that was made for a card: why, and what came of it. */
export interface DecisionRecord {
  readonly alarmId: number;
  readonly chatId: number;
  readonly decidedAt: number;
  readonly version: number;
  readonly reason: Reason;
  readonly action: Decision["action"];
  /** `ok`, `silent` where it was done without a sound, or why it failed. */
  readonly result: string;
}

/** Whether it was done, heard or not. */
export const wasMade = ({ result }: Pick<DecisionRecord, "result">): boolean => result === "ok" || result === "silent";

/** What came of a call for a card. */
export type CardChange =
  /** `messageId`: a new message about the alarm, if one was sent. */
  | { readonly kind: "shown"; readonly card: Card; readonly messageId: number | null }
  | { readonly kind: "gone" }
  /** To be tried again; `isFailure`: the card failed, and not only its turn; `refusal` is what Telegram said, if that is why. */
  | {
      readonly kind: "retry";
      readonly retryAt: number;
      readonly isFailure: boolean;
      readonly refusal: string | null;
    }
  /** Telegram will never take what the card was to show: a change of its alarm is the next that is shown. */
  | { readonly kind: "refused"; readonly card: Card; readonly refusal: string };

/** Appends one decision. */
export async function appendDecision(queries: Queries, decision: DecisionRecord): Promise<void> {
  // Nothing else names its number, so the two go together.
  const number = takeNumber(queries, "decision");
  const row = queries.run(
    `INSERT INTO decisions (id, alarm_id, chat_id, decided_at, version, reason, action, result)
     VALUES (${newestNumber("decision")}, $1, $2, $3, $4, $5, $6, $7)`,
    decision.alarmId,
    decision.chatId,
    decision.decidedAt,
    decision.version,
    decision.reason,
    decision.action,
    decision.result,
  );
  await together([number, row]);
}

/** The newest decisions for one chat's card, newest first. */
export async function listDecisions(
  database: Database,
  alarmId: number,
  chatId: number,
  limit: number,
): Promise<DecisionRecord[]> {
  const rows = await database.all<DecisionRow>(
    "SELECT * FROM decisions WHERE alarm_id = $1 AND chat_id = $2 ORDER BY id DESC LIMIT $3",
    alarmId,
    chatId,
    limit,
  );
  return rows.map((row) => ({
    alarmId: row.alarm_id,
    chatId: row.chat_id,
    decidedAt: row.decided_at,
    version: row.version,
    reason: row.reason,
    action: row.action,
    result: row.result,
  }));
}

interface DecisionRow {
  alarm_id: number;
  chat_id: number;
  decided_at: number;
  version: number;
  reason: Reason;
  action: Decision["action"];
  result: string;
}
