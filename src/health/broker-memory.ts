import { z } from "zod";
import { createInTurn } from "../lib/in-turn.ts";
import type { KeyValue } from "../store/sql/facts.ts";

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
  alive(): void;
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
  save(): Promise<void>;
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

/**
 * Compares what a broker says of our session with what we know of it, so that a forgotten one is told, once.
 * @param options.sessions names our session at each broker: another address or client id is another one
 * @param options.topics the filters that are subscribed to on it
 */
export function createBrokerMemory(options: {
  readonly sessions: readonly string[];
  readonly topics: readonly string[];
  readonly facts: KeyValue;
  readonly now: () => number;
}): BrokerMemory {
  const { sessions, topics, facts, now } = options;
  /** The newest sign of life on a session that the broker had promised to keep, by place. */
  const aliveAt = new Map<number, number>();
  /** What they said last in this run, by place. */
  const dropped = new Map<number, number>();
  /** Those that have only the filters which are asked for now. */
  const tidy = new Set<number>();
  /** The one that granted; `null`: none has. */
  let here: number | null = null;
  let grants = 0;
  /** Whether any run before kept anything; asked before this one does. */
  let isNew: boolean | null = null;

  /** What an earlier run kept; read when it is needed, as most runs need it once. */
  async function past(): Promise<readonly (Session | undefined)[]> {
    const read = kept.safeParse(await facts.read(NAME));
    return sessions.map((session) => (read.data ?? []).find((one) => one.session === session));
  }

  const formerOf = (before: Session | undefined, place: number): string[] =>
    tidy.has(place) ? [] : (before?.topics ?? []).filter((topic) => !topics.includes(topic));

  const inTurn = createInTurn();
  const save = (): Promise<void> => inTurn(write);

  async function write(): Promise<void> {
    if (aliveAt.size === 0) return;
    const before = await past();
    const records = sessions.flatMap((session, place): Session[] => {
      const [old, alive] = [before[place], aliveAt.get(place)];
      if (alive === undefined) return old ? [old] : [];
      const content = {
        topics: [...topics, ...formerOf(old, place)],
        dropped: dropped.get(place) ?? old?.dropped ?? null,
      };
      return [{ session, aliveAt: alive, ...content }];
    });
    await facts.write(NAME, records);
  }

  const isNewHere = async (): Promise<boolean> => (isNew ??= (await facts.read(NAME)) === null);

  /**
   * When we were last sure of being kept. The first broker is where we belong: what it promised counts from when we left it. A later one is
   * there for the others, and has all that they brought us meanwhile: before that nothing is lost.
   */
  async function keptUntil(place: number): Promise<{ readonly at: number; readonly isElsewhere: boolean } | null> {
    const before = await past();
    const alive = sessions.map((_, index) => aliveAt.get(index) ?? before[index]?.aliveAt ?? null);
    const own = alive[place] ?? null;
    if (place === 0 && own !== null) return { at: own, isElsewhere: false };
    const newest = alive.reduce<number | null>((max, at) => (at === null ? max : Math.max(max ?? at, at)), null);
    return newest === null ? null : { at: newest, isElsewhere: newest !== own };
  }

  return {
    async isFirstTime() {
      return grants <= 1 && (await isNewHere());
    },
    alive() {
      if (here !== null) aliveAt.set(here, now());
    },
    async granted(isSessionPresent, place) {
      grants += 1;
      await isNewHere();
      const from = isSessionPresent ? null : await keptUntil(place);
      const to = now();
      here = place;
      aliveAt.set(place, to);
      await save();
      // What lies ahead was noted before the clock was set back.
      return from && { from: Math.min(from.at, to), to, isElsewhere: from.isElsewhere };
    },
    formerTopics: async () => (here === null ? [] : formerOf((await past())[here], here)),
    async tidied() {
      if (here !== null) tidy.add(here);
      await save();
    },
    dropped: (total, place) =>
      inTurn(async () => {
        const before = dropped.get(place) ?? (await past())[place]?.dropped ?? total;
        dropped.set(place, total);
        // It counts from its start: less than before is all new.
        return total >= before ? total - before : total;
      }),
    save,
  };
}
