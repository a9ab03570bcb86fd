import type { Clock } from "../lib/time/clock.ts";
import type { RefillRate } from "../lib/token-bucket.ts";
import { createBucket, type Claim, type Limiter } from "./bucket.ts";
import { createHolds, type Holds } from "./holds.ts";
import { readKeptPace, revive, toKept, type KeptPace } from "./kept-pace.ts";
import { createTurns, type CallKind, type Turns } from "./turns.ts";
import { createWindow, type Window, type WindowOptions } from "./window.ts";

/** The right to make one call to a chat now. It is to be ended, exactly once, as soon as the call is over or is not to be made. */
export interface Turn {
  readonly kind: CallKind;
  /** @param isSpent whether the call counts: it was carried out, or may have been */
  end(isSpent: boolean): void;
}

/** Keeps to Telegram's limits before being told to, and to what it is told; shares a chat's pace among all who call it. */
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
  heldMs: Holds["waitMs"];
  /** Telegram asked to wait. */
  refused: Holds["refused"];
  /** For the next run. */
  kept(): KeptPace;
  /** Nobody waits any more for a chat that Telegram wants to hear nothing about. */
  close(): void;
}

/**
 * Telegram's limits (1/s a chat with short bursts, 30/s a token; core.telegram.org/bots/faq). A bucket lets its burst through and
 * then its rate, so burst + rate must fit in the limit for no second to exceed it.
 */
const CHAT: RefillRate = { burst: 4, msPerUnit: 1_000 };
const TOKEN: RefillRate = { burst: 5, msPerUnit: 1_000 / 25 };
/**
 * 20 a minute in a group (same source), edits too. Two are kept free for critical alarms, of which ten ring without delay; who asks need
 * not wait for a place either, as long as few do.
 */
const GROUP: WindowOptions = {
  periodMs: 60_000,
  shares: {
    urgent: { burst: 10, limit: 20 },
    answer: { burst: 4, limit: 18 },
    other: { burst: 4, limit: 18 },
  },
};
/** An album is to fit into a burst. */
export const MAX_PLACES = CHAT.burst;
/** More people who wait in one chat are not told any more: what they asked for would come much too late. */
const MAX_WAITING = 200;

interface Request {
  readonly kinds: ReadonlySet<CallKind>;
  readonly places: number;
  readonly grant: (turn: Turn) => void;
  /** Gives up; left out: whoever asks waits for as long as it takes. */
  readonly drop?: () => void;
}

/** One chat: what its calls are taken from, and who waits. */
interface Queue {
  readonly limiters: readonly Limiter[];
  readonly turns: Turns;
  readonly requests: Set<Request>;
  cancelTimer: () => void;
}

/**
 * The pace with token buckets, or without any; what Telegram asks for is obeyed in either case.
 * @param options.isOn `false`: for a Bot API server of one's own, and benchmarks
 * @param options.past what an earlier run kept
 */
export function createPace(options: { readonly isOn: boolean; readonly past?: KeptPace; readonly clock: Clock }): Pace {
  const { isOn, past = readKeptPace(null), clock } = options;
  const { waits, calls } = revive(past, clock);
  const holds = createHolds(clock.elapsed, waits);
  const windows = new Map([...calls].map(([chatId, ended]) => [chatId, createWindow(GROUP, clock.elapsed, ended)]));
  const token = createBucket(TOKEN, clock.elapsed);
  const queues = new Map<number, Queue>();
  let isClosed = false;

  /** Groups, supergroups and channels have negative ids. */
  function windowOf(chatId: number): readonly Window[] {
    if (chatId >= 0) return [];
    const window = windows.get(chatId) ?? createWindow(GROUP, clock.elapsed);
    windows.set(chatId, window);
    return [window];
  }

  function queueOf(chatId: number): Queue {
    const known = queues.get(chatId);
    if (known) return known;
    const limiters = isOn ? [token, createBucket(CHAT, clock.elapsed), ...windowOf(chatId)] : [];
    const queue = {
      limiters,
      turns: createTurns(clock.elapsed),
      requests: new Set<Request>(),
      cancelTimer: () => undefined,
    };
    queues.set(chatId, queue);
    return queue;
  }

  const waitMs = (chatId: number, places: number, claim: Claim): number =>
    Math.max(holds.waitMs(chatId), ...queueOf(chatId).limiters.map((limiter) => limiter.waitMs(places, claim)));

  /** Gives turns for as long as there are any; comes back when there is the next. */
  function serve(chatId: number): void {
    const queue = queueOf(chatId);
    const { requests, turns } = queue;
    queue.cancelTimer();
    for (;;) {
      const waiting = new Set([...requests].flatMap(({ kinds }) => [...kinds]));
      const kind = turns.next(waiting);
      const request = kind && [...requests].find(({ kinds }) => kinds.has(kind));
      if (!kind || !request) return;
      // What goes between critical ones, so that it does not starve, takes their places.
      const claim = waiting.has("critical") ? "urgent" : kind === "answer" ? "answer" : "other";
      const inMs = waitMs(chatId, request.places, claim);
      if (inMs > 0) {
        if (isClosed && holds.waitMs(chatId) > 0) return dismiss(requests);
        queue.cancelTimer = clock.after(inMs, () => serve(chatId));
        return;
      }
      requests.delete(request);
      turns.given(kind, waiting);
      holds.called(chatId);
      for (const limiter of queue.limiters) limiter.reserve(request.places);
      request.grant(turnOf(chatId, kind, request.places, claim));
    }
  }

  function dismiss(requests: Set<Request>): void {
    for (const request of [...requests].filter(({ drop }) => drop)) {
      requests.delete(request);
      request.drop?.();
    }
  }

  const turnOf = (chatId: number, kind: CallKind, places: number, claim: Claim): Turn => ({
    kind,
    end(isSpent) {
      for (const limiter of queueOf(chatId).limiters) limiter.release(places, isSpent, claim);
      serve(chatId);
    },
  });

  return {
    ask(chatId, kinds, onTurn) {
      const request = { kinds, places: 1, grant: onTurn };
      queueOf(chatId).requests.add(request);
      serve(chatId);
      return () => void queueOf(chatId).requests.delete(request);
    },
    turn(chatId, kind, places = 1) {
      const { requests } = queueOf(chatId);
      if (requests.size >= MAX_WAITING || (isClosed && holds.waitMs(chatId) > 0)) return Promise.resolve(null);
      return new Promise((resolve) => {
        requests.add({ kinds: new Set([kind]), places, grant: resolve, drop: () => resolve(null) });
        serve(chatId);
      });
    },
    isFree: (chatId) => queueOf(chatId).requests.size === 0 && waitMs(chatId, 1, "other") === 0,
    heldMs: holds.waitMs,
    refused: holds.refused,
    kept: () =>
      toKept({ waits: holds.waits(), calls: [...windows].map(([id, window]) => [id, window.calls()]) }, clock),
    close() {
      isClosed = true;
      for (const chatId of queues.keys()) serve(chatId);
    },
  };
}
