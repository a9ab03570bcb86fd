import { z } from "zod";
import { createTurns } from "./lib/in-turn.ts";
import type { Facts } from "./store/facts.ts";

/** A stretch of time in which the broker kept nothing for us; epoch ms. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Knows whether the broker should know us. */
export interface BrokerMemory {
  /** A sign of life of the broker: what comes after it may be missed. Cheap. */
  alive(): void;
  /**
   * The broker granted our subscriptions.
   * @param isSessionPresent whether it remembered us at this connection
   * @returns the time in which warnings may have been lost: it had promised to keep them, and has forgotten it; else `null`
   */
  granted(isSessionPresent: boolean): Promise<Gap | null>;
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
   * The broker says how many messages it dropped since it was started.
   * @returns how many are new since it said that last, also to an earlier run; 0 when it says so for the first time
   */
  dropped(total: number): Promise<number>;
  /** Keeps the newest sign of life for the next run. */
  save(): Promise<void>;
}

const NAME = "broker session";
const kept = z.object({
  session: z.string(),
  aliveAt: z.number(),
  topics: z.array(z.string()).default([]),
  dropped: z.number().nullable().default(null),
});

/**
 * Creates it.
 * @param options.session names the session at the broker: another address or client id is another one
 * @param options.topics the filters that are subscribed to on it
 */
export function createBrokerMemory(options: {
  readonly session: string;
  readonly topics: readonly string[];
  readonly facts: Facts;
  readonly now: () => number;
}): BrokerMemory {
  const { session, topics, facts, now } = options;
  /** The newest sign of life on a session that the broker had promised to keep; `null`: there is none in this run. */
  let aliveAt: number | null = null;
  let isPromised = false;
  let isTidy = false;
  let grants = 0;
  /** Whether any run before kept anything; asked before this one does. */
  let isNew: boolean | null = null;
  /** What it said last; `null`: nothing in this run. */
  let dropped: number | null = null;

  /** What an earlier run kept of this session; read when it is needed, as most runs need it once. */
  async function past(): Promise<z.infer<typeof kept> | null> {
    const read = kept.safeParse(await facts.read(NAME));
    return read.success && read.data.session === session ? read.data : null;
  }

  const formerTopics = async (): Promise<string[]> =>
    isTidy ? [] : ((await past())?.topics ?? []).filter((topic) => !topics.includes(topic));

  const inTurn = createTurns();
  const save = (): Promise<void> => inTurn(write);

  const write = async (): Promise<void> => {
    if (aliveAt === null) return;
    const content = {
      topics: [...topics, ...(await formerTopics())],
      dropped: dropped ?? (await past())?.dropped ?? null,
    };
    await facts.write(NAME, { session, aliveAt, ...content });
  };

  const isNewHere = async (): Promise<boolean> => (isNew ??= (await facts.read(NAME)) === null);

  return {
    async isFirstTime() {
      return grants <= 1 && (await isNewHere());
    },
    alive() {
      if (isPromised) aliveAt = now();
    },
    async granted(isSessionPresent) {
      grants += 1;
      await isNewHere();
      const from = isSessionPresent ? null : (aliveAt ?? (await past())?.aliveAt ?? null);
      const to = now();
      isPromised = true;
      aliveAt = to;
      await save();
      // What lies ahead was noted before the clock was set back.
      return from === null ? null : { from: Math.min(from, to), to };
    },
    formerTopics,
    async tidied() {
      isTidy = true;
      await save();
    },
    dropped: (total) =>
      inTurn(async () => {
        const before = dropped ?? (await past())?.dropped ?? total;
        dropped = total;
        // It counts from its start: less than before is all new.
        return total >= before ? total - before : total;
      }),
    save,
  };
}
