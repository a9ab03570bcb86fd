import { ADMINS_TOPIC } from "../../alarms/payloads/own.ts";
import { afterCall, newCard, toldCard } from "../../alarms/cards/due.ts";
import type { Card, News } from "../../alarms/card.ts";
import type { Destination, Alarm } from "../../alarms/types.ts";
import { findAlarmById } from "./alarms.ts";
import { openCardBook, type CardBook, type KeptCard } from "./card-book.ts";
import type { Queries } from "../sql/database.ts";
import { together } from "../sql/together.ts";

/** Nothing is put off for longer. */
export const MAX_RETRY_MS = 3_600_000;

/** A card that was refused is not tried sooner for what comes once more without a ring, or a reply: that may be ten times a second. */
const REFUSED_EVERY_MS = 10_000;

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

/**
 * Tells the cards of an alarm in its destinations what is new. One that waits already keeps its place, unless it is to ring
 * now.
 */
export async function tellChats(
  cards: CardBook,
  alarm: Alarm,
  destinations: readonly Destination[],
  news: News,
  now: number,
): Promise<void> {
  // Whom it concerns may not be told of it any more: then it concerns all.
  const ringsIn = destinations.some(({ chatId }) => news.ringsIn?.includes(chatId)) ? news.ringsIn : null;
  for (const to of destinations) {
    const ring = ringsIn === null || ringsIn.includes(to.chatId) ? news.ring : null;
    const kept = await cards.find(alarm.id, to.chatId);
    const refused = ring === null && news.saying === null ? refusedFor(kept, now) : null;
    cards.save(alarm, {
      card: kept ? toldCard(kept.card, to.threadId, { ring, saying: news.saying }) : newCard(alarm.id, to, ring),
      since: kept?.isPending && ring === null ? kept.since : now,
      rangAt: kept && ring === null ? kept.rangAt : now,
      ...(refused ?? ANEW),
    });
  }
}

const ANEW = { attempts: 0, retryAt: 0, refusal: null } as const;

/** How a card waits that was refused, if nothing new on it rings; `null`: it was not. */
function refusedFor(kept: KeptCard | null, now: number): Pick<KeptCard, "attempts" | "retryAt" | "refusal"> | null {
  if (!kept || kept.refusal === null) return null;
  const { attempts, retryAt, refusal } = kept;
  return { attempts, retryAt: Math.min(retryAt, now + REFUSED_EVERY_MS), refusal };
}

/** Looks again at the cards of an alarm in the chats that it does not go to any more; resolves with these chats. */
export async function refreshOthers(
  cards: CardBook,
  alarm: Alarm,
  destinations: readonly Destination[],
  now: number,
): Promise<number[]> {
  const chatIds = await cards.chatsOf(alarm.id);
  const others = chatIds.filter((id) => !destinations.some(({ chatId }) => chatId === id));
  for (const chatId of others) await lookAgain(cards, alarm, chatId, now);
  return others;
}

/** Looks again at one card, as its alarm is another one now; if it waits already, it keeps its place. */
async function lookAgain(cards: CardBook, alarm: Alarm, chatId: number, now: number): Promise<void> {
  const kept = await cards.find(alarm.id, chatId);
  if (!kept) return;
  cards.save(alarm, kept.isPending ? kept : { ...kept, since: now, ...(refusedFor(kept, now) ?? ANEW) });
}

/** Notes that a picture can be put into a card; nothing if its message is gone meanwhile. */
export async function picture(queries: Queries, alarmId: number, chatId: number, now: number): Promise<void> {
  const alarm = await findAlarmById(queries, alarmId);
  const cards = openCardBook(queries);
  const kept = await cards.find(alarmId, chatId);
  if (!alarm || !kept || kept.card.messageId === null) return;
  const since = kept.isPending ? kept.since : now;
  cards.save(alarm, {
    ...kept,
    card: { ...kept.card, isPictureDue: true },
    since,
    retryAt: refusedFor(kept, now)?.retryAt ?? 0,
  });
  await cards.flush();
}

/**
 * Notes what came of a call that was made for a card as it was in `before`; alarm and card may have moved on meanwhile, and what
 * came so stays to be shown.
 * @param seen the alarm as the call showed it
 */
export async function settleCard(
  queries: Queries,
  { alarm: seen, card: before }: { readonly alarm: Alarm; readonly card: Card },
  change: CardChange,
  now: number,
): Promise<void> {
  const cards = openCardBook(queries);
  const [alarm, kept] = await together([findAlarmById(queries, seen.id), cards.find(seen.id, before.chatId)]);
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
    // What came meanwhile need not wait for what failed before it, but for what was refused.
    if (isOvertaken && (change.refusal === null || kept.card.rings !== before.rings)) return kept;
    const attempts = kept.attempts + (change.isFailure ? 1 : 0);
    const retryAt = isOvertaken ? Math.min(change.retryAt, now + REFUSED_EVERY_MS) : change.retryAt;
    return { ...kept, attempts, retryAt, refusal: change.refusal ?? kept.refusal };
  }
  const card = afterCall(kept.card, before, change.card);
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

/** Forgets the cards of a chat. */
export async function forgetChat(queries: Queries, chatId: number): Promise<void> {
  await queries.run("DELETE FROM cards WHERE chat_id = $1", chatId);
  await queries.run("DELETE FROM boards WHERE chat_id = $1", chatId);
}

/** Forgets the cards of all chats but these, and those of alarms that are for admins alone in all but theirs. */
export async function forgetOtherChats(
  queries: Queries,
  chatIds: readonly number[],
  adminChatIds: readonly number[],
): Promise<void> {
  const admins = adminChatIds.map((_, i) => `$${i + 2}`).join(", ");
  await queries.run(
    `DELETE FROM cards WHERE alarm_id IN (SELECT id FROM alarms WHERE topic = $1) AND chat_id NOT IN (${admins})`,
    ADMINS_TOPIC,
    ...adminChatIds,
  );
  const places = chatIds.map((_, i) => `$${i + 1}`).join(", ");
  await queries.run(`DELETE FROM cards WHERE chat_id NOT IN (${places})`, ...chatIds);
  await queries.run(`DELETE FROM boards WHERE chat_id NOT IN (${places})`, ...chatIds);
}
