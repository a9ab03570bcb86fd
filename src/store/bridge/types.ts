import type { Cells, Entry } from "../../thingspeak/entry.ts";

/** How an entry came: with others, or as a point. */
export type EntryKind = "bulk" | "point";

/** An entry that came; a relative one gets the next free second of its channel, any other one the next that is free at its date. */
export interface ArrivedEntry extends Entry {
  readonly kind: EntryKind;
  readonly isRelative: boolean;
}

/** The newest values of a channel, of which only the newest count. */
export interface NewestPoint {
  readonly channelId: number;
  /** Epoch ms, at a whole second. */
  readonly at: number;
  /** Whether the plant gave that time. */
  readonly isDated: boolean;
  readonly cells: Cells;
}

/** What came and cannot be taken, kept as it came. */
export interface BadMessage {
  /** Without what may be a key. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: number;
  readonly problem: string;
}

/** What is stored in one commit. */
export interface Arrivals {
  readonly entries: readonly ArrivedEntry[];
  readonly points: readonly NewestPoint[];
  readonly bad: readonly BadMessage[];
  /** What tells each message again, should the broker not have heard that we have it. */
  readonly receipts: readonly string[];
}

/** An entry that waits. */
export interface WaitingEntry {
  readonly at: number;
  readonly kind: EntryKind;
  readonly cells: Cells;
}

/** How a channel is being written. All instants epoch ms. */
export interface ChannelState {
  readonly channelId: number;
  /** When the last call went out, and what came of it in words; `null`: there was none, or it is under way. */
  readonly calledAt: number | null;
  readonly result: string | null;
  /** Calls that failed in a row. */
  readonly failures: number;
  /** Before this no call may go out. */
  readonly nextAt: number;
  /** Why nothing is sent until somebody says so; `null`: it is. */
  readonly parked: string | null;
  /** Messages that ThingSpeak took in the year `year` (UTC). */
  readonly year: number;
  readonly taken: number;
}

/** What waits for a channel. */
export interface Queue {
  readonly waiting: number;
  /** Of them, those that a call carried of which nobody knows what came. */
  readonly unsettled: number;
  /** Of them, those that came in bulk. */
  readonly bulk: number;
  readonly oldestAt: number | null;
}

/** What is on its way to ThingSpeak. */
export interface BridgeStore {
  /** Stores what came; resolves when it is on the disk, with the entries as they were placed. */
  take(arrivals: Arrivals): Promise<readonly Entry[]>;
  /** Of the newest `MAX_RECEIPTS` messages, oldest first. */
  receipts(): Promise<readonly string[]>;
  /** Every channel that something ever waited for. */
  channels(): Promise<readonly ChannelState[]>;
  queue(channelId: number): Promise<Queue>;
  /** The oldest that no call carries. */
  waiting(channelId: number, limit: number): Promise<readonly WaitingEntry[]>;
  /** Those of a call of which nobody knows what came. */
  unsettled(channelId: number): Promise<readonly WaitingEntry[]>;
  /** Makes the newest values of a channel an entry that waits; nothing if there are none. */
  foldPoints(channelId: number, now: number): Promise<void>;
  /** Notes that a call with these goes out: from now on they are unsettled. */
  begin(channelId: number, entries: readonly WaitingEntry[], now: number): Promise<void>;
  /**
   * Notes what came of it.
   * @param gone the times of those that ThingSpeak has: they are forgotten; all others wait again
   * @param bad what of them is kept as it is, as ThingSpeak has others of these times
   */
  settle(state: ChannelState, gone: readonly number[], bad?: readonly BadMessage[]): Promise<void>;
  /** Notes how the channel is, and nothing of its entries. */
  note(state: ChannelState): Promise<void>;
  /** The newest of what could not be taken, and how much there is. */
  bad(limit: number): Promise<{ readonly count: number; readonly newest: readonly BadMessage[] }>;
}
