import { z } from "zod";
import { createOneAtATime } from "../lib/one-at-a-time.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import type { KeyValue } from "../store/sql/key-value.ts";

/** A stretch of time in which the broker kept nothing for us; epoch ms. */
interface Gap {
  readonly from: number;
  readonly to: number;
  /** Whether it is another broker than the one that had promised to; see `granted`. */
  readonly isElsewhere: boolean;
}

/** Knows whether the brokers should know us: each is meant by its place in the list. */
export interface BrokerMemory {
  /** A sign of life of the broker: what comes after it may be missed. Cheap. */
  readonly alive: () => void;
  /**
   * A broker granted our subscriptions; what is said of "the broker" from now on is said of it.
   * @param isSessionPresent whether it remembered us at this connection
   * @returns the time in which warnings may have been lost: it had promised to keep them, and has forgotten it; or it never had, and the
   * one that had is not to be had now; else `null`
   */
  granted(isSessionPresent: boolean, place: number): Promise<Gap | null>;
  /**
   * Whether we listen to a broker for the first time ever, and have not lost it since: what it kept for whoever comes has stood there for
   * nobody knows how long.
   */
  isFirstTime(): Promise<boolean>;
  /** Filters of an earlier run that are asked for no more: a session that is kept has them still. */
  formerTopics(): Promise<readonly string[]>;
  /** Notes that the session has only what is asked for now. */
  tidied(): Promise<void>;
  /**
   * A broker says how many messages it dropped since it was started.
   * @returns how many are new since it said that last, also to an earlier run; 0 when it says so for the first time
   */
  dropped(total: number, place: number): Promise<number>;
  /** Keeps the newest sign of life for the next run. */
  readonly save: () => Promise<void>;
}

const NAME = "broker session";
const record = z.object({
  session: z.string(),
  aliveAt: z.number(),
  topics: z.array(z.string()).default([]),
  dropped: z.number().nullable().default(null),
});
/** One record stood for itself while there was one broker only. */
const kept = z.union([z.array(record), record.transform((one) => [one])]);
type Session = z.infer<typeof record>;

interface MemoryOptions {
  /** Names our session at each broker: another address or client id is another one. */
  readonly sessions: readonly string[];
  /** The filters that are subscribed to on it. */
  readonly topics: readonly string[];
  readonly keyValue: KeyValue;
  readonly now: () => number;
  /** By what an earlier run noted what it kept. */
  readonly formerClock: Pick<FormerClock, "happened">;
}

/** Compares what a broker says of our session with what we know of it, so that a forgotten one is told, once. */
export const createBrokerMemory = (options: MemoryOptions): BrokerMemory => new Memory(options);

class Memory implements BrokerMemory {
  readonly #options: MemoryOptions;
  readonly #inTurn = createOneAtATime();
  /** The newest sign of life on a session that the broker had promised to keep, by place. */
  readonly #aliveAt = new Map<number, number>();
  /** What they said last in this run, by place. */
  readonly #dropped = new Map<number, number>();
  /** Those that have only the filters which are asked for now. */
  readonly #tidy = new Set<number>();
  /** The one that granted; `null`: none has. */
  #here: number | null = null;
  #grants = 0;
  #kept: readonly (Session | undefined)[] | null = null;
  /** Whether any run before kept anything; asked before this one does. */
  #isNew: boolean | null = null;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  readonly alive = (): void => {
    if (this.#here !== null) this.#aliveAt.set(this.#here, this.#options.now());
  };

  async granted(isSessionPresent: boolean, place: number): Promise<Gap | null> {
    this.#grants += 1;
    await this.#isNewHere();
    const from = isSessionPresent ? null : await this.#keptUntil(place);
    const to = this.#options.now();
    this.#here = place;
    this.#aliveAt.set(place, to);
    await this.save();
    // What lies ahead this run noted before the clock was set back.
    return from && { from: Math.min(from.at, to), to, isElsewhere: from.isElsewhere };
  }

  async isFirstTime(): Promise<boolean> {
    return this.#grants <= 1 && (await this.#isNewHere());
  }

  async formerTopics(): Promise<readonly string[]> {
    const here = this.#here;
    return here === null ? [] : this.#formerOf((await this.#past())[here], here);
  }

  async tidied(): Promise<void> {
    if (this.#here !== null) this.#tidy.add(this.#here);
    await this.save();
  }

  dropped(total: number, place: number): Promise<number> {
    return this.#inTurn(async () => {
      const before = this.#dropped.get(place) ?? (await this.#past())[place]?.dropped ?? total;
      this.#dropped.set(place, total);
      // It counts from its start: less than before is all new.
      return total >= before ? total - before : total;
    });
  }

  readonly save = (): Promise<void> => this.#inTurn(() => this.#write());

  async #write(): Promise<void> {
    const { sessions, topics, keyValue } = this.#options;
    if (this.#aliveAt.size === 0) return;
    const before = await this.#past();
    const records = sessions.flatMap((session, place): Session[] => {
      const [old, alive] = [before[place], this.#aliveAt.get(place)];
      if (alive === undefined) return old ? [old] : [];
      const content = {
        topics: [...topics, ...this.#formerOf(old, place)],
        dropped: this.#dropped.get(place) ?? old?.dropped ?? null,
      };
      return [{ session, aliveAt: alive, ...content }];
    });
    await keyValue.write(NAME, records);
  }

  /** What an earlier run kept, of each session; read before this one writes. */
  async #past(): Promise<readonly (Session | undefined)[]> {
    const { sessions, keyValue, formerClock } = this.#options;
    if (this.#kept !== null) return this.#kept;
    const read = kept.safeParse(await keyValue.read(NAME));
    return (this.#kept = sessions.map((session) => {
      const found = (read.data ?? []).find((one) => one.session === session);
      return found && { ...found, aliveAt: formerClock.happened(found.aliveAt) };
    }));
  }

  #formerOf(before: Session | undefined, place: number): string[] {
    if (this.#tidy.has(place)) return [];
    return (before?.topics ?? []).filter((topic) => !this.#options.topics.includes(topic));
  }

  async #isNewHere(): Promise<boolean> {
    return (this.#isNew ??= (await this.#options.keyValue.read(NAME)) === null);
  }

  /**
   * When we were last sure of being kept. The first broker is where we belong: what it promised counts from when we left it. A later one is
   * there for the others, and has all that they brought us meanwhile: before that nothing is lost.
   */
  async #keptUntil(place: number): Promise<{ readonly at: number; readonly isElsewhere: boolean } | null> {
    const before = await this.#past();
    const alive = before.map((old, index) => this.#aliveAt.get(index) ?? old?.aliveAt ?? null);
    const own = alive[place] ?? null;
    if (place === 0 && own !== null) return { at: own, isElsewhere: false };
    const newest = alive.reduce<number | null>((max, at) => (at === null ? max : Math.max(max ?? at, at)), null);
    return newest === null ? null : { at: newest, isElsewhere: newest !== own };
  }
}
