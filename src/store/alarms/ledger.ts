import { openAlarmBook, type AlarmBook, type KnownAlarms } from "./alarm-book.ts";
import { openCardBook, type CardBook, type KnownCards } from "./card-book.ts";
import type { Database, Queries } from "../sql/database.ts";
import { together } from "../sql/together.ts";

/** Alarms and their cards in one transaction; what reads them by other queries is to be preceded by `flush`. */
export interface Ledger {
  readonly queries: Queries;
  readonly alarms: AlarmBook;
  readonly cards: CardBook;
  /** Writes what changed. */
  flush(): Promise<void>;
}

/** What is known of alarms and cards as they are in the database. */
export interface KnownRows {
  readonly alarms: KnownAlarms;
  readonly cards: KnownCards;
}

/** Opens it in a transaction. */
function openLedger(queries: Queries, known?: KnownRows): Ledger {
  const [alarms, cards] = [openAlarmBook(queries, known?.alarms), openCardBook(queries, known?.cards)];
  return {
    queries,
    alarms,
    cards,
    async flush() {
      await together([alarms.flush(), cards.flush()]);
    },
  };
}

/**
 * Runs work in a transaction that ends with its ledger written.
 * @param options.known what is known before, which grows; of no worth if the transaction fails
 * @param options.onVisible see `Database.transaction`
 */
export const inLedger = <T>(
  database: Pick<Database, "transaction">,
  work: (ledger: Ledger) => Promise<T>,
  { known, onVisible }: { readonly known?: KnownRows; readonly onVisible?: (result: T) => void } = {},
): Promise<T> =>
  database.transaction(
    async (queries) => {
      const ledger = openLedger(queries, known);
      const result = await work(ledger);
      await ledger.flush();
      return result;
    },
    "powerCut",
    onVisible,
  );
