import type { Clock } from "../lib/time/clock.ts";
import { createBucket, type Limiter } from "./bucket.ts";
import { ChatQueue } from "./chat-queue.ts";
import { createRetryAfter, type RetryAfter } from "./retry-after.ts";
import { NOTHING, revive, toKept, type KeptPace } from "./kept-pace.ts";
import { CHAT, GROUP, MAX_WAITING, TOKEN } from "./rate-limits.ts";
import type { CallKind, Turn } from "./turns.ts";
import { createWindow, type Window } from "./window.ts";

/** Keeps to Telegram's limits (rate-limits.ts) before being told to, and to what it is told; shares a chat's pace among all who call it. */
export interface Pace {
  /**
   * Waits for a turn to make a call of one of these kinds.
   * @param onTurn is called once, at once if it is the turn already
   * @returns what takes the wish back; after the turn was given it does nothing
   */
  ask(chatId: number, kinds: ReadonlySet<CallKind>, onTurn: (turn: Turn) => void): () => void;
  /**
   * The same for one call that is made for sure.
   * @param places how many messages it makes: an album counts each of its items
   * @returns `null`: too many wait there, or Telegram wants to hear nothing for now and the program is about to stop
   */
  turn(chatId: number, kind: CallKind, places?: number): Promise<Turn | null>;
  /** Whether a call that can as well be left out may go now. */
  isFree(chatId: number): boolean;
  /** How long Telegram wants to hear nothing about this chat; 0 if it does not. */
  heldMs: RetryAfter["waitMs"];
  /** Telegram asked to wait. */
  refused: RetryAfter["refused"];
  /** For the next run. */
  readonly kept: () => KeptPace;
  /** Nobody waits any more for a chat that Telegram wants to hear nothing about. */
  close(): void;
}

/** How the pace is begun. */
interface PaceOptions {
  /** `false`: without token buckets, for a Bot API server of one's own, and benchmarks. What Telegram asks for is obeyed in either case. */
  readonly isOn: boolean;
  /** What an earlier run kept. */
  readonly past?: KeptPace;
  readonly clock: Clock;
}

/** Begins to keep to the pace. */
export const createPace = (options: PaceOptions): Pace => new SharedPace(options);

class SharedPace implements Pace {
  readonly #isOn: boolean;
  readonly #clock: Clock;
  readonly #retryAfter: RetryAfter;
  readonly #windows: Map<number, Window>;
  readonly #token: Limiter;
  readonly #queues = new Map<number, ChatQueue>();
  #isClosed = false;
  readonly heldMs: RetryAfter["waitMs"];
  readonly refused: RetryAfter["refused"];

  constructor({ isOn, past = NOTHING, clock }: PaceOptions) {
    const { waits, calls } = revive(past, clock);
    this.#isOn = isOn;
    this.#clock = clock;
    this.#retryAfter = createRetryAfter(clock.elapsed, waits);
    this.#windows = new Map([...calls].map(([chatId, ended]) => [chatId, createWindow(GROUP, clock.elapsed, ended)]));
    this.#token = createBucket(TOKEN, clock.elapsed);
    this.heldMs = this.#retryAfter.waitMs;
    this.refused = this.#retryAfter.refused;
  }

  ask(chatId: number, kinds: ReadonlySet<CallKind>, onTurn: (turn: Turn) => void): () => void {
    const request = { kinds, places: 1, grant: onTurn };
    this.#queueOf(chatId).requests.add(request);
    this.#serve(chatId);
    return () => void this.#queueOf(chatId).requests.delete(request);
  }

  turn(chatId: number, kind: CallKind, places = 1): Promise<Turn | null> {
    const { requests } = this.#queueOf(chatId);
    if (requests.size >= MAX_WAITING || this.#isGivenUp(chatId)) return Promise.resolve(null);
    return new Promise((resolve) => {
      requests.add({ kinds: new Set([kind]), places, grant: resolve, drop: () => resolve(null) });
      this.#serve(chatId);
    });
  }

  readonly isFree = (chatId: number): boolean => {
    const queue = this.#queueOf(chatId);
    return queue.requests.size === 0 && this.heldMs(chatId) === 0 && queue.waitMs(1, "other") === 0;
  };

  readonly kept = (): KeptPace => {
    const calls = [...this.#windows].map(([chatId, window]) => [chatId, window.calls()] as const);
    return toKept({ waits: this.#retryAfter.waits(), calls }, this.#clock);
  };

  close(): void {
    this.#isClosed = true;
    for (const chatId of this.#queues.keys()) this.#serve(chatId);
  }

  /** Whether nobody is to wait there any more. */
  #isGivenUp(chatId: number): boolean {
    return this.#isClosed && this.heldMs(chatId) > 0;
  }

  /** Gives turns for as long as there are any; comes back when there is the next. */
  #serve(chatId: number): void {
    const queue = this.#queueOf(chatId);
    queue.cancelTimer();
    for (let next = queue.next(); next !== null; next = queue.next()) {
      const { request, kind, claim } = next;
      const inMs = Math.max(this.heldMs(chatId), queue.waitMs(request.places, claim));
      if (inMs > 0) {
        if (this.#isGivenUp(chatId)) return queue.dismiss();
        queue.cancelTimer = this.#clock.after(inMs, () => this.#serve(chatId));
        return;
      }
      queue.take(next);
      this.#retryAfter.called(chatId);
      request.grant({
        kind,
        end: (isSpent) => {
          queue.release(request.places, isSpent, claim);
          this.#serve(chatId);
        },
      });
    }
  }

  #queueOf(chatId: number): ChatQueue {
    const known = this.#queues.get(chatId);
    if (known) return known;
    const { elapsed } = this.#clock;
    const limiters = this.#isOn ? [this.#token, createBucket(CHAT, elapsed), ...this.#windowOf(chatId)] : [];
    const queue = new ChatQueue(limiters, elapsed);
    this.#queues.set(chatId, queue);
    return queue;
  }

  /** Groups, supergroups and channels have negative ids. */
  #windowOf(chatId: number): readonly Window[] {
    if (chatId >= 0) return [];
    const window = this.#windows.get(chatId) ?? createWindow(GROUP, this.#clock.elapsed);
    this.#windows.set(chatId, window);
    return [window];
  }
}
