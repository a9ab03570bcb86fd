import type { Card } from "../../alarms/card.ts";
import type { Alarm } from "../../alarms/types.ts";
import type { Queries } from "../sql/database.ts";
import type { CardChange, DecisionRecord } from "./decisions.ts";

/**
 * Whether somebody heard of what an alarm was to ring for by a call, so that what comes next need not wait any more: it was shown, or its
 * chat will never take it. What a board stands for is heard when that is shown, and nobody hears an edit in quiet hours. Whoever an alarm
 * was passed on to may not be there for long: then any call tells that chats can be told.
 */
function isHeard(
  { owedRing }: Alarm,
  card: Card,
  change: CardChange,
  { reason, action }: Pick<DecisionRecord, "reason" | "action">,
): boolean {
  const isRing = action === "send" || card.rings > card.rung;
  if (change.kind === "refused") return isRing;
  if (change.kind === "retry") return isRing && change.refusal !== null;
  if (change.kind === "gone" || reason === "quietHours") return false;
  return action === "send" || (action === "edit" && (isRing || owedRing === "passedOn"));
}

/** What lets the next step of an alarm come, once it is looked at anew. */
const HEARD = "UPDATE alarms SET owed_ring = NULL, heard_at = $1, told_at = COALESCE(told_at, $1), due_at = $1";

/** Notes what somebody heard by a call for a card, unless that is to ring once more. */
export async function noteHeard(
  queries: Queries,
  { alarm, card }: { readonly alarm: Alarm; readonly card: Card },
  change: CardChange,
  decision: Pick<DecisionRecord, "reason" | "action">,
  now: number,
): Promise<void> {
  if (!isHeard(alarm, card, change, decision)) return;
  await queries.run(
    `${HEARD} WHERE id = $2 AND owed_ring IS NOT NULL AND EXISTS (
       SELECT 1 FROM cards WHERE alarm_id = $2 AND chat_id = $3 AND (rung >= rings OR refusal IS NOT NULL)
     )`,
    now,
    alarm.id,
    card.chatId,
  );
}

/** Notes that somebody was told of what is on a board. What came to it while it was being shown is shown in a few seconds. */
export async function noteBoardHeard(queries: Queries, boardId: number, now: number): Promise<void> {
  await queries.run(
    `${HEARD} WHERE owed_ring IS NOT NULL AND id IN (
       SELECT alarm_id FROM cards WHERE board_id = $2
     )`,
    now,
    boardId,
  );
}
