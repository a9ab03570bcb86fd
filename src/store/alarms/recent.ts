import type { Alarm } from "../../alarms/types.ts";
import type { Database } from "../sql/database.ts";
import { nameOf } from "./card-book.ts";
import { inLedger, type KnownRows, type Ledger } from "./ledger.ts";

/** More is read anew: so much memory it may take. */
const MAX_ALARMS = 1_000;
/** What comes thousands of times a second comes again at once. */
const KEPT_MS = 1_000;

/** The batches of one database: what one has read and written, the next need not read again, unless anything else came between. */
export interface Recent {
  /** The same database; each transaction that is asked for here ends what is known: for those of one alarm see `of`. */
  readonly database: Database;
  /** Runs work in a transaction; see `inLedger`. */
  readonly batch: <T>(work: (ledger: Ledger) => Promise<T>, onVisible?: (result: T) => void) => Promise<T>;
  /** Transactions that change nothing that batches know but these alarms and their cards. */
  readonly of: (alarms: readonly Pick<Alarm, "id" | "key">[]) => Pick<Database, "transaction">;
}

/** Transactions are done in the order in which they are asked for: so what is known holds if none was asked for since it came to be known. */
export function createRecent(database: Database): Recent {
  let asked = 0;
  let kept: { readonly known: KnownRows; readonly asked: number } | null = null;
  /** Alarms for which a transaction was asked since the newest batch was; `null`: none is under way. */
  let touched: Pick<Alarm, "id" | "key">[] | null = null;
  const expiry = setTimeout(() => (kept = null), KEPT_MS).unref();

  const nothing = (): KnownRows => ({
    alarms: { alarms: new Map(), rows: new Map() },
    cards: { cards: new Map(), whole: new Set(), rows: new Map() },
  });

  return {
    database: {
      ...database,
      transaction(work, survives, onVisible) {
        asked += 1;
        return database.transaction(work, survives, onVisible);
      },
    },
    async batch(work, onVisible) {
      const known = kept?.asked === asked ? kept.known : nothing();
      kept = null;
      const after: Pick<Alarm, "id" | "key">[] = [];
      touched = after;
      asked += 1;
      const mine = asked;
      // A transaction that fails leaves nothing that is known; the next batch does not wait for the disk.
      const handOn = (): void => {
        if (touched === after) touched = null;
        if (mine !== asked || known.alarms.alarms.size > MAX_ALARMS) return;
        for (const alarm of after) forget(known, alarm);
        kept = { known, asked };
        expiry.refresh();
      };
      try {
        return await inLedger(database, work, {
          known,
          onVisible(result) {
            handOn();
            onVisible?.(result);
          },
        });
      } finally {
        if (touched === after) touched = null;
      }
    },
    of: (alarms) => ({
      transaction(work, survives, onVisible) {
        touched?.push(...alarms);
        for (const alarm of alarms) if (kept) forget(kept.known, alarm);
        return database.transaction(work, survives, onVisible);
      },
    }),
  };
}

function forget({ alarms, cards }: KnownRows, { id, key }: Pick<Alarm, "id" | "key">): void {
  alarms.alarms.delete(key);
  alarms.rows.delete(id);
  for (const chatId of cards.cards.get(id)?.keys() ?? []) cards.rows.delete(nameOf(id, chatId));
  cards.cards.delete(id);
  cards.whole.delete(id);
}
