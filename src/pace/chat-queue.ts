import type { Claim, Limiter } from "./bucket.ts";
import { createTurns, type CallKind, type Turn, type Turns } from "./turns.ts";

/** Somebody who waits to make a call. */
interface Request {
  readonly kinds: ReadonlySet<CallKind>;
  readonly places: number;
  readonly grant: (turn: Turn) => void;
  /** Gives up; left out: whoever asks waits for as long as it takes. */
  readonly drop?: () => void;
}

/** Whose turn it is, and for what. */
interface Next {
  readonly request: Request;
  readonly kind: CallKind;
  readonly claim: Claim;
  /** The kinds of all calls that wait, its own included. */
  readonly waiting: ReadonlySet<CallKind>;
}

/** One chat: who waits to call it, and what its calls are taken from. */
export class ChatQueue {
  readonly requests = new Set<Request>();
  cancelTimer: () => void = () => undefined;
  readonly #limiters: readonly Limiter[];
  readonly #turns: Turns;

  /** @param elapsed ms of a clock that nobody sets */
  constructor(limiters: readonly Limiter[], elapsed: () => number) {
    this.#limiters = limiters;
    this.#turns = createTurns(elapsed);
  }

  /** How long until a call of so many places may be made; 0 if it may now. */
  waitMs(places: number, claim: Claim): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.waitMs(places, claim)));
  }

  /** Whose turn it is; `null`: nobody waits. */
  next(): Next | null {
    const waiting = new Set([...this.requests].flatMap(({ kinds }) => [...kinds]));
    const kind = this.#turns.next(waiting);
    const request = kind && [...this.requests].find(({ kinds }) => kinds.has(kind));
    if (!kind || !request) return null;
    // What goes between critical ones, so that it does not starve, takes their places.
    const claim = waiting.has("critical") ? "urgent" : kind === "answer" ? "answer" : "other";
    return { request, kind, claim, waiting };
  }

  /** Takes the next one's places; it waits no more. */
  take({ request, kind, waiting }: Next): void {
    this.requests.delete(request);
    this.#turns.given(kind, waiting);
    for (const limiter of this.#limiters) limiter.reserve(request.places);
  }

  /** A call is over; what it was given comes back at once if nothing came of it. */
  release(places: number, isSpent: boolean, claim: Claim): void {
    for (const limiter of this.#limiters) limiter.release(places, isSpent, claim);
  }

  /** Sends away all who can give up. */
  dismiss(): void {
    for (const request of this.requests) {
      if (!request.drop) continue;
      this.requests.delete(request);
      request.drop();
    }
  }
}
