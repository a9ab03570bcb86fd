import { z } from "zod";
import type { OwnMessage } from "../alarms/payloads/own.ts";
import { withoutGroup } from "../alarms/alarm-filter.ts";
import type { FormerClock } from "../lib/time/former-clock.ts";
import type { KeyValue } from "../store/sql/key-value.ts";
import { matchesFilter } from "../lib/text/topic-filter.ts";

/** Knows by which topic filters nothing ever came: a broker accepts any filter, however it is misspelt. */
export interface FilterWatch {
  /** Something came on a topic. Cheap: it may be called thousands of times a second. */
  take(topic: string): void;
  /** To be called when other filters are asked for: what is retained there comes at once. */
  follow(): void;
  /** Looks how it is now, tells the admins what has changed, and keeps it for the next run. */
  readonly check: () => Promise<void>;
  /** The filters that have been told of, and since when nothing came by them; epoch ms. */
  readonly idle: () => readonly { readonly filter: string; readonly since: number }[];
}

/** A plant may be well for so long, and a new filter is wrong for longer. */
const PATIENCE_MS = 24 * 3_600_000;
const NAME = "topic filters";

const entry = z.object({ since: z.number(), hasBrought: z.boolean(), isTold: z.boolean() });
const kept = z.object({ broker: z.string(), filters: z.record(z.string(), entry) });
type FilterEntry = z.infer<typeof entry>;

/**
 * Notes for each topic filter since when it is subscribed to, and whether anything came by it.
 * @param options.filters those that are asked for now
 * @param options.broker names the broker: at another one, all begins anew
 */
export function createFilterWatch(options: {
  readonly filters: () => readonly string[];
  readonly broker: string;
  readonly isConnected: () => boolean;
  readonly keyValue: KeyValue;
  readonly tell: (message: OwnMessage) => Promise<void>;
  readonly now: () => number;
  /** By what an earlier run noted what it kept. */
  readonly formerClock: Pick<FormerClock, "happened">;
}): FilterWatch {
  const { filters, broker, isConnected, keyValue, tell, now, formerClock } = options;
  let known: ReadonlyMap<string, FilterEntry> | null = null;
  /** What was kept last, as text. */
  let written = "";
  const heard = new Set<string>();
  let waiting: readonly string[] = filters();

  async function read(): Promise<ReadonlyMap<string, FilterEntry>> {
    const past = kept.safeParse(await keyValue.read(NAME));
    if (!past.success) return new Map();
    const entries = Object.entries(past.data.filters).map(([filter, old]): [string, FilterEntry] => [
      filter,
      { ...old, since: formerClock.happened(old.since) },
    ]);
    if (past.data.broker === broker) return new Map(entries);
    return new Map(
      entries.filter(([, { isTold }]) => isTold).map(([filter, old]) => [filter, { ...old, since: now() }]),
    );
  }

  function follow(): void {
    waiting = filters().filter((filter) => known?.get(filter)?.hasBrought !== true && !heard.has(filter));
  }

  return {
    follow,
    take(topic) {
      if (waiting.length === 0) return;
      const found = waiting.filter((filter) => matchesFilter(withoutGroup(filter), topic));
      if (found.length === 0) return;
      for (const filter of found) heard.add(filter);
      waiting = waiting.filter((filter) => !heard.has(filter));
    },
    async check() {
      known ??= await read();
      const asked = filters();
      const next = new Map<string, FilterEntry>();
      for (const filter of new Set([...known.keys(), ...asked])) {
        const before = known.get(filter);
        const came = { hasCome: heard.has(filter), isConnected: isConnected(), now: now() };
        const after = asked.includes(filter) ? look(before, came) : null;
        const wasTold = before?.isTold === true;
        if (wasTold !== (after?.isTold === true)) await tell(wasTold ? overOf(filter) : messageOf(filter));
        if (after !== null) next.set(filter, after);
      }
      known = next;
      follow();
      const content = { broker, filters: Object.fromEntries(next) };
      if (JSON.stringify(content) === written) return;
      await keyValue.write(NAME, content);
      written = JSON.stringify(content);
    },
    idle: () => [...(known ?? [])].flatMap(([filter, { since, isTold }]) => (isTold ? [{ filter, since }] : [])),
  };
}

/** What is known of a filter that is asked for. */
function look(
  before: FilterEntry | undefined,
  { hasCome, isConnected, now }: { readonly hasCome: boolean; readonly isConnected: boolean; readonly now: number },
): FilterEntry {
  // A clock that was set back must not make it wait longer.
  const since = Math.min(before?.since ?? now, now);
  const hasBrought = before?.hasBrought === true || hasCome;
  const isLong = isConnected && now - since >= PATIENCE_MS;
  return { since, hasBrought, isTold: !hasBrought && (before?.isTold === true || isLong) };
}

const idOf = (filter: string): string => `topic filter ${filter}`;

const messageOf = (filter: string): OwnMessage => ({
  id: idOf(filter),
  message:
    `Nothing has come by the topic filter ${filter} for more than a day, since we subscribed to it: does the plant publish ` +
    `there? /drill tests the rest of the way.`,
  severity: "warning",
  state: "active",
  isForAdmins: true,
});

const overOf = (filter: string): OwnMessage => ({
  id: idOf(filter),
  message: `Over: nothing came by ${filter}`,
  severity: "warning",
  state: "cleared",
  isForAdmins: true,
});
