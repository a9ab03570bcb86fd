import type { Logger } from "../lib/log.ts";

/** What does not come through, or not whole, and is counted rather than told one by one. */
const WORDS = {
  strangers: "updates of people without a role, not answered",
  cut: "messages over 64 KiB, of which only the beginning is kept",
  broker: "messages by the broker, of all its clients: warnings may be among them (mosquitto: max_queued_messages)",
} as const;

/** A kind of what is dropped. */
type DropKind = keyof typeof WORDS;

/** What was dropped in one go: less than an hour apart. */
export interface Drops {
  readonly kind: DropKind;
  readonly words: string;
  readonly count: number;
  /** When it began, and the newest; epoch ms. */
  readonly since: number;
  readonly lastAt: number;
}

/** Counts what is dropped. */
export interface Dropped {
  /** Cheap: it may be called thousands of times a second. */
  add(kind: DropKind, count?: number): void;
  /** How much of each kind was dropped since the start. */
  readonly totals: () => ReadonlyMap<DropKind, number>;
  /** What was dropped lately. */
  readonly lately: () => readonly Drops[];
  /** Tells the log what came since the last time, in a line for each kind. */
  say(): void;
}

const LATELY_MS = 3_600_000;

/** Creates the counts; they begin anew at each start. */
export function createDropped({ now, log }: { readonly now: () => number; readonly log: Logger }): Dropped {
  const totals = new Map<DropKind, number>([
    ["strangers", 0],
    ["cut", 0],
    ["broker", 0],
  ]);
  const drops = new Map<DropKind, Drops>();
  const unsaid = new Map<DropKind, number>();

  const isRecent = ({ lastAt }: Drops): boolean => Math.abs(now() - lastAt) < LATELY_MS;

  return {
    add(kind, count = 1) {
      totals.set(kind, (totals.get(kind) ?? 0) + count);
      const before = drops.get(kind);
      const at = now();
      const { since, count: sum } = before && isRecent(before) ? before : { since: at, count: 0 };
      drops.set(kind, { kind, words: WORDS[kind], count: sum + count, since, lastAt: at });
      unsaid.set(kind, (unsaid.get(kind) ?? 0) + count);
    },
    totals: () => totals,
    lately: () => [...drops.values()].filter(isRecent),
    say() {
      for (const [kind, count] of unsaid) log.warn({ kind, count }, `dropped: ${WORDS[kind]}`);
      unsaid.clear();
    },
  };
}
