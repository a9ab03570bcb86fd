import { breaksThrough, severityOfRing, type BoardKind, type Gathering } from "../alarms/cards/decide.ts";
import { NEWS } from "../alarms/card.ts";
import type { Board } from "../store/alarms/board-rows.ts";
import type { PendingCard } from "../store/alarms/pending.ts";
import type { Store } from "../store/store.ts";

/** More alarms that ring than this in this time are a flood. EEMUA 191 and ISA-18.2: more than 10 in 10 minutes. */
export interface FloodRate {
  readonly count: number;
  readonly withinMs: number;
}

/** A stretch of time in which a chat could not be reached; epoch ms, `untilAt` is `null` while it lasts. */
export interface Outage {
  readonly fromAt: number;
  readonly untilAt: number | null;
}

/** What decides whether new cards of a chat are gathered on a board. */
export interface BoardOptions {
  readonly store: Pick<Store, "cards" | "boards">;
  /** `null`: always cards. */
  readonly floodRate: FloodRate | null;
  /** More new alarms than this belong together, as of drives that trip with each other: one message tells the rest. `null`: never. */
  readonly togetherRate: FloodRate | null;
  /** When the quiet time of a chat ends in which `at` lies; `null` if it is not quiet. Epoch ms. */
  readonly quietUntil: (chatId: number, at: number) => number | null;
}

/** So long what stood at the broker is gathered: it comes as quickly as it can be stored. */
const FOUND_GATHER_MS = 3_000;
/** So long what comes within seconds is gathered, before one message rings for it. */
const TOGETHER_MS = 3_000;
/** So long many reminders are gathered. */
const REMINDERS_MS = 60_000;
/** After a shorter outage all is told one by one. */
const CATCH_UP_AFTER_MS = 120_000;
/** ISA-18.2: a flood is over below 5 alarms in 10 minutes. */
const EBB_SHARE = 0.5;
/** How often one looks whether a flood has ebbed. */
const EBB_CHECK_MS = 15_000;

/** A board that is to be opened; see `Boards.open`. */
interface Opening {
  readonly kind: BoardKind;
  readonly showAt: number;
  readonly membersSince: number | null;
}

/**
 * Finds the board that a card which is to ring goes on, if one gathers now; opens it, if this card is the one that is too
 * much. A critical one rings by itself, but is counted on a board that is there.
 */
export async function assignToBoard(
  pending: PendingCard,
  outage: Outage | null,
  now: number,
  options: BoardOptions,
): Promise<Gathering | null> {
  const found = await findBoard(pending, outage, now, options);
  if (found === null || "boardId" in found) return found;
  const { chatId, threadId } = pending.card;
  const { kind, showAt, membersSince } = found;
  const board = await options.store.boards.open({ chatId, threadId, kind, openedAt: now }, showAt, membersSince);
  return { boardId: board.id, kind };
}

/** Finds that board, and opens none. */
export async function findBoard(
  { alarm, card, since }: PendingCard,
  outage: Outage | null,
  now: number,
  { store, floodRate, togetherRate, quietUntil }: BoardOptions,
): Promise<Gathering | Opening | null> {
  const { chatId } = card;
  const open = await store.boards.gathering(chatId);
  const on = (kind: BoardKind, showAt: number, membersSince: number | null): Gathering | Opening | null => {
    const found = open.find((board) => board.kind === kind);
    // What rings by itself is told; a flood counts it all the same.
    if (kind !== "found" && breaksThrough(alarm, card.ringReason))
      return found && kind === "flood" ? { boardId: found.id, kind } : null;
    return found ? { boardId: found.id, kind } : { kind, showAt, membersSince };
  };

  if (card.ringReason === "found") {
    const isOneOfMany = open.some(({ kind }) => kind === "found") || (await store.cards.waitingRings(chatId)).hasOthers;
    return isOneOfMany ? on("found", now + FOUND_GATHER_MS, null) : null;
  }

  const quietEndsAt = quietUntil(chatId, now);
  if (quietEndsAt !== null) return on("quietHours", quietEndsAt, null);

  // What came after an outage, as most does, does not belong on its board.
  if (outage !== null && since <= (outage.untilAt ?? now)) {
    const isOpen = open.some(({ kind }) => kind === "catchUp");
    if (isOpen || isLong(outage, await store.cards.waitingRings(chatId), now)) return on("catchUp", now, null);
  }
  if (floodRate === null) return null;
  const isNews = NEWS.includes(card.ringReason);
  if (open.some(({ kind }) => kind === "flood")) return on("flood", now, null);
  const startAt = now - floodRate.withinMs;
  const rings = await store.cards.countRings(chatId, { since: startAt, now, isNews }, floodRate.count + 1);
  // Reminders make no flood of what is new; many of them come together.
  if (rings > floodRate.count) return isNews ? on("flood", now, startAt) : on("reminders", now + REMINDERS_MS, null);
  const severity = severityOfRing(alarm, card.ringReason);
  if (togetherRate === null || !isNews || severity === "info") return null;
  // What is worse than all that came within these seconds rings by itself, and so do the first of them, however many wait behind.
  const from = now - togetherRate.withinMs;
  const told = await store.cards.countRings(chatId, { since: from, now, isNews, toldAs: severity }, togetherRate.count);
  return told >= togetherRate.count ? on("together", now + TOGETHER_MS, from) : null;
}

/** Whether several have waited, and one of them for a good while, because the chat could not be reached. */
function isLong(
  outage: Outage,
  { oldestSince, hasOthers }: { readonly oldestSince: number | null; readonly hasOthers: boolean },
  now: number,
): boolean {
  if (!hasOthers || oldestSince === null) return false;
  return (outage.untilAt ?? now) - Math.max(outage.fromAt, oldestSince) >= CATCH_UP_AFTER_MS;
}

/**
 * Closes the flood board of a chat if the flood has ebbed.
 * @returns the board that was closed, and when to look again; `null`: there is nothing to look at
 */
export async function closeEndedFlood(
  chatId: number,
  now: number,
  { store, floodRate }: BoardOptions,
): Promise<{ readonly closed: Board | null; readonly checkInMs: number | null }> {
  const flood = (await store.boards.gathering(chatId)).find(({ kind }) => kind === "flood");
  if (!flood) return { closed: null, checkInMs: null };
  if (floodRate !== null) {
    const enough = Math.ceil(floodRate.count * EBB_SHARE);
    const period = { since: now - floodRate.withinMs, now, isNews: true };
    const rings = await store.cards.countRings(chatId, period, enough);
    if (rings >= enough) return { closed: null, checkInMs: EBB_CHECK_MS };
  }
  return { closed: await store.boards.close(flood, now), checkInMs: null };
}
