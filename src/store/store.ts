import { openAlarms, type Alarms } from "./alarms/alarms.ts";
import { openBoards, type Boards } from "./alarms/boards.ts";
import { openCards, type Cards } from "./alarms/cards.ts";
import { inLedger, type Ledger } from "./alarms/ledger.ts";
import { createRecent, type Recent } from "./alarms/recent.ts";
import { forgetPlantClocks } from "./alarms/plant-clocks.ts";
import { createHeartbeats, type Heartbeats } from "./heartbeats.ts";
import { openHistory, type HistoryStorage } from "./history.ts";
import { ensureWhole } from "./move.ts";
import { createOutboxStorage, type OutboxStorage } from "./outbox.ts";
import { openChatSettings, type ChatSettings } from "./people/chats.ts";
import { createDialogueStorage, type DialogueStorage } from "./people/dialogues.ts";
import { createInboxStorage, type InboxStorage } from "./people/inbox.ts";
import { migrate } from "./schema.ts";
import type { Database } from "./sql/database.ts";
import { createKeyValue, type KeyValue } from "./sql/key-value.ts";

/** Transactions of those who change alarms: see ../engine. */
export interface Ledgers {
  /** Runs work in a transaction that ends with its ledger written; resolves when it is on disk. */
  change<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** The same, for what comes many times a second: what one batch knows is handed on to the next. */
  batch: Recent["batch"];
}

/** Everything that is kept, each kind under its noun. */
export interface Store {
  readonly ledgers: Ledgers;
  readonly alarms: Alarms;
  readonly cards: Cards;
  readonly boards: Boards;
  readonly history: HistoryStorage;
  readonly chats: ChatSettings;
  readonly outbox: OutboxStorage;
  readonly heartbeats: Heartbeats;
  readonly keyValue: KeyValue;
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
  { timeZone, now }: { readonly timeZone: string; readonly now: () => number },
): Promise<Store> {
  await opened.rebuild(await migrate(opened));
  await ensureWhole(opened);
  const recent = createRecent(opened);
  const { database, batch } = recent;
  const dialogues = createDialogueStorage(database);
  const inbox = createInboxStorage(database, now);
  return {
    ledgers: { change: (work) => inLedger(database, work), batch },
    alarms: openAlarms(database),
    cards: openCards(database, recent.of, now),
    boards: openBoards(database, now),
    history: openHistory(database, now, [dialogues, inbox, { tidy: () => forgetPlantClocks(database, now()) }]),
    chats: await openChatSettings(database, timeZone),
    outbox: createOutboxStorage(database),
    heartbeats: createHeartbeats(database),
    keyValue: createKeyValue(database),
    dialogues,
    inbox,
    close: () => database.close(),
  };
}
