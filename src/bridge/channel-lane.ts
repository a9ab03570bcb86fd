import type { Clock } from "../lib/time/clock.ts";
import { backoffMs } from "../lib/backoff.ts";
import { createLoop, type Loop } from "../lib/time/loop.ts";
import type { Logger } from "../lib/log.ts";
import type { BadMessage, BridgeStore, ChannelState, WaitingEntry } from "../store/bridge/types.ts";
import type { ChannelWriter, WriteResult } from "../thingspeak/writer.ts";
import { leftOutOf } from "./left-out.ts";
import { planChannelStep, RETRY, type Intervals } from "./plan-step.ts";

/** What a channel is written and read with. */
export interface ChannelKeys {
  readonly channelId: number;
  readonly writeKey: string | null;
  /** `null`: the channel is public, or nobody said. */
  readonly readKey: string | null;
}

/** What the lanes of a bridge share. */
export interface ChannelLaneOptions {
  readonly store: BridgeStore;
  readonly writer: ChannelWriter;
  readonly keysOf: (channelId: number) => ChannelKeys;
  readonly intervals: Intervals;
  /** Entries in one call at the most: 960, or 14,400 on paid plans (FACTS: A7). */
  readonly entriesPerCall: number;
  /** A channel is parked, or not any more (`null`). */
  readonly onParked: (channelId: number, problem: string | null) => Promise<void>;
  /** Entries were left out, and are kept as what could not be taken. */
  readonly onLeftOut: (leftOut: BadMessage) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What ThingSpeak says of a whole call if it has an entry of one of its times already: it takes none of it (FACTS: A8). */
const CONFLICTS: ReadonlySet<number> = new Set([400, 409]);

/** Brings what waits for one channel to ThingSpeak, one call after the other. It does nothing until it is woken. */
export class ChannelLane {
  readonly #channelId: number;
  readonly #options: ChannelLaneOptions;
  readonly #stopping = new AbortController();
  readonly #loop: Loop;
  #isWithoutKey = false;

  constructor(channelId: number, options: ChannelLaneOptions) {
    const { clock, log } = options;
    this.#channelId = channelId;
    this.#options = options;
    this.#loop = createLoop({
      step: () => this.#step(),
      // A thousand messages a second are no reason to count as often what waits.
      waitsOut: true,
      clock,
      onError: (error) => {
        if (!this.#stopping.signal.aborted) log.error({ err: error, channelId }, "bridge: trying again");
      },
    });
  }

  /** Says that there may be something to send; cheap. */
  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop.stop();
  }

  /** Takes up a parked channel. */
  async resume(): Promise<void> {
    const state = await this.#stateNow();
    if (state === null || state.parked === null) return;
    await this.#options.store.note({ ...state, parked: null, failures: 0, nextAt: 0 });
    await this.#options.onParked(this.#channelId, null);
    this.#loop.hurry();
  }

  async #stateNow(): Promise<ChannelState | null> {
    return (await this.#options.store.channels()).find(({ channelId }) => channelId === this.#channelId) ?? null;
  }

  async #step(): Promise<number | null> {
    const { store, keysOf, intervals, onParked, clock } = this.#options;
    const state = await this.#stateNow();
    if (state === null) return null;
    const next = planChannelStep(state, await store.queue(this.#channelId), intervals, clock.now());
    if (next.kind === "rest") return null;
    const { writeKey } = keysOf(this.#channelId);
    if (writeKey === null) return this.#missKey();
    if (this.#isWithoutKey) await onParked(this.#channelId, null);
    this.#isWithoutKey = false;
    if (next.kind === "wait") return next.ms;
    if (next.kind === "ask") await this.#ask(state);
    else await this.#call(state, writeKey);
    return 0;
  }

  /** Nothing can be done before somebody gives one, and what waits is kept. */
  async #missKey(): Promise<null> {
    if (!this.#isWithoutKey) await this.#options.onParked(this.#channelId, "it has no write key");
    this.#isWithoutKey = true;
    return null;
  }

  async #call(state: ChannelState, writeKey: string): Promise<void> {
    const { store, writer, entriesPerCall, clock } = this.#options;
    const channelId = this.#channelId;
    await store.foldPoints(channelId, clock.now());
    const entries = await store.waiting(channelId, entriesPerCall);
    const [first] = entries;
    if (first === undefined) return;
    await store.begin(channelId, entries, clock.now());
    const { signal } = this.#stopping;
    const result =
      entries.length === 1 && first.kind === "point"
        ? await writer.update(writeKey, first, signal)
        : await writer.bulk(channelId, writeKey, entries, signal);
    await this.#afterCall({ ...state, calledAt: clock.now() }, entries, result);
  }

  async #afterCall(state: ChannelState, entries: readonly WaitingEntry[], result: WriteResult): Promise<void> {
    const { store, onParked, clock, log } = this.#options;
    const channelId = this.#channelId;
    const now = clock.now();
    if (result.kind === "taken") {
      const words = entries.length === 1 ? "1 entry taken" : `${entries.length} entries taken`;
      const taken = { ...counted(state, entries.length, now), result: words, failures: 0, nextAt: 0 };
      return store.settle(taken, timesOf(entries));
    }
    const nextAt = now + backoffMs(state.failures, RETRY);
    const failed = { ...state, result: result.detail, failures: state.failures + 1, nextAt };
    log.warn({ channelId, result: result.detail, entries: entries.length }, "bridge: entries not taken");
    if (result.kind === "unknown") return store.note(failed);
    // None of it was taken, whatever becomes of us while the feed is asked.
    await store.settle(failed, []);
    if (result.kind === "later") return;
    if (CONFLICTS.has(result.status) && (await this.#leaveOut(state, entries))) return;
    await store.note({ ...failed, parked: result.detail });
    await onParked(channelId, result.detail);
  }

  /**
   * Leaves out of a refused call what would have it refused for ever: entries of times that the channel has, from wherever.
   * @returns whether there were any: the rest goes with the next call
   */
  async #leaveOut(state: ChannelState, entries: readonly WaitingEntry[]): Promise<boolean> {
    const { store, onLeftOut, clock, log } = this.#options;
    const channelId = this.#channelId;
    const there = await this.#timesThere(entries);
    const known = entries.filter(({ at }) => there?.has(at));
    if (known.length === 0) return false;
    const leftOut = leftOutOf(channelId, known, clock.now());
    log.warn(
      { channelId, entries: known.length },
      "bridge: entries left out, as the channel has others of their times",
    );
    await store.settle({ ...state, result: leftOut.problem }, timesOf(known), [leftOut]);
    await onLeftOut(leftOut);
    return true;
  }

  /** Whether ThingSpeak has what a call carried whose answer was lost, or that this program did not live to see. */
  async #ask(state: ChannelState): Promise<void> {
    const { store, clock, log } = this.#options;
    const channelId = this.#channelId;
    const entries = await store.unsettled(channelId);
    const there = await this.#timesThere(entries);
    // A time is unique in a channel (FACTS: A8), so that what it has cannot be written twice, whoever cannot be asked.
    if (there === null)
      log.warn({ channelId }, "bridge: cannot read the channel, so after a lost answer its entries are sent once more");
    const taken = timesOf(entries).filter((at) => there?.has(at));
    const words = `${taken.length} of ${entries.length} entries of a call without an answer had been taken`;
    log.info({ channelId }, `bridge: ${words}`);
    const failures = taken.length === entries.length ? 0 : state.failures;
    await store.settle({ ...counted(state, taken.length, clock.now()), result: words, failures }, taken);
  }

  #timesThere(entries: readonly WaitingEntry[]): ReturnType<ChannelWriter["timesAmong"]> {
    const { writer, keysOf } = this.#options;
    const { readKey } = keysOf(this.#channelId);
    return writer.timesAmong(this.#channelId, readKey, timesOf(entries), this.#stopping.signal);
  }
}

const timesOf = (entries: readonly WaitingEntry[]): number[] => entries.map(({ at }) => at);

/** Messages are counted by the year, as ThingSpeak's allotment is. */
function counted(state: ChannelState, entries: number, now: number): ChannelState {
  const year = new Date(now).getUTCFullYear();
  return { ...state, year, taken: (state.year === year ? state.taken : 0) + entries };
}
