import type { AlarmEvent } from "../alarms/event.ts";
import type { Alarm } from "../alarms/types.ts";
import { OWN_TOPIC, type Scope } from "../alarms/payloads/own.ts";
import { listActions, type ActionRecord } from "../store/alarms/actions.ts";
import {
  findAlarm,
  findAlarmById,
  listActive,
  listOpen,
  type AlarmPage,
  type OpenPage,
} from "../store/alarms/alarms.ts";
import { readBacklog, type Backlog } from "../store/alarms/backlog.ts";
import { openBoards, touchBoard, type Boards } from "../store/alarms/boards.ts";
import { forgetChat, forgetOtherChats, picture, settleCard, type CardChange } from "../store/alarms/cards.ts";
import { openChatSettings, type ChatSettings } from "../store/people/chats.ts";
import type { Database } from "../store/sql/database.ts";
import { appendDecision, listDecisions, type DecisionRecord } from "../store/alarms/decisions.ts";
import { createDialogueStorage, type DialogueStorage } from "../store/people/dialogues.ts";
import { createFacts, type Facts } from "../store/sql/facts.ts";
import { createHeartbeats, type Heartbeats } from "../store/heartbeats.ts";
import { listEvents, type EventRecord } from "../store/alarms/events.ts";
import { createInboxStorage, type InboxStorage } from "../store/people/inbox.ts";
import { createHandling, type Handling, type HandlingOptions } from "./handling.ts";
import type { AlarmTime } from "../alarms/alarm-time.ts";
import { alarmTimes, lastStartAt } from "../store/alarms/alarm-times.ts";
import { noteHeard } from "../store/alarms/heard.ts";
import { historyBytes, historySince, keepWithin } from "../store/history-size.ts";
import { readHistory, type History } from "../store/history.ts";
import { findAlarmOfMessage, noteMessage } from "../store/alarms/messages.ts";
import { ensureWhole } from "../store/move.ts";
import { createOutboxStorage, type OutboxStorage } from "../store/outbox.ts";
import {
  countRings,
  type RingPeriod,
  endWaits,
  nextPending,
  nextRetryAt,
  pendingChats,
  waitingRings,
  type PendingCard,
  type Which,
} from "../store/alarms/pending.ts";
import { createRecent } from "../store/alarms/recent.ts";
import { recordEvents } from "./record.ts";
import { forgetOld } from "../store/retention.ts";
import { migrate } from "../store/schema.ts";
import { newestAt } from "./set-back.ts";
import { together } from "../store/sql/together.ts";

/** Everything that is kept, in the words of the domain. */
export interface Store extends Handling {
  /**
   * Appends events, moves their alarms on and marks the chats' cards, in one transaction. Resolves when it is on disk, with
   * the chats whose cards are out of date now.
   */
  record(events: readonly AlarmEvent[]): Promise<readonly number[]>;
  /**
   * Forgets what was shown in all chats but these, which get alarms no more, and what is for admins alone in all chats but theirs.
   * @param adminChatIds the private chats of the admins
   */
  forgetOtherChats(chatIds: readonly number[], adminChatIds: readonly number[]): Promise<void>;
  /** Forgets what was, and is to be, shown in a chat that gets alarms no more. */
  forgetChat(chatId: number): Promise<void>;
  /** Notes that a picture can be put into a chat's card of an alarm. */
  picture(alarmId: number, chatId: number): Promise<void>;
  pendingChats(): Promise<number[]>;
  nextPending(chatId: number, now: number, which?: Which): Promise<PendingCard | null>;
  nextRetryAt(chatId: number): Promise<number | null>;
  /** Ends the waits of cards for a service that was away, which none of them does for longer than this. */
  endWaits(withinMs: number): Promise<void>;
  countRings(chatId: number, period: RingPeriod, limit: number): Promise<number>;
  waitingRings(chatId: number): ReturnType<typeof waitingRings>;
  /**
   * Notes a decision and what came of it, in one transaction. It does not wait for the disk: after a power cut the newest
   * cards may be shown once more.
   */
  settle(pending: PendingCard, change: CardChange, decision: DecisionRecord): Promise<void>;
  alarm(id: number): Promise<Alarm | null>;
  /** The alarm that an event belongs to; `null` if there is none yet. */
  alarmOf(event: AlarmEvent): Promise<Alarm | null>;
  /** When the newest alarm of a plant began; `null`: there was none. Epoch ms. */
  lastStartAt(): Promise<number | null>;
  /** When alarms about fields were active in a period; see alarm-times.ts. */
  alarmTimes(fields: readonly number[], startAt: number, endAt: number): Promise<readonly AlarmTime[]>;
  /** The alarm that a message of ours is about; `null` if it is about none. */
  alarmOfMessage(chatId: number, messageId: number): Promise<number | null>;
  activeAlarms(page: {
    readonly offset: number;
    readonly limit: number;
    readonly isShelved?: boolean;
    /** Everything, if left out. */
    readonly scope?: Scope;
  }): Promise<AlarmPage>;
  /** What is active, and after that what came and went and nobody has acknowledged. */
  openAlarms(page: { readonly offset: number; readonly limit: number; readonly scope?: Scope }): Promise<OpenPage>;
  /** What happened to an alarm and what was done about it, newest first. */
  history(
    alarmId: number,
    limit: number,
  ): Promise<{ readonly events: readonly EventRecord[]; readonly actions: readonly ActionRecord[] }>;
  /** What came since then, with so many of the newest alarms. */
  recent(since: number, limit: number, scope?: Scope): Promise<History>;
  /** Why a chat was shown an alarm, or not; newest first. */
  decisions(alarmId: number, chatId: number, limit: number): Promise<readonly DecisionRecord[]>;
  backlog(): Promise<Backlog>;
  /** Forgets what is older; resolves with how many rows went. Epoch ms. */
  forgetOld(before: number): Promise<number>;
  /** When the newest thing was noted, by our clock then; see set-back.ts. */
  newestAt(): Promise<number>;
  /** How much the history takes; see history-size.ts. */
  historyBytes(): Promise<number>;
  /** Makes the history so small that it takes no more than so many bytes, as far as that goes; resolves with how many rows went. See history-size.ts. */
  keepWithin(maxBytes: number): Promise<number>;
  /** Since when the history is whole, but for repeats; epoch ms. `null`: there is none. */
  historySince(): Promise<number | null>;
  /** When the plant's newest event came; epoch ms. */
  lastEventAt(): Promise<number | null>;
  readonly chats: ChatSettings;
  readonly boards: Boards;
  readonly outbox: OutboxStorage;
  readonly heartbeats: Heartbeats;
  readonly facts: Facts;
  readonly dialogues: DialogueStorage;
  readonly inbox: InboxStorage;
  close(): Promise<void>;
}

/**
 * Opens the store on a database and brings its schema up to date.
 * @throws ConfigError if a newer Valvomo has written it, or it is filled in part only
 */
export async function openStore(
  opened: Database,
  options: Omit<HandlingOptions, "currentId"> & { readonly timeZone: string },
): Promise<Store> {
  await opened.rebuild(await migrate(opened));
  await ensureWhole(opened);
  const { database, batch } = createRecent(opened);
  const chats = await openChatSettings(database, options.timeZone);
  const context = { ...options, currentId: chats.currentId };
  const handling = createHandling(database, context);
  const dialogues = createDialogueStorage(database);
  const inbox = createInboxStorage(database, options.now);

  return {
    record: (events) =>
      batch(async (ledger) => [...(await recordEvents(ledger, events, { ...context, now: options.now() }))]),
    ...handling,
    forgetOtherChats: (chatIds, adminChatIds) =>
      database.transaction((queries) => forgetOtherChats(queries, chatIds, adminChatIds)),
    forgetChat: (chatId) => database.transaction((queries) => forgetChat(queries, chatId)),
    // What is lost is a picture.
    picture: (alarmId, chatId) =>
      database.transaction((queries) => picture(queries, alarmId, chatId, options.now()), "crash"),
    pendingChats: () => pendingChats(database),
    nextPending: (chatId, now, which) => nextPending(database, chatId, now, which),
    nextRetryAt: (chatId) => nextRetryAt(database, chatId),
    endWaits: (withinMs) => database.transaction((queries) => endWaits(queries, options.now(), withinMs), "crash"),
    countRings: (chatId, period, limit) => countRings(database, chatId, period, limit),
    waitingRings: (chatId) => waitingRings(database, chatId),
    settle: ({ alarm, card }, change, decision) =>
      database.transaction(async (queries) => {
        await settleCard(queries, { alarm, card }, change, options.now());
        // In this order, but none waits for the answer to another.
        const notes: Promise<void>[] = [noteHeard(queries, { alarm, card }, change, decision, options.now())];
        if (change.kind === "shown") {
          if (change.messageId !== null) notes.push(noteMessage(queries, card.chatId, change.messageId, alarm.id));
          // A last word in an old message, say, is nothing new on the board.
          const isNews = change.card.version !== card.version || change.card.boardId !== card.boardId;
          if (change.card.boardId !== null && isNews)
            notes.push(touchBoard(queries, change.card.boardId, change.card.messageId === null));
        }
        await together([...notes, appendDecision(queries, decision)]);
      }, "crash"),
    alarmOf: (event) => findAlarm(database, event.alarmKey),
    alarm: (id) => findAlarmById(database, id),
    alarmOfMessage: (chatId, messageId) => findAlarmOfMessage(database, chatId, messageId),
    activeAlarms: (page) => listActive(database, page),
    openAlarms: (page) => listOpen(database, page),
    async history(alarmId, limit) {
      const [events, actions] = await Promise.all([
        listEvents(database, alarmId, limit),
        listActions(database, alarmId, limit),
      ]);
      return { events, actions };
    },
    recent: (since, limit, scope) => readHistory(database, since, limit, scope),
    lastStartAt: () => lastStartAt(database),
    alarmTimes: (fields, startAt, endAt) => alarmTimes(database, fields, startAt, endAt),
    decisions: (alarmId, chatId, limit) => listDecisions(database, alarmId, chatId, limit),
    backlog: () => readBacklog(database),
    async forgetOld(before) {
      const gone = await forgetOld(database, before, options.now());
      await dialogues.tidy();
      await inbox.tidy();
      await database.compact();
      return gone;
    },
    newestAt: () => newestAt(database),
    historyBytes: () => historyBytes(database),
    keepWithin: (maxBytes) => keepWithin(database, maxBytes, options.now),
    historySince: () => historySince(database),
    async lastEventAt() {
      const [row] = await database.all<{ at: number }>(
        "SELECT received_at AS at FROM events WHERE topic NOT LIKE $1 ORDER BY id DESC LIMIT 1",
        `${OWN_TOPIC}%`,
      );
      return row?.at ?? null;
    },
    chats,
    boards: openBoards(database, options.now),
    outbox: createOutboxStorage(database),
    heartbeats: createHeartbeats(database),
    facts: createFacts(database),
    dialogues,
    inbox,
    close: () => database.close(),
  };
}
