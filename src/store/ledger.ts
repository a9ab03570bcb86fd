import { openAlarmBook, type AlarmBook } from "./alarm-book.ts";
import { openCardBook, type CardBook } from "./card-book.ts";
import type { Database, Queries } from "./database.ts";
import { together } from "./together.ts";

/** Alarms and their cards in one transaction; what reads them by other queries is to be preceded by `flush`. */
export interface Ledger {
  readonly queries: Queries;
  readonly alarms: AlarmBook;
  readonly cards: CardBook;
  /** Writes what changed. */
  flush(): Promise<void>;
}

/** Opens it in a transaction. */
function openLedger(queries: Queries): Ledger {
  const [alarms, cards] = [openAlarmBook(queries), openCardBook(queries)];
  return {
    queries,
    alarms,
    cards,
    async flush() {
      await together([alarms.flush(), cards.flush()]);
    },
  };
}

/** Runs work in a transaction that ends with its ledger written. */
export const inLedger = <T>(database: Database, work: (ledger: Ledger) => Promise<T>): Promise<T> =>
  database.transaction(async (queries) => {
    const ledger = openLedger(queries);
    const result = await work(ledger);
    await ledger.flush();
    return result;
  });
