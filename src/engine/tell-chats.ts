import { boardOf, newCard, toldCard } from "../alarms/cards/due.ts";
import type { Notification } from "../alarms/card.ts";
import type { Alarm, Destination } from "../alarms/types.ts";
import type { CardBook } from "../store/alarms/card-book.ts";
import { ANEW, refusedFor } from "../store/alarms/card-waits.ts";

/**
 * Tells the cards of an alarm in its destinations what is new. One that waits already keeps its place, unless it is to ring
 * now.
 */
export async function tellChats(
  cards: CardBook,
  alarm: Alarm,
  destinations: readonly Destination[],
  notification: Notification,
  now: number,
): Promise<void> {
  // Whom it concerns may not be told of it any more: then it concerns all.
  const ringsIn = destinations.some(({ chatId }) => notification.ringsIn?.includes(chatId))
    ? notification.ringsIn
    : null;
  for (const to of destinations) {
    const ring = ringsIn === null || ringsIn.includes(to.chatId) ? notification.ring : null;
    const kept = await cards.find(alarm.id, to.chatId);
    const refused = ring === null && notification.followUp === null ? refusedFor(kept, now) : null;
    keep(cards, alarm, {
      card: kept
        ? toldCard(kept.card, to.threadId, { ring, followUp: notification.followUp })
        : newCard(alarm.id, to, ring),
      since: kept?.isPending && ring === null ? kept.since : now,
      rangAt: kept && ring === null ? kept.rangAt : now,
      ...(refused ?? ANEW),
    });
  }
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

/** Looks again at the cards of those who are told once more and were not for a while; resolves with the chats whose card is an old one. */
export async function refreshOld(
  cards: CardBook,
  alarm: Alarm,
  destinations: readonly Destination[],
  now: number,
): Promise<number[]> {
  const old: number[] = [];
  for (const { chatId } of destinations) {
    const kept = await cards.find(alarm.id, chatId);
    if (kept === null || kept.card.version >= alarm.version) continue;
    await lookAgain(cards, alarm, chatId, now);
    old.push(chatId);
  }
  return old;
}

/** Looks again at one card, as its alarm is another one now; if it waits already, it keeps its place. */
async function lookAgain(cards: CardBook, alarm: Alarm, chatId: number, now: number): Promise<void> {
  const kept = await cards.find(alarm.id, chatId);
  if (!kept) return;
  keep(cards, alarm, kept.isPending ? kept : { ...kept, since: now, ...(refusedFor(kept, now) ?? ANEW) });
}

/** Keeps a card beside its alarm as that is now. Where a board stands for it, nothing waits any more of what was refused. */
function keep(cards: CardBook, alarm: Alarm, wanted: Parameters<CardBook["save"]>[1]): void {
  const boardId = boardOf(alarm, wanted.card);
  cards.save(alarm, boardId === null ? wanted : { ...wanted, ...ANEW });
  if (boardId !== null) cards.touchBoard(boardId);
}
