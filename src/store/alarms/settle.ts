import { cardAfterCall } from "../../alarms/cards/due.ts";
import type { Card } from "../../alarms/card.ts";
import type { Alarm } from "../../alarms/types.ts";
import { findAlarmById } from "./alarms.ts";
import { touchBoard } from "./board-rows.ts";
import { openCardBook } from "./card-book.ts";
import type { KeptCard } from "./card-row.ts";
import { REFUSED_EVERY_MS } from "./card-waits.ts";
import type { Queries } from "../sql/database.ts";
import { appendDecision, type CardChange, type DecisionRecord } from "./decisions.ts";
import { noteHeard } from "./heard.ts";
import { noteMessage } from "./messages.ts";
import { together } from "../sql/together.ts";

/** A decision about a card, and what came of it. */
export interface Settlement {
  readonly pending: AsCalled;
  readonly change: CardChange;
  readonly decision: DecisionRecord;
}

/** Notes a decision about a card and what came of it. */
export async function settle(
  queries: Queries,
  { pending: { alarm, card }, change, decision }: Settlement,
  now: number,
): Promise<void> {
  await settleCard(queries, { alarm, card }, change, now);
  // In this order, but none waits for the answer to another.
  const notes: Promise<unknown>[] = [noteHeard(queries, { alarm, card }, change, decision, now)];
  if (change.kind === "shown") {
    const [{ chatId }, { messageId }] = [card, change];
    if (messageId !== null) notes.push(noteMessage(queries, { chatId, messageId, alarmId: alarm.id }, now));
    // A last word in an old message, say, is nothing new on the board; what an older Valvomo let wait for nothing but that is.
    const isLeft = decision.action === "none";
    const isNews = isLeft || change.card.version !== card.version || change.card.boardId !== card.boardId;
    if (change.card.boardId !== null && isNews)
      notes.push(touchBoard(queries, change.card.boardId, change.card.messageId === null));
  }
  await together([...notes, appendDecision(queries, decision)]);
}

/** A card and its alarm, as a call was made for them. */
interface AsCalled {
  readonly alarm: Alarm;
  readonly card: Card;
}

/**
 * Notes what came of a call that was made for a card as it was in `before`; alarm and card may have moved on meanwhile, and what
 * came so stays to be shown.
 * @param seen the alarm as the call showed it
 */
async function settleCard(
  queries: Queries,
  { alarm: seen, card: before }: AsCalled,
  change: CardChange,
  now: number,
): Promise<void> {
  const cards = openCardBook(queries);
  const [[present], kept] = await together([
    queries.all<{ version: number }>("SELECT version FROM alarms WHERE id = $1", seen.id),
    cards.find(seen.id, before.chatId),
  ]);
  // What its chats see of it is the same in one version.
  const alarm = present?.version === seen.version ? seen : await findAlarmById(queries, seen.id);
  // Either was forgotten meanwhile.
  if (!alarm || !kept) return;
  const isOvertaken = alarm.version !== seen.version || kept.card.rings !== before.rings;
  const settled = settledCard(kept, before, change, isOvertaken, now);
  cards.save(alarm, settled);
  await cards.flush();
  const { boardId } = settled.card;
  if (boardId !== null && boardId !== kept.card.boardId) await joinBoard(queries, settled.card);
}

function settledCard(kept: KeptCard, before: Card, change: CardChange, isOvertaken: boolean, now: number): KeptCard {
  // The next look sends it anew.
  if (change.kind === "gone") return { ...kept, card: { ...kept.card, messageId: null, boardId: null } };
  if (change.kind === "retry") {
    // Nothing is left to be shown.
    if (!kept.isPending) return kept;
    // What came meanwhile need not wait for what failed before it, but for what was refused.
    if (isOvertaken && (change.refusal === null || kept.card.rings !== before.rings)) return kept;
    const attempts = kept.attempts + (change.isFailure ? 1 : 0);
    const retryAt = isOvertaken ? Math.min(change.retryAt, now + REFUSED_EVERY_MS) : change.retryAt;
    return { ...kept, attempts, retryAt, refusal: change.refusal ?? kept.refusal };
  }
  const card = cardAfterCall(kept.card, before, change.card);
  // A refusal holds for as long as the card is to show what was refused.
  const former = card.version === kept.card.version ? kept.refusal : null;
  const refusal = change.kind === "refused" ? change.refusal : former;
  // What was shown goes to the end of the queue, but for a ring that came meanwhile.
  const isRungAnew = card.rings > before.rings;
  const retryAt = change.kind === "refused" && !isRungAnew ? now + REFUSED_EVERY_MS : 0;
  return { ...kept, card, refusal, since: isRungAnew ? kept.since : now, attempts: 0, retryAt };
}

/** Notes with which change of its board a card comes to it: the next one. */
async function joinBoard(queries: Queries, { alarmId, chatId, boardId }: Card): Promise<void> {
  await queries.run(
    `UPDATE cards SET board_change = (SELECT changes + 1 FROM boards WHERE id = $3) WHERE alarm_id = $1 AND chat_id = $2`,
    alarmId,
    chatId,
    boardId,
  );
}
