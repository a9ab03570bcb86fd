import { COLUMNS, type Column } from "../../thingspeak/columns.ts";
import { createEntries, type DemoEntries } from "./entries.ts";

const YEAR_MS = 365 * 86_400_000;

/** A channel as the demo or a test sets it up. */
export interface NewChannel {
  readonly id: number;
  readonly name: string;
  /** Field number, 1 to 8, to the owner's label; a field without one is not in use. */
  readonly labels: Readonly<Record<number, string>>;
  /** `null`: the channel is public. */
  readonly readApiKey: string | null;
  readonly writeApiKey: string;
  /** The account's own key, with which channels are changed; left out: nobody has it. */
  readonly userApiKey?: string;
  /** What its account pays: how many entries a bulk call may have (FACTS: A7). Left out: nothing. */
  readonly plan?: "free" | "paid";
}

/** A channel with its entries. */
export interface DemoChannel extends NewChannel {
  readonly entries: DemoEntries;
  readonly createdAt: number;
  /** Columns of the fields in use, in order. */
  readonly fieldColumns: readonly Column[];
  /** Epoch ms of the newest `/update` that was taken; the next one has to wait. */
  updatedAt: number;
}

/** Sets up a channel without entries. */
export function createChannel(channel: NewChannel, now: number): DemoChannel {
  const used = new Set(Object.keys(channel.labels).map((number) => `field${number}`));
  return {
    ...channel,
    entries: createEntries(),
    // Long before its entries, as they are loaded.
    createdAt: now - YEAR_MS,
    fieldColumns: COLUMNS.filter((column) => used.has(column)),
    updatedAt: -Infinity,
  };
}
